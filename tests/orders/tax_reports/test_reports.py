from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from markets.models import LegalEntity
from markets.money import quantise
from orders.events import record_event
from orders.models import Order
from orders.tax_reports.documents import list_documents
from orders.tax_reports.exporting import write_csv
from orders.tax_reports.facts import Amounts
from orders.tax_reports.one_stop_shop import OneStopReturn
from orders.tax_reports.overview import list_agreements
from orders.tax_reports.periods import Period, parse_period
from orders.tax_reports.places import PlaceSummary
from orders.tax_reports.reading import REPORTS
from orders.tax_reports.reports import NoSuchReturn, Report, make_report
from orders.tax_reports.sales_list import SalesList
from tests.factories import make_tax_rate
from tests.orders.tax_reports.rows import (
    Sold,
    credit,
    invoice,
    make_entity,
    make_rate,
    make_seller,
    make_sold,
    make_union,
)

pytestmark = pytest.mark.django_db
Q1, Q2 = parse_period("2026-Q1"), parse_period("2026-Q2")
FEB, MAR, MAY = date(2026, 2, 10), date(2026, 3, 20), date(2026, 5, 5)


def oss(period: Period, entity: LegalEntity, name: str = "oss") -> OneStopReturn:
    summed = make_report(name, period=period, entity_id=entity.pk).summed
    assert isinstance(summed, OneStopReturn)
    return summed


def places(name: str, period: Period, entity: LegalEntity) -> PlaceSummary:
    summed = make_report(name, period=period, entity_id=entity.pk).summed
    assert isinstance(summed, PlaceSummary)
    return summed


def test_return_is_of_the_quarter_in_which_goods_left() -> None:
    entity = make_entity()
    market = make_seller(entity)
    order = make_sold(
        market,
        [
            Sold("100.00", "19.00"),
            Sold("20.00", "1.40", "7"),
            Sold("5.00", "0.95", kind="shipping"),
        ],
        on=date(2026, 3, 31),
    )
    invoice(order, on=date(2026, 4, 1))
    assert oss(Q1, entity).sales == ()
    rows = [(r.key.is_reduced, r.key.percent, r.base, r.tax) for r in oss(Q2, entity).sales]
    assert rows == [
        (False, Decimal(19), Decimal("105.00"), Decimal("19.95")),
        (True, Decimal(7), Decimal("20.00"), Decimal("1.40")),
    ]


def test_refund_in_the_second_quarter_lands_as_a_correction_of_the_first() -> None:
    entity = make_entity()
    market = make_seller(entity)
    order = make_sold(market, [Sold("100.00", "19.00")], on=FEB)
    invoice(order, on=FEB)
    before = oss(Q1, entity)
    credit(order, "59.50", on=MAY)
    assert oss(Q1, entity) == before
    second = oss(Q2, entity)
    assert second.sales == ()
    assert [(row.period, row.consumption, row.tax) for row in second.corrections] == [
        (Q1, "DE", Decimal("-9.50"))
    ]


def test_correction_row_opens_the_documents_that_it_is_of() -> None:
    entity = make_entity()
    order = make_sold(make_seller(entity), [Sold("100.00", "19.00")], on=FEB)
    invoice(order, on=FEB)
    note = credit(order, "59.50", on=MAY)
    report = make_report("oss", period=Q2, entity_id=entity.pk)
    (document,) = list_documents(report, row="2026-Q1~DE")
    assert (document.reference, document.order_id) == (note.reference, order.pk)
    assert document.amounts == Amounts("EUR", Decimal("-50.00"), Decimal("-9.50"))
    assert list_documents(report, row="DE~NL~standard~19") == []


def test_foreign_currency_is_counted_by_the_rate_of_the_last_day_or_the_next_published() -> None:
    entity = make_entity()
    swedish = make_seller(entity, "se", currency="SEK", countries=["SE"])
    order = make_sold(swedish, [Sold("1000.00", "250.00", "25", jurisdiction="SE")], on=FEB)
    invoice(order, on=FEB)
    make_rate("SEK", "10.00", date(2026, 3, 30))
    assert oss(Q1, entity).is_provisional is True
    make_rate("SEK", "12.50", date(2026, 4, 1))
    make_rate("SEK", "20.00", date(2026, 4, 2))
    found = oss(Q1, entity)
    assert (found.base, found.tax) == (Decimal("80.00"), Decimal("20.00"))
    assert found.is_provisional is False
    make_rate("SEK", "11.00", Q1.last)
    assert oss(Q1, entity).tax == quantise(Decimal(250) / 11, "EUR")


