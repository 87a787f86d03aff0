from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.money import quantise, split
from orders.tax_reports.conversion import DayRate, Rates, ReportRateMissing
from orders.tax_reports.facts import Amounts, TaxFact
from orders.tax_reports.finland import write_finnish_file
from orders.tax_reports.one_stop_shop import (
    CorrectionRow,
    OneStopReturn,
    RowKey,
    SaleRow,
    sum_return,
)
from orders.tax_reports.periods import Period, parse_period, period_of
from orders.tax_reports.terms import ReturnTerms, find_terms
from tests.orders.tax_reports.facts import make_credit, make_fact

Q1, Q2, Q3 = (parse_period(f"2026-Q{number}") for number in (1, 2, 3))
FEB, MAY, JUL = date(2026, 2, 10), date(2026, 5, 5), date(2026, 7, 1)


def terms_of(scheme: str = "union_oss") -> ReturnTerms:
    terms = find_terms(scheme, on=Q1.last)
    assert terms is not None
    return terms


def rates_of(period: Period) -> Rates:
    """Give other rates for each period, so that a wrong one shows."""
    months = (period.first.year - 2026) * 12 + period.first.month
    return Rates(
        day=period.last,
        per_euro={
            "PLN": DayRate(Decimal("4.25") + Decimal(months) / 100, period.last),
            "SEK": DayRate(Decimal("11.0335") + Decimal(months) / 10, period.last),
            "JPY": DayRate(Decimal("171.37") + months, period.last),
        },
    )


def sum_of(facts: list[TaxFact], period: Period, scheme: str = "union_oss") -> OneStopReturn:
    return sum_return(facts, period=period, terms=terms_of(scheme), rates_of=rates_of)


def test_return_has_a_row_per_consumption_dispatch_and_rate() -> None:
    found = sum_of(
        [
            make_fact("100.00", "19.00"),
            make_fact("50.00", "9.50", order_id=2),
            make_fact("20.00", "1.40", percent=Decimal(7), is_standard=False),
            make_fact("10.00", "1.90", ship_from="PL"),
            make_fact("10.00", "2.00", country="FR", percent=Decimal(20)),
        ],
        Q1,
    )
    assert found.sales == (
        SaleRow(RowKey("DE", "NL", False, Decimal(19)), Decimal("150.00"), Decimal("28.50"),
                (Amounts("EUR", Decimal("150.00"), Decimal("28.50")),), 2),
        SaleRow(RowKey("DE", "NL", True, Decimal(7)), Decimal("20.00"), Decimal("1.40"),
                (Amounts("EUR", Decimal("20.00"), Decimal("1.40")),), 1),
        SaleRow(RowKey("DE", "PL", False, Decimal(19)), Decimal("10.00"), Decimal("1.90"),
                (Amounts("EUR", Decimal("10.00"), Decimal("1.90")),), 1),
        SaleRow(RowKey("FR", "NL", False, Decimal(20)), Decimal("10.00"), Decimal("2.00"),
                (Amounts("EUR", Decimal("10.00"), Decimal("2.00")),), 1),
    )  # fmt: skip
    assert found.corrections == ()
    assert found.payable == Decimal("33.80")
    assert found.due_on == date(2026, 4, 30)


def test_refund_of_a_sale_of_the_quarter_before_is_a_correction_of_that_quarter() -> None:
    facts = [
        make_fact("100.00", "19.00"),
        make_credit("40.00", "7.60", on=MAY, sale_on=FEB),
        make_fact("10.00", "1.90", on=MAY, order_id=2),
    ]
    first, second = sum_of(facts, Q1), sum_of(facts, Q2)
    assert [row.tax for row in first.sales] == [Decimal("19.00")]
    assert first.corrections == ()
    assert [(row.base, row.tax) for row in second.sales] == [(Decimal("10.00"), Decimal("1.90"))]
    assert second.corrections == (
        CorrectionRow(
            Q1, "DE", Decimal("-40.00"), Decimal("-7.60"),
            (Amounts("EUR", Decimal("-40.00"), Decimal("-7.60")),), 1,
        ),
    )  # fmt: skip
    assert [row.due for row in second.balances] == [Decimal("-5.70")]
    assert second.payable == Decimal(0)


