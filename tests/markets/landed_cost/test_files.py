"""Files of law: whole or not at all, and every mistake named where it stands."""

from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from catalog.reference import one_reference
from markets.landed_cost import CustomsGoods, DutyAnswer, assess_duties
from markets.landed_cost.files import BadFile, Imported, add_missing, import_rows, read_lines
from markets.landed_cost.loading import load_duties, load_law
from markets.landed_cost.tables import load_duty_tables
from markets.landed_cost.terms import Basis, Formula
from markets.models import CustomsTerritory, DutyRate, HsCode, ImportFee, ImportRule, IncotermRule
from tests.factories import make_market
from tests.markets.landed_cost.rows import convert, goods, parcel

pytestmark = pytest.mark.django_db
D = Decimal

HEADER = "destination,hs_prefix,label,kind,percent,amount,currency,valid_from,valid_to,source"


def ask_loaded(
    lane: str, currency: str, on: date, *lines: CustomsGoods, **fields: Any
) -> DutyAnswer:
    asked = parcel(*lines, lane=lane, currency=currency, on=on, **fields)
    return assess_duties(asked, tables=load_duty_tables(lane[-2:], on=on), convert=convert)


def rates(*lines: str, header: str = HEADER) -> list[str]:
    return [f"{line}\n" for line in (header, *lines)]


def problems(table: str, lines: list[str]) -> list[tuple[int, str]]:
    with pytest.raises(BadFile) as caught:
        import_rows(table, lines)
    return [(problem.line, problem.column) for problem in caught.value.problems]


def test_file_is_taken_over_and_a_later_line_ends_the_open_one_before_it() -> None:
    first = import_rows("duty_rates", rates("GB,6109,Duty,ad_valorem,12,,,2021-01-01,,gov.uk"))
    again = import_rows("duty_rates", rates("GB,6109,Duty,ad_valorem,10,,,2021-01-01,,mended"))
    later = import_rows("duty_rates", rates("GB,6109,Duty,ad_valorem,8,,,2027-01-01,,law"))
    assert (first, again, later) == (Imported(1, 0, 0), Imported(0, 1, 0), Imported(1, 0, 1))
    rows = DutyRate.objects.order_by("valid_from")
    assert [(row.percent, row.valid_from, row.valid_to, row.source) for row in rows] == [
        (D(10), date(2021, 1, 1), date(2027, 1, 1), "mended"),
        (D(8), date(2027, 1, 1), None, "law"),
    ]


def test_mistakes_are_named_by_line_and_column_and_nothing_is_taken() -> None:
    found = problems(
        "duty_rates",
        rates(
            "GB,6109,Duty,ad_valorem,12,,,2021-01-01,,good",
            "gb,61x,Duty,ad_valorem,-1,,,2021-01-01,,x",
            "GB,62,Duty,by_weight,much,,,soon,,x",
            "GB,63,Duty,per_unit,0,3,,2021-01-01,,x",
            "GB,64,Duty",
            "GB,6109,Duty,ad_valorem,9,,,2021-01-01,,twice",
        ),
    )
    assert found == [
        (3, "destination"), (3, "hs_prefix"), (3, "percent"), (4, "valid_from"),
        (5, "currency"), (6, ""), (7, "valid_from"),
    ]  # fmt: skip
    assert not DutyRate.objects.exists()


def test_header_is_checked_before_anything_else() -> None:
    header = "destination,hs,valid_from,valid_from"
    assert problems("duty_rates", rates("GB,61,2021-01-01,2021-01-01", header=header)) == [
        (1, "hs"), (1, "valid_from"), (1, "kind"), (1, "label"),
    ]  # fmt: skip


def test_overlap_that_no_line_explains_is_refused() -> None:
    import_rows("duty_rates", rates("GB,61,Duty,ad_valorem,9,,,2026-01-01,,x"))
    assert problems("duty_rates", rates("GB,61,Duty,ad_valorem,9,,,2025-01-01,,x")) == [
        (2, "valid_from")
    ]
    assert DutyRate.objects.count() == 1


def test_factors_that_a_formula_cannot_use_are_refused() -> None:
    header = "destination,origin_group,basis,tax_basis,formula,currency,factors,valid_from"
    for factors in (
        "{}", "nonsense", '"{""bands"": [{""percent"": 0.2}], ""value_to"": ""9""}"',
        '"{""bands"": [{""percent"": ""20"", ""up_to"": ""5""}], ""value_to"": ""9""}"',
        '"{""bands"": [{""percent"": ""20""}], ""value_to"": ""9"", ""x"": 1}"',
    ):  # fmt: skip
        lines = rates(f"BR,,cif,cif,brazil,USD,{factors},2026-01-01", header=header)
        assert problems("import_rules", lines) == [(2, "factors")], factors


def test_delivery_terms_name_a_market_that_is_there() -> None:
    make_market("fr")
    header = "market,origin,destination,terms,currency,valid_from"
    lines = rates("fr,,,ddp,EUR,2026-01-01", "xx,,,dap,EUR,2026-01-01", header=header)
    assert problems("incoterms", lines) == [(3, "market")]
    assert add_missing("incoterms", lines) == 1
    assert IncotermRule.objects.get().terms == "ddp"


