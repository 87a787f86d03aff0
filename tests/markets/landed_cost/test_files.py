"""The duties that come along, by what they make of parcels on their days."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.reference import one_reference
from markets.landed_cost import CustomsGoods, DutyAnswer, assess_duties
from markets.landed_cost.loading import load_duties, load_law
from markets.landed_cost.tables import load_duty_tables
from markets.landed_cost.terms import Basis, Formula
from markets.law_files import DUTY_TABLES, LawFile, add_missing, plan_file
from markets.models import CustomsTerritory, DutyRate, HsCode, ImportFee, ImportRule, IncotermRule
from tests.factories import make_market
from tests.markets.landed_cost.rows import convert, goods, parcel

pytestmark = pytest.mark.django_db
D = Decimal


def ask_loaded(
    lane: str, currency: str, on: date, *lines: CustomsGoods, **fields: Any
) -> DutyAnswer:
    asked = parcel(*lines, lane=lane, currency=currency, on=on, **fields)
    return assess_duties(asked, tables=load_duty_tables(lane[-2:], on=on), convert=convert)


def rows_of(*lines: str, header: str) -> list[str]:
    return [f"{line}\n" for line in (header, *lines)]


def problems(table: str, lines: list[str]) -> list[tuple[int, str]]:
    file = LawFile(table, "".join(lines).encode())
    plan = plan_file(file, today=date(2026, 11, 25))
    return [(problem.line, problem.column) for problem in plan.problems]


def test_factors_that_a_formula_cannot_use_are_refused() -> None:
    header = "destination,origin_group,basis,tax_basis,formula,currency,factors,valid_from"
    for factors in (
        "{}", "nonsense", '"{""bands"": [{""percent"": 0.2}], ""value_to"": ""9""}"',
        '"{""bands"": [{""percent"": ""20"", ""up_to"": ""5""}], ""value_to"": ""9""}"',
        '"{""bands"": [{""percent"": ""20""}], ""value_to"": ""9"", ""x"": 1}"',
    ):  # fmt: skip
        lines = rows_of(f"BR,,cif,cif,brazil,USD,{factors},2026-01-01", header=header)
        assert problems("import_rules", lines) == [(2, "factors")], factors


def test_delivery_terms_name_a_market_that_is_there() -> None:
    make_market("fr")
    header = "market,origin,destination,terms,currency,valid_from"
    lines = rows_of("fr,,,ddp,EUR,2026-01-01", "xx,,,dap,EUR,2026-01-01", header=header)
    assert problems("incoterms", lines) == [(3, "market")]
    assert add_missing(DUTY_TABLES["incoterms"], lines) == 1
    assert IncotermRule.objects.get().terms == "ddp"


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