def test_refund_within_the_quarter_lowers_its_row() -> None:
    facts = [make_fact(), make_credit("40.00", "7.60", on=FEB + timedelta(days=9), sale_on=FEB)]
    found = sum_of(facts, Q1)
    assert [(row.base, row.tax) for row in found.sales] == [(Decimal("60.00"), Decimal("11.40"))]
    assert found.corrections == ()


def test_correction_is_counted_by_the_rates_of_the_period_that_it_corrects() -> None:
    facts = [
        make_fact("100.00", "23.00", currency="PLN", country="PL", percent=Decimal(23)),
        make_credit("100.00", "23.00", on=MAY, sale_on=FEB, currency="PLN", country="PL",
                    percent=Decimal(23)),
    ]  # fmt: skip
    sold, corrected = sum_of(facts, Q1), sum_of(facts, Q2)
    assert sold.tax == quantise(Decimal("23.00") / Decimal("4.26"), "EUR") == Decimal("5.40")
    assert corrected.corrections_tax == -sold.tax


def test_worked_table_of_the_documentation() -> None:
    polish: dict[str, Any] = {"currency": "PLN", "country": "PL", "percent": Decimal(23)}
    facts = [
        make_fact("100.00", "23.00", **polish),
        make_credit("100.00", "23.00", on=MAY, sale_on=FEB, **polish),
        make_fact("10.00", "1.90", on=date(2026, 5, 6), currency="PLN"),
    ]
    first, second = sum_of(facts, Q1), sum_of(facts, Q2)
    assert (first.base, first.tax) == (Decimal("23.47"), Decimal("5.40"))
    assert (second.base, second.tax) == (Decimal("2.33"), Decimal("0.44"))
    assert [(str(r.period), r.consumption, r.tax) for r in second.corrections] == [
        ("2026-Q1", "PL", Decimal("-5.40"))
    ]
    assert second.payable == Decimal("0.44")


def test_late_refunds_each_land_in_the_return_of_their_own_quarter() -> None:
    facts = [
        make_fact("100.00", "19.00"),
        make_credit("10.00", "1.90", on=MAY, sale_on=FEB),
        make_credit("20.00", "3.80", on=JUL, sale_on=FEB),
        make_credit("5.00", "0.95", on=JUL, sale_on=MAY),
        make_fact("50.00", "9.50", on=MAY),
    ]
    third = sum_of(facts, Q3)
    assert third.sales == ()
    assert [(row.period, row.tax) for row in third.corrections] == [
        (Q1, Decimal("-3.80")),
        (Q2, Decimal("-0.95")),
    ]


def test_correction_after_three_years_is_told_apart() -> None:
    sold = make_fact()
    in_time = make_credit("10.00", "1.90", on=date(2029, 1, 5), sale_on=FEB)
    too_late = make_credit("10.00", "1.90", on=date(2029, 6, 1), sale_on=FEB)
    assert len(sum_of([sold, in_time], parse_period("2029-Q1")).corrections) == 1
    found = sum_of([sold, too_late], parse_period("2029-Q2"))
    assert found.corrections == ()
    assert [row.tax for row in found.out_of_time] == [Decimal("-1.90")]


def test_import_return_is_of_a_month() -> None:
    facts = [
        make_fact("71.00", "14.20", regime="ioss", country="FR", ship_from="GB",
                  percent=Decimal(20)),
        make_credit("5.00", "1.00", on=date(2026, 3, 1), sale_on=FEB, regime="ioss", country="FR",
                    ship_from="GB", percent=Decimal(20)),
    ]  # fmt: skip
    february = sum_of(facts, parse_period("2026-02"), "ioss")
    march = sum_of(facts, parse_period("2026-03"), "ioss")
    assert (february.base, february.tax) == (Decimal("71.00"), Decimal("14.20"))
    assert [str(row.period) for row in march.corrections] == ["2026-02"]
    assert march.corrections_tax == Decimal("-1.00")


def test_return_without_a_rate_is_refused() -> None:
    with pytest.raises(ReportRateMissing, match="KWD"):
        sum_of([make_fact(currency="KWD")], Q1)


def test_return_by_rates_from_before_its_last_day_is_provisional() -> None:
    early = Rates(Q1.last, {"PLN": DayRate(Decimal("4.25"), date(2026, 3, 1))})
    for currency, is_provisional in (("PLN", True), ("EUR", False)):
        found = sum_return(
            [make_fact(currency=currency)], period=Q1, terms=terms_of(), rates_of=lambda _: early
        )
        assert found.is_provisional is is_provisional