def test_file_of_another_encoding_is_refused() -> None:
    with pytest.raises(BadFile, match="UTF-8"):
        read_lines(BytesIO("Zölle".encode("latin-1")))


def test_command_takes_a_file_and_tells_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("".join(rates("GB,61,Duty,ad_valorem,9,,,2026-01-01,,x")))
    out = StringIO()
    call_command("load_duties", table="duty_rates", file=file, stdout=out)
    assert out.getvalue() == "duty_rates: 1 added, 0 changed, 0 ended\n"
    file.write_text("".join(rates("GB,61,Duty,ad_valorem,lots,,,2027-01-01,,x")))
    with pytest.raises(CommandError, match="line 2, percent"):
        call_command("load_duties", table="duty_rates", file=file)
    with pytest.raises(CommandError, match="--table"):
        call_command("load_duties", file=file)


def test_law_that_comes_along_is_loaded_once_and_staff_keeps_its_changes() -> None:
    make_market("fr")
    added = load_duties()
    assert added["hs_codes"] == HsCode.objects.count() == 6939
    assert added["incoterms"] == 1
    ImportFee.objects.filter(destination="FR").update(amount=D("2.50"))
    assert set(load_duties().values()) == {0}
    assert ImportFee.objects.get(destination="FR").amount == D("2.50")


def test_everything_unverified_says_so_and_all_has_a_source() -> None:
    load_law()
    for model in (CustomsTerritory, DutyRate, ImportRule, ImportFee):
        assert not model.objects.filter(source="").exists()
    handling = ImportFee.objects.get(destination="EU")
    assert not handling.is_in_use
    assert "to be confirmed" in handling.source


def fees_to(country: str, on: date) -> list[tuple[str, Decimal]]:
    tables = load_duty_tables(country, on=on)
    return [(fee.destination, fee.amount) for fee in tables.fees]


def test_national_fees_begin_on_their_day_and_end_with_the_unions() -> None:
    load_law()
    assert fees_to("FR", date(2026, 2, 28)) == []
    assert fees_to("FR", date(2026, 3, 1)) == [("FR", D(2))]
    assert fees_to("RO", date(2025, 12, 31)) == []
    assert fees_to("RO", date(2026, 1, 1)) == [("RO", D(25))]
    assert fees_to("IT", date(2026, 12, 1)) == []
    ImportFee.objects.filter(destination="EU").update(is_in_use=True)
    day = date(2026, 11, 24)
    answer = ask_loaded("GB FR", "EUR", day, goods("a", "20"), goods("b", "20", hs_code="640399"))
    fees = [(part.row, part.amount) for part in answer.components if part.kind == "fee"]
    assert fees == [(f"importfee:{ImportFee.objects.get(destination='EU').pk}", D(4))]
    assert fees_to("DE", date(2026, 10, 31)) == []


@pytest.mark.parametrize(("on", "duty"), [(date(2026, 6, 30), "0"), (date(2026, 7, 1), "6.00")])
def test_two_shirts_and_one_shoe_by_the_law_that_is_loaded(on: date, duty: str) -> None:
    load_law()
    answer = ask_loaded(
        "GB FR", "EUR", on, goods("red", "15"), goods("blue", "15"),
        goods("shoe", "30", hs_code="640399"), scheme="ioss", freight=D(5),
    )  # fmt: skip
    assert answer.duty == D(duty)
    assert answer.fees == D(4)  # France's fee of two headings.
    assert answer.tax_base == 65 + D(duty)


@pytest.mark.parametrize(
    ("on", "amount"),
    [(date(2025, 8, 28), "0"), (date(2026, 2, 23), "0"), (date(2026, 2, 24), "10.00"),
     (date(2026, 7, 23), "10.00"), (date(2026, 7, 24), "0")],
)  # fmt: skip
def test_united_states_surcharge_ran_for_its_days(on: date, amount: str) -> None:
    load_law()
    assert ask_loaded("DE US", "USD", on, goods()).duty == D(amount)


def test_tables_of_a_country_have_its_unions_rows_and_its_markets_terms() -> None:
    load_law()
    market = make_market("ch", currency="CHF", countries=["CH"])
    load_law()
    france = load_duty_tables("FR", on=date(2026, 11, 24))
    assert [rule.destination for rule in france.rules] == ["EU"]
    assert france.territory("MC") == "EU"
    assert not france.is_import("DE", "FR")
    assert france.lanes == ()
    swiss = load_duty_tables("CH", on=date(2026, 11, 24), market_id=market.pk)
    assert [(lane.terms, lane.clearance_fee) for lane in swiss.lanes] == [("dap", D(13))]
    brazil = load_duty_tables("BR", on=date(2026, 11, 24)).rules[0]
    assert (brazil.formula, brazil.basis) == (Formula.BRAZIL, Basis.CIF)
    assert brazil.factors.bands[0].up_to == D(50)


def test_warm_tables_cost_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    load_law()
    with one_reference(), django_assert_num_queries(0):
        load_duty_tables("FR", on=date(2026, 11, 24))