def test_currency_that_the_ecb_does_not_quote_goes_through_its_peg() -> None:
    entity = make_entity()
    market = make_seller(entity, "ae", currency="AED", countries=["AE"])
    order = make_sold(market, [Sold("367.25", "0.00", "0", regime="no_nexus",
                                    jurisdiction="US-NY")], on=FEB)  # fmt: skip
    invoice(order, on=FEB)
    make_rate("USD", "1.25", Q1.last)
    make_rate("AED", "3.6725", date(1997, 11, 1), provider="peg", base="USD")
    found = places("us", Q1, entity)
    assert found.totals == (Amounts("USD", Decimal("100.00"), Decimal("0.00")),)
    assert found.is_provisional is False


def test_import_sale_counts_in_the_month_in_which_its_payment_was_accepted() -> None:
    entity = make_entity()
    market = make_seller(entity)
    part = Sold("71.00", "14.20", "20", regime="ioss", jurisdiction="FR", ship_from="GB")
    order = make_sold(market, [part], on=date(2026, 1, 31))
    record_event(order, "payment_authorised", now=datetime(2026, 1, 31, 22, 0, tzinfo=UTC))
    invoice(order, on=date(2026, 2, 2))
    credit(order, "42.60", on=MAR)
    january, february, march = (
        oss(parse_period(f"2026-0{month}"), entity, "ioss") for month in (1, 2, 3)
    )
    assert [(r.base, r.tax) for r in january.sales] == [(Decimal("71.00"), Decimal("14.20"))]
    assert (february.sales, february.corrections) == ((), ())
    assert [(str(r.period), r.tax) for r in march.corrections] == [("2026-01", Decimal("-7.10"))]


