"""Files of law: seen before they are taken, whole or not at all, every mistake named."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from catalog.models import TaxCategory
from markets.landed_cost.loading import load_duties, load_law
from markets.law_files import (
    TABLE_NAMES,
    BadFile,
    Kind,
    LawFile,
    PastRewritten,
    Plan,
    PlanChanged,
    export_lines,
    plan_file,
    take_file,
)
from markets.loading import DATA, load_tax_law, load_tax_rates
from markets.models import DutyRate, HsCode, IncotermRule, TaxRate, TaxThreshold
from tests.factories import make_market

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = date(2026, 11, 25)
RATES = "destination,hs_prefix,label,kind,percent,amount,currency,valid_from,valid_to,source"
VAT = "country,category,percent,name,valid_from,valid_to"


def file_of(table: str, *lines: str, **fields: Any) -> LawFile:
    return LawFile(table, "".join(f"{line}\n" for line in lines).encode(), **fields)


def take(table: str, *lines: str, **fields: Any) -> Plan:
    return take_file(file_of(table, *lines, **fields), today=TODAY, rewrite_past=True)


def counts(plan: Plan) -> tuple[int, int, int, int]:
    return (*(plan.count(kind) for kind in Kind), plan.unchanged)  # type: ignore[return-value]


def problems(table: str, *lines: str) -> list[tuple[int, str]]:
    file = file_of(table, *lines)
    planned = plan_file(file, today=TODAY).problems
    with pytest.raises(BadFile) as caught:
        take_file(file, today=TODAY, rewrite_past=True)
    assert caught.value.problems == planned
    return [(problem.line, problem.column) for problem in planned]


def rates() -> list[tuple[Decimal, date, date | None]]:
    return list(
        TaxRate.objects.order_by("valid_from").values_list("percent", "valid_from", "valid_to")
    )


@pytest.fixture
def _germany() -> None:
    TaxCategory.objects.get_or_create(code="standard", defaults={"name": "Standard"})
    TaxRate.objects.create(
        country="DE", category_id="standard", percent=D(19), name="MwSt", source="before",
        valid_from=date(2021, 1, 1),
    )  # fmt: skip


@pytest.mark.usefixtures("_germany")
def test_new_rate_ends_the_one_before_on_the_day_before() -> None:
    plan = take("tax_rates", VAT, "DE,standard,20,MwSt,2027-01-01,", source="Gesetz")
    assert counts(plan) == (1, 0, 1, 0)
    assert not plan.rewrites_past
    assert rates() == [
        (D(19), date(2021, 1, 1), date(2027, 1, 1)), (D(20), date(2027, 1, 1), None),
    ]  # fmt: skip
    assert TaxRate.objects.get(percent=20).source == "Gesetz"
    again = take("tax_rates", VAT, "DE,standard,20,MwSt,2027-01-01,")
    assert counts(again) == (0, 0, 0, 1)
    assert TaxRate.objects.get(percent=20).source == "Gesetz"


@pytest.mark.usefixtures("_germany")
def test_past_is_rewritten_only_where_that_is_agreed_to() -> None:
    for lines in (
        ["DE,standard,18,MwSt,2021-01-01,"],  # Another rate where it stands.
        ["DE,standard,20,MwSt,2026-11-24,"],  # Began yesterday.
        ["DE,standard,19,MwSt,2021-01-01,2026-11-24"],  # Ended the day before yesterday.
    ):
        file = file_of("tax_rates", VAT, *lines)
        assert plan_file(file, today=TODAY).rewrites_past, lines
        with pytest.raises(PastRewritten):
            take_file(file, today=TODAY)
        assert rates() == [(D(19), date(2021, 1, 1), None)]
    for line in ("DE,standard,20,MwSt,2026-11-25,", "DE,standard,19,VAT,2021-01-01,",
                 "DE,standard,19,MwSt,2021-01-01,2026-11-25"):  # fmt: skip
        assert not plan_file(file_of("tax_rates", VAT, line), today=TODAY).rewrites_past, line


@pytest.mark.usefixtures("_germany")
def test_rate_for_a_time_needs_the_one_after_it() -> None:
    low = "DE,standard,16,MwSt,2027-07-01,2028-01-01"
    assert problems("tax_rates", VAT, low) == [(2, "valid_to")]
    take("tax_rates", VAT, low, "DE,standard,19,MwSt,2028-01-01,")
    assert rates() == [
        (D(19), date(2021, 1, 1), date(2027, 7, 1)),
        (D(16), date(2027, 7, 1), date(2028, 1, 1)),
        (D(19), date(2028, 1, 1), None),
    ]


@pytest.mark.usefixtures("_germany")
def test_overlap_that_no_line_explains_is_refused() -> None:
    over = "DE,standard,9,MwSt,2020-01-01,2021-02-01"
    assert problems("tax_rates", VAT, over) == [(2, "valid_to")]
    assert problems(
        "tax_rates", VAT, "DE,standard,9,MwSt,2019-01-01,2020-06-01",
        "DE,standard,8,MwSt,2020-01-01,2021-01-01",
    ) == [(2, "valid_to")]  # fmt: skip


@pytest.mark.usefixtures("_germany")
def test_open_row_ends_before_the_next_that_is_there() -> None:
    plan = take("tax_rates", VAT, "DE,standard,9,MwSt,2020-01-01,")
    assert counts(plan) == (1, 0, 0, 0)
    assert rates()[0] == (D(9), date(2020, 1, 1), date(2021, 1, 1))


def test_mistakes_are_named_by_line_and_column_and_nothing_is_taken() -> None:
    found = problems(
        "duty_rates", RATES,
        "GB,6109,Duty,ad_valorem,12,,,2021-01-01,,good",
        "gb,61x,Duty,ad_valorem,-1,,,2021-01-01,,x",
        "GB,62,Duty,by_weight,much,,,soon,,x",
        "GB,63,Duty,per_unit,0,3,,2021-01-01,,x",
        "GB,64,Duty",
        "GB,6109,Duty,ad_valorem,9,,,2021-01-01,,twice",
        "GB,109,Duty,ad_valorem,9,,,2021-01-01,,a dropped 0",
        "GB,65,Duty,ad_valorem,NaN,,,2021-01-01,,x",
        "GB,66,Duty,ad_valorem,1e999,,,2021-13-01,,x",
    )  # fmt: skip
    assert found == [
        (3, "destination"), (3, "hs_prefix"), (3, "percent"), (4, "percent"), (4, "valid_from"),
        (5, "currency"), (6, ""), (7, "valid_from"), (8, "hs_prefix"), (9, "percent"),
        (10, "valid_from"),
    ]  # fmt: skip
    assert not DutyRate.objects.exists()


@pytest.mark.usefixtures("_germany")
def test_what_the_database_would_refuse_is_named_too() -> None:
    for line in ("FR,standard,-5,TVA,2027-01-01,", "FR,standard,120,TVA,2027-01-01,"):
        assert [number for number, _column in problems("tax_rates", VAT, line)] == [2], line
    header = "scheme,country,amount,currency,rule,period,valid_from"
    line = "sales_tax,US,100000,USD,both,previous_year,2027-01-01"
    assert [number for number, _column in problems("tax_thresholds", header, line)] == [2]
    assert problems("tax_rates", VAT, "FR,cheese,5,TVA,2027-01-01,") == [(2, "category")]
    assert not TaxThreshold.objects.exists()


def test_header_is_checked_before_anything_else() -> None:
    header = "destination,hs,valid_from,valid_from"
    assert problems("duty_rates", header, "GB,61,2021-01-01,2021-01-01") == [
        (1, "hs"), (1, "valid_from"), (1, "kind"), (1, "label"),
    ]  # fmt: skip
    assert problems("duty_rates") != []


@pytest.mark.usefixtures("_germany")
@pytest.mark.parametrize(
    "content",
    [
        "\ufeffcountry;category;percent;name;valid_from;;\r\nDE;standard;20,5;ÄÖ;01.01.2027;;\r\n",
        "Country\tCategory\tPercent\tName\tValid_from\nDE\tstandard\t20.5\tÄÖ\t2027-01-01\n",
    ],
)
def test_files_of_spreadsheets_are_read_as_they_write_them(content: str) -> None:
    encoding = "utf-8" if ";" in content else "utf-16"
    take_file(LawFile("tax_rates", content.encode(encoding)), today=TODAY)
    row = TaxRate.objects.get(valid_from=date(2027, 1, 1))
    assert (row.percent, row.name) == (D("20.5"), "ÄÖ")


@pytest.mark.parametrize(
    "content",
    ["Zölle".encode("latin-1"), b"PK\x03\x04\0\0", b"", b'country,"open\nx', b"\0" * 100,
     b"x" * 10_000_001, b"country\n" + b'"' + b"x" * 200_000, b"{", b"[]", b'{"rates": {"DE": 5}}',
     b'{"rates": {"DE": {"standard": "x"}}}', b'{"rates": {"Germany": {"standard": 19}}}',
     b"[" * 100_000, b'{"rates": {"DE": {"standard": NaN}}}'],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_reason(content: bytes) -> None:
    file = LawFile("tax_rates", content)
    assert plan_file(file, today=TODAY).problems
    with pytest.raises(BadFile):
        take_file(file, today=TODAY)


def test_list_of_current_vat_rates_changes_what_has_changed() -> None:
    load_tax_rates()
    listed = {
        "version": "2026-12-01", "source": "TEDB",
        "rates": {
            "DE": {"standard": 19.0, "reduced": [7.0]},
            "RO": {"standard": 22.0, "reduced": [12.0], "super_reduced": None},
            "FI": {"standard": 25.5, "reduced": [10.0, 14.0], "effective_from": "2027-01-01"},
            "QZ": {"standard": 10, "reduced": [], "vat_abbr": "QST"},
        },
    }  # fmt: skip
    plan = take("tax_rates", json.dumps(listed))
    assert [str(change.row) for change in plan.changes if change.kind is Kind.NEW] == [
        "RO standard 22 %", "RO books 12 %", "RO food 12 %", "QZ standard 10 %",
    ]  # fmt: skip
    assert sorted(note.split(":")[0] for note in plan.notes) == ["FI, Books", "FI, Food"]
    row = TaxRate.objects.get(country="RO", category="standard", percent=22)
    assert (row.name, row.source, row.valid_from) == ("TVA", "TEDB, 2026-12-01", date(2026, 12, 1))
    assert TaxRate.objects.get(country="RO", category="standard", percent=21).valid_to == date(
        2026, 12, 1
    )
    assert counts(take("tax_rates", json.dumps(listed)))[:3] == (0, 0, 0)


def test_history_of_standard_rates_fills_what_is_missing() -> None:
    header = "country,name,effective_from,standard_rate"
    lines = ["DE,Germany,2016-01-01,19", "DE,Germany,2020-07-01,16", "DE,Germany,2021-01-01,19"]
    plan = take("tax_rates", header, *lines, source="Duty27")
    assert counts(plan) == (3, 0, 0, 0)
    assert rates() == [
        (D(19), date(2016, 1, 1), date(2020, 7, 1)),
        (D(16), date(2020, 7, 1), date(2021, 1, 1)),
        (D(19), date(2021, 1, 1), None),
    ]
    assert counts(take("tax_rates", header, *reversed(lines))) == (0, 0, 0, 3)
    TaxRate.objects.filter(percent=16).delete()
    TaxRate.objects.filter(valid_to=date(2020, 7, 1)).update(valid_to=date(2021, 1, 1))
    assert counts(take("tax_rates", header, *lines)) == (1, 0, 1, 1)
    assert rates()[1] == (D(16), date(2020, 7, 1), date(2021, 1, 1))
    assert problems("tax_rates", header, "DE,Germany,soon,a lot", "Germany,,2020-01-01,5") == [
        (2, "standard_rate"), (2, "effective_from"), (3, "country"),
    ]  # fmt: skip


def test_history_agrees_with_the_rates_that_come_along() -> None:
    load_tax_rates()
    plan = take(
        "tax_rates", "country,name,effective_from,standard_rate", "FI,Finland,2016-01-01,24",
        "FI,Finland,2024-09-01,25.5", "EE,Estonia,2025-07-01,24", "GR,Greece,2016-01-01,23",
        "GR,Greece,2016-06-01,24",
    )  # fmt: skip
    assert counts(plan) == (0, 0, 0, 5)


def test_every_table_survives_a_round_trip() -> None:
    make_market("fr")
    load_tax_rates()
    load_tax_law()
    load_duties()
    DutyRate.objects.filter(destination="US").update(label="=1+1")
    for table in TABLE_NAMES:
        lines = list(export_lines(table))
        plan = plan_file(LawFile(table, "".join(lines).encode("utf-8-sig")), today=TODAY)
        assert (counts(plan)[:3], plan.problems) == ((0, 0, 0), ()), table
        assert plan.unchanged == len(lines) - 1 > 0, table
    assert any("'=1+1" in line for line in export_lines("duty_rates"))


@pytest.mark.parametrize("name", ["tax_rates", "tax_place_rules", "tax_thresholds",
                                  "special_territories", "category_rules"])  # fmt: skip
def test_files_that_come_along_are_taken_as_they_are(name: str) -> None:
    load_tax_rates()
    load_tax_law()
    content = (DATA / f"{name}.csv").read_bytes()
    assert plan_file(LawFile(name, content), today=TODAY).problems == ()


def test_delivery_terms_name_a_market_that_is_there() -> None:
    make_market("fr")
    header = "market,origin,destination,terms,currency,valid_from"
    lines = [header, "fr,,,ddp,EUR,2026-01-01", "xx,,,dap,EUR,2026-01-01"]
    assert problems("incoterms", *lines) == [(3, "market")]
    take("incoterms", *lines[:2])
    assert IncotermRule.objects.get().terms == "ddp"


def test_nomenclature_is_added_to_and_reworded() -> None:
    HsCode.objects.create(code="61", description="Apparel", level=2)
    plan = take(
        "hs_codes", "section,hscode,description,parent,level", "XI,61,Apparel; knitted,,2",
        "XI,6109,T-shirts,61,4", "XI,6109.10,Of cotton,6109,6",
    )  # fmt: skip
    assert counts(plan) == (2, 1, 0, 0)
    assert list(HsCode.objects.values_list("code", "description", "level")) == [
        ("61", "Apparel; knitted", 2), ("6109", "T-shirts", 4), ("610910", "Of cotton", 6),
    ]  # fmt: skip
    assert problems("hs_codes", "code,description", "101,Live", "61,", "61,A", "61,B") == [
        (2, "code"), (3, "description"), (5, "code"),
    ]  # fmt: skip


def test_tariff_of_many_lines_is_planned_with_few_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    lines = [f"GB,{code},Duty,ad_valorem,5,,,2027-01-01,,x" for code in range(100000, 101000)]
    with django_assert_num_queries(1):
        plan = plan_file(file_of("duty_rates", RATES, *lines), today=TODAY)
    assert counts(plan) == (1000, 0, 0, 0)


@pytest.mark.usefixtures("_germany")
def test_plan_that_is_no_longer_true_is_not_taken() -> None:
    file = file_of("tax_rates", VAT, "DE,standard,20,MwSt,2027-01-01,")
    shown = plan_file(file, today=TODAY).fingerprint
    assert shown == plan_file(file, today=TODAY).fingerprint
    TaxRate.objects.update(percent=D("19.5"))
    with pytest.raises(PlanChanged):
        take_file(file, today=TODAY, fingerprint=shown)
    assert len(rates()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_take_turns() -> None:
    load_law()
    barrier, outcomes = Barrier(2), []

    def run(percent: int) -> None:
        file = file_of("duty_rates", RATES, f"GB,61,Duty,ad_valorem,{percent},,,2027-01-01,,x")
        shown = plan_file(file, today=TODAY).fingerprint
        barrier.wait()
        try:
            take_file(file, today=TODAY, fingerprint=shown)
            outcomes.append("taken")
        except PlanChanged:
            outcomes.append("changed")
        finally:
            connection.close()

    threads = [Thread(target=run, args=(percent,)) for percent in (8, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed", "taken"]
    assert DutyRate.objects.filter(destination="GB", hs_prefix="61").count() == 1


@pytest.mark.usefixtures("_germany")
def test_command_looks_first_and_takes_then(tmp_path: Path) -> None:
    path = tmp_path / "law.csv"
    path.write_text(f"{VAT}\nDE,standard,20,MwSt,2999-01-01,\n")
    out = StringIO()
    call_command("import_law", "tax_rates", path, dry_run=True, stdout=out)
    assert "1 new, 0 changed, 1 ended, 0 unchanged; nothing was written" in out.getvalue()
    assert len(rates()) == 1
    call_command("import_law", "tax_rates", path, stdout=StringIO())
    assert TaxRate.objects.get(percent=20).source == "law.csv"
    path.write_text(f"{VAT}\nDE,standard,20,MwSt,2022-01-01,2021-01-01\n")
    with pytest.raises(CommandError, match="line 2, valid_to"):
        call_command("import_law", "tax_rates", path, dry_run=True)
    path.write_text(f"{VAT}\nDE,standard,18,MwSt,2021-01-01,\n")
    with pytest.raises(CommandError, match="--rewrite-past"):
        call_command("import_law", "tax_rates", path)
    with pytest.raises(CommandError):
        call_command("import_law", "tax_rates", tmp_path / "none.csv")
    exported = StringIO()
    call_command("export_law", "tax_rates", stdout=exported)
    assert exported.getvalue().splitlines()[1].startswith("DE,,standard,19,MwSt,no,2021-01-01,2999")