def test_finnish_file_keeps_sales_and_corrections_apart() -> None:
    facts = [
        make_fact("100.00", "19.00", on=MAY),
        make_fact("20.00", "1.20", on=MAY, ship_from="FI", country="GR", percent=Decimal(6),
                  is_standard=False),
        make_fact("9.00", "1.71"),
        make_fact("1.00", "0.19", on=MAY, ship_from="PL"),
        make_credit("4.00", "0.76", on=MAY, sale_on=FEB),
    ]  # fmt: skip
    file = write_finnish_file(
        sum_of(facts, Q2), vat_number="FI12345678", home="FI", numbers={"PL": "PL5260001246"}
    )
    assert file == (
        "1;FI12345678;1;DE;1;1;19,00;100,00;19,00;NL;;;\r\n"
        "2;FI12345678;1;DE;1;1;19,00;1,00;0,19;PL5260001246;;;\r\n"
        "3;FI12345678;1;EL;1;2;6,00;20,00;1,20;;;;\r\n"
        "4;FI12345678;2;;;;;;;;1/2026;DE;-0,76\r\n"
    )


@st.composite
def histories(draw: st.DrawFn) -> list[TaxFact]:
    """Draw sales of one year and what is credited of them later, in one or several parts."""
    facts: list[TaxFact] = []
    for number in range(draw(st.integers(1, 6))):
        currency = draw(st.sampled_from(["EUR", "PLN", "SEK", "JPY"]))
        percent = Decimal(draw(st.sampled_from(["19", "7", "25.5", "0"])))
        net = quantise(Decimal(draw(st.integers(0, 99_999))) / 100, currency)
        tax = quantise(net * percent / 100, currency)
        sold = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 364)))
        place = {
            "order_id": number,
            "currency": currency,
            "percent": percent,
            "country": draw(st.sampled_from(["DE", "FR"])),
            "ship_from": draw(st.sampled_from(["NL", "PL"])),
        }
        facts.append(make_fact(net, tax, on=sold, **place))
        weights = draw(st.lists(st.integers(1, 9), max_size=3))
        kept = draw(st.booleans())
        if weights:
            whole = [*weights, 1] if kept else weights
            nets, taxes = split(net, whole, currency), split(tax, whole, currency)
            for part in range(len(weights)):
                later = sold + timedelta(days=draw(st.integers(0, 500)))
                facts.append(
                    make_credit(str(nets[part]), str(taxes[part]), on=later, sale_on=sold, **place)
                )
    return facts


@given(histories())
def test_returns_and_their_corrections_add_up_to_what_was_kept(facts: list[TaxFact]) -> None:
    """The sum over all returns is, per period of sale, what one return of it all would be."""
    quarters = [Q1]
    while len(quarters) < 12:
        quarters.append(quarters[-1].next())
    returns = [sum_of(facts, quarter) for quarter in quarters]
    for quarter in quarters[:4]:
        own = [f for f in facts if period_of(f.sale_on, months=3) == quarter]
        told = sum((r.tax for r in returns if r.period == quarter), Decimal(0)) + sum(
            (row.tax for r in returns for row in r.corrections if row.period == quarter),
            Decimal(0),
        )
        # As if everything had been known when the return was made.
        at_once = sum_of([f if not f.is_credit else _at_once(f) for f in own], quarter)
        assert told == at_once.tax
    # In each currency the returns hold what was invoiced and credited, to the minor unit.
    for currency in {fact.currency for fact in facts}:
        told_parts = [
            part
            for found in returns
            for parts in (
                *(row.parts for row in found.sales),
                *(row.parts for row in found.corrections),
            )
            for part in parts
            if part.currency == currency
        ]
        own_facts = [fact for fact in facts if fact.currency == currency]
        assert sum(part.net for part in told_parts) == sum(fact.net for fact in own_facts)
        assert sum(part.tax for part in told_parts) == sum(fact.tax for fact in own_facts)


def _at_once(credit: TaxFact) -> TaxFact:
    return make_fact(
        credit.net, credit.tax, on=credit.sale_on, is_credit=True, currency=credit.currency,
        percent=credit.percent, country=credit.country, ship_from=credit.ship_from,
    )  # fmt: skip


@given(histories())
def test_rows_of_sales_are_never_negative(facts: list[TaxFact]) -> None:
    for quarter in (Q1, Q2, Q3):
        for row in sum_of(facts, quarter).sales:
            assert row.base >= 0
            assert row.tax >= 0