def test_import_payment_at_night_counts_by_the_clock_of_the_market() -> None:
    entity = make_entity()
    part = Sold("71.00", "14.20", "20", regime="ioss", jurisdiction="FR", ship_from="GB")
    order = make_sold(make_seller(entity), [part], on=date(2026, 1, 31))
    record_event(order, "payment_captured", now=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    invoice(order, on=date(2026, 2, 2))
    assert oss(parse_period("2026-01"), entity, "ioss").sales == ()
    assert len(oss(parse_period("2026-02"), entity, "ioss").sales) == 1


def test_sale_invoiced_after_its_return_was_due_is_a_correction() -> None:
    entity = make_entity()
    part = Sold("71.00", "14.20", "20", regime="ioss", jurisdiction="FR", ship_from="GB")
    order = make_sold(make_seller(entity), [part], on=date(2026, 1, 10))
    invoice(order, on=date(2026, 3, 5))
    january, march = (oss(parse_period(f"2026-0{month}"), entity, "ioss") for month in (1, 3))
    assert january.sales == ()
    assert march.sales == ()
    assert [(str(r.period), r.tax) for r in march.corrections] == [("2026-01", Decimal("14.20"))]


def test_duty_without_tax_is_no_part_of_the_import_return() -> None:
    entity = make_entity()
    common: dict[str, Any] = {"regime": "ioss", "jurisdiction": "FR", "ship_from": "GB"}
    order = make_sold(
        make_seller(entity),
        [Sold("60.00", "12.00", "20", **common), Sold("6.00", "0.00", "0", kind="duty", **common)],
        on=FEB,
    )
    invoice(order, on=FEB)
    assert oss(parse_period("2026-02"), entity, "ioss").base == Decimal("60.00")
    duties = places("duties", Q1, entity)
    assert [(row.key.tax_name, row.net) for row in duties.rows] == [("duty", Decimal("6.00"))]


def test_reverse_charge_is_left_out_of_the_return_and_listed() -> None:
    make_union("DE", "NL")
    entity = make_entity()
    market = make_seller(entity)
    order = make_sold(
        market, [Sold("100.00", "0.00", "0", regime="reverse_charge")], on=FEB,
        buyer_tax_id="DE123456788", buyer_company="Kunde GmbH",
    )  # fmt: skip
    invoice(order, on=FEB)
    credit(order, "30.00", on=MAR)
    assert oss(Q1, entity).sales == ()
    listed = make_report("reverse-charge", period=Q1, entity_id=entity.pk).summed
    assert isinstance(listed, SalesList)
    assert [(r.country, r.tax_id, r.buyer, r.net, r.credited) for r in listed.listed] == [
        ("DE", "DE123456788", "Kunde GmbH", Decimal("70.00"), Decimal("-30.00"))
    ]


def test_provinces_taxes_are_told_apart_also_of_a_refund() -> None:
    entity = make_entity()
    market = make_seller(entity, "ca", currency="CAD", countries=["CA"], prices_include_tax=False)
    quebec = Sold(
        "200.00", "29.95", "14.975", regime="sales_tax", jurisdiction="CA-QC", ship_from="CA-ON",
        tax_name="GST + QST",
        parts=(
            {"name": "GST", "percent": "5", "tax": "10.00", "row": "taxrate:1"},
            {"name": "QST", "percent": "9.975", "tax": "19.95", "row": "taxrate:2"},
        ),
    )  # fmt: skip
    order = make_sold(market, [quebec], on=FEB)
    invoice(order, on=FEB)
    credit(order, "114.98", on=MAR)
    found = places("ca", Q1, entity)
    assert [(r.key.region, r.key.tax_name, r.sales.net, r.sales.tax) for r in found.rows] == [
        ("QC", "GST", Decimal("200.00"), Decimal("10.00")),
        ("QC", "QST", Decimal("200.00"), Decimal("19.95")),
    ]
    (total,) = found.totals
    assert total.gross == Decimal("114.97")


def test_other_company_s_sales_stay_out() -> None:
    mine, other = make_entity(), make_entity("Other GmbH")
    order = make_sold(make_seller(other), [Sold("100.00", "19.00")], on=FEB)
    invoice(order, on=FEB)
    assert oss(Q1, mine).sales == ()


def test_scheme_without_such_a_period_is_refused() -> None:
    entity = make_entity()
    for name, period in (("oss", "2026-01"), ("ioss", "2026-Q1"), ("oss", "2021-Q2")):
        with pytest.raises(NoSuchReturn):
            make_report(name, period=parse_period(period), entity_id=entity.pk)


def test_report_reads_three_orders_with_as_many_queries_as_one() -> None:
    entity = make_entity()
    market = make_seller(entity)
    counts: list[int] = []
    for _ in range(2):
        for _ in range(1 if not counts else 2):
            invoice(make_sold(market, [Sold("100.00", "19.00")], on=FEB), on=FEB)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            oss(Q1, entity)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_csv_keeps_what_a_buyer_typed_from_being_a_formula() -> None:
    make_union("DE", "NL")
    entity = make_entity()
    order = make_sold(
        make_seller(entity), [Sold("100.00", "0.00", "0", regime="reverse_charge")], on=FEB,
        buyer_tax_id="DE123456788", buyer_company="=1+1 GmbH",
    )  # fmt: skip
    invoice(order, on=FEB)
    text = write_csv(make_report("reverse-charge", period=Q1, entity_id=entity.pk))
    assert text == (
        "ec_sales_list,country,buyer_tax_id,buyer,net,of_which_credited,currency,orders\r\n"
        "yes,DE,DE123456788,'=1+1 GmbH,100.00,0.00,EUR,1\r\n"
    )


PARTS = st.builds(
    lambda net, kind, place: _taxed(net, kind, *place),
    st.integers(1, 40_000),
    st.sampled_from(["goods", "goods", "shipping", "duty"]),
    st.sampled_from([
        ("oss", "DE", "19"), ("oss", "FR", "5.5"), ("ioss", "FR", "20"), ("domestic", "NL", "21"),
        ("reverse_charge", "DE", "0"), ("sales_tax", "US-NY", "4"), ("no_nexus", "US-OR", "0"),
        ("sales_tax", "CA-ON", "13"), ("uk_consignment", "GB", "20"), ("import_ddp", "GB", "0"),
    ]),
)  # fmt: skip


def _taxed(cents: int, kind: str, regime: str, place: str, percent: str) -> Sold:
    net = Decimal(cents) / 100
    tax = Decimal(0) if kind == "duty" else quantise(net * Decimal(percent) / 100, "EUR")
    rate = "0" if kind == "duty" else percent
    return Sold(str(net), str(tax), rate, kind, regime, place)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    baskets=st.lists(
        st.tuples(
            st.lists(PARTS, min_size=1, max_size=5),
            st.integers(0, 89),
            st.lists(st.tuples(st.integers(1, 60), st.integers(0, 200)), max_size=3),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_basket_order_invoices_and_reports_are_one_sum(
    baskets: list[tuple[list[Sold], int, list[tuple[int, int]]]],
) -> None:
    """Over any year: each part of each order is in one report, also after partial refunds."""
    before = transaction.savepoint()
    try:
        _check_one_sum(baskets)
    finally:
        transaction.savepoint_rollback(before)


def _check_one_sum(baskets: list[tuple[list[Sold], int, list[tuple[int, int]]]]) -> None:
    entity = make_entity()
    market = make_seller(entity)
    for country in ("FR", "US", "CA", "GB"):
        make_tax_rate(country)
    for year in (2026, 2027):
        for quote, rate in (("USD", "1.10"), ("CAD", "1.60")):
            make_rate(quote, rate, date(year, 12, 31))
    kept = Decimal(0)
    for parts, day, refunds in baskets:
        parts = _one_charge_of_a_kind(parts)
        order = make_sold(market, parts, on=date(2026, 1, 1) + timedelta(days=day))
        assert order.gross == sum((Decimal(p.net) + Decimal(p.tax) for p in parts), Decimal(0))
        invoice(order, on=order.placed_at.date())
        kept += order.gross - _refund(order, refunds)
    agreements = [a for year in ("2026", "2027") for a in list_agreements(
        period=parse_period(year), entity_id=entity.pk)]  # fmt: skip
    assert all(agreement.agrees for agreement in agreements)
    assert sum((a.documents.gross for a in agreements), Decimal(0)) == kept
    assert _reported(entity) == kept


def _reported(entity: LegalEntity) -> Decimal:
    """Add up all reports of two years, in the currency of the documents."""
    total = Decimal(0)
    for name in REPORTS:
        months = {"oss": 3, "ioss": 1}.get(name, 12)
        period = Period(date(2026, 1, 1), months)
        while period.first.year < 2028:
            total += _gross(make_report(name, period=period, entity_id=entity.pk))
            period = period.next()
    return total


def _gross(report: Report) -> Decimal:
    summed = report.summed
    match summed:
        case OneStopReturn():
            # Without a conversion what is declared is what was invoiced, to the cent.
            declared = summed.base + summed.tax
            changed = sum((row.base + row.tax for row in summed.corrections), Decimal(0))
            return declared + changed
        case SalesList():
            return sum((row.net for row in summed.rows), Decimal(0))
        case PlaceSummary():
            assert all(row.net + row.tax is not None for row in summed.rows)
            return sum((part.gross for row in summed.rows for part in row.parts), Decimal(0))


def _refund(order: Order, refunds: list[tuple[int, int]]) -> Decimal:
    given = Decimal(0)
    on = order.placed_at.date()
    for number, (percent, days) in enumerate(refunds):
        amount = min(quantise(order.gross * percent / 100, "EUR"), order.gross - given)
        on += timedelta(days=days)
        if amount > 0:
            credit(order, amount, on=on, key=f"{order.pk}:{number}")
            given += amount
    return given


def _one_charge_of_a_kind(parts: list[Sold]) -> list[Sold]:
    kept: list[Sold] = []
    for part in parts:
        if part.kind == "goods" or part.kind not in {other.kind for other in kept}:
            kept.append(part)
    return kept
