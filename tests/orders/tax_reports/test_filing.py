"""What was filed stays as it was; what comes later counts later, and only once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Event, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from markets.models import ExchangeRate, LegalEntity, TaxRate
from orders.invoices import issue_invoice
from orders.models import FiledReturn, Invoice, Order
from orders.tax_reports.documents import list_documents
from orders.tax_reports.files import write_files
from orders.tax_reports.filing import (
    PeriodNotOver,
    ReturnProvisional,
    figures_of,
    file_return,
    find_filed,
    is_over,
)
from orders.tax_reports.keeping import pack, unpack
from orders.tax_reports.one_stop_shop import OneStopReturn
from orders.tax_reports.periods import Period, parse_period
from orders.tax_reports.reading import REPORTS
from orders.tax_reports.reports import Report, make_report
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
Q1, Q2, Q3 = (parse_period(f"2026-Q{n}") for n in (1, 2, 3))
FEB, MAR, APR, MAY, AUG = (date(2026, month, 20) for month in (2, 3, 4, 5, 8))
D = Decimal


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def mark(name: str, period: Period, entity: LegalEntity, *, on: date) -> FiledReturn:
    return file_return(name, period=period, entity_id=entity.pk, by="mara", now=noon(on))


def report(name: str, period: Period, entity: LegalEntity) -> Report:
    return make_report(name, period=period, entity_id=entity.pk)


def oss(period: Period, entity: LegalEntity) -> OneStopReturn:
    summed = report("oss", period, entity).summed
    assert isinstance(summed, OneStopReturn)
    return summed


def corrections(period: Period, entity: LegalEntity) -> list[tuple[str, str, Decimal]]:
    return [(str(row.period), row.consumption, row.tax) for row in oss(period, entity).corrections]


def sold(entity: LegalEntity, *parts: Sold, on: date, code: str = "de") -> Order:
    market = entity.markets.first() or make_seller(entity, code)
    return make_sold(market, parts or [Sold("100.00", "19.00")], on=on)


def test_refund_after_filing_is_a_correction_and_the_filed_figures_stay() -> None:
    entity = make_entity()
    order = sold(entity, on=FEB)
    invoice(order, on=FEB)
    filed = mark("oss", Q1, entity, on=APR)
    credit(order, "59.50", on=MAY)
    filed.refresh_from_db()
    figures = figures_of(filed)
    assert isinstance(figures, OneStopReturn)
    assert figures.payable == D("19.00")
    assert corrections(Q2, entity) == [("2026-Q1", "DE", D("-9.50"))]


def test_invoice_that_comes_after_filing_is_told_in_the_next_return() -> None:
    entity = make_entity()
    invoice(sold(entity, on=FEB), on=FEB)
    mark("oss", Q1, entity, on=date(2026, 4, 5))
    # Due on 30 April: before that it would have counted as the quarter's own.
    late = sold(entity, on=MAR)
    issue_invoice(late.pk, supplied_on=MAR, now=noon(date(2026, 4, 10)))
    assert oss(Q1, entity).tax == D("19.00")
    assert corrections(Q2, entity) == [("2026-Q1", "DE", D("19.00"))]


def test_document_dated_in_a_filed_period_counts_from_the_next_day() -> None:
    entity = make_entity()
    order = sold(entity, on=FEB)
    invoice(order, on=FEB)
    mark("oss", Q1, entity, on=APR)
    credit(order, "119.00", on=MAR)
    assert corrections(Q2, entity) == [("2026-Q1", "DE", D("-19.00"))]
    mark("oss", Q2, entity, on=date(2026, 7, 20))
    assert oss(Q3, entity).corrections == ()


@pytest.mark.parametrize("regime", ["domestic", "reverse_charge"])
def test_each_document_is_in_one_return_whenever_they_are_filed(regime: str) -> None:
    make_union("DE", "NL")
    entity = make_entity()
    name = "reverse-charge" if regime == "reverse_charge" else "countries"
    tax = "0.00" if regime == "reverse_charge" else "19.00"
    part = Sold("100.00", tax, regime=regime)
    first, second = sold(entity, part, on=FEB), sold(entity, part, on=FEB)
    invoice(first, on=FEB)
    mark(name, Q1, entity, on=APR)
    issue_invoice(second.pk, supplied_on=FEB, now=noon(APR))
    credit(first, D("100.00") + D(tax), on=MAR, key="late")
    mark(name, Q2, entity, on=date(2026, 7, 20))
    third = sold(entity, part, on=MAY)
    issue_invoice(third.pk, supplied_on=MAY, now=noon(AUG))
    told = [
        sorted(document.reference for document in list_documents(report(name, period, entity)))
        for period in (Q1, Q2, Q3)
    ]
    references = dict(Invoice.objects.values_list("operation_key", "reference"))
    assert told == [
        [references[f"order:{first.pk}"]],
        sorted([references[f"order:{second.pk}"], references["late"]]),
        [references[f"order:{third.pk}"]],
    ]


def test_filed_figures_outlive_a_change_of_rates_and_of_registrations() -> None:
    entity = make_entity()
    make_rate("PLN", "4.25", date(2026, 3, 31))
    market = make_seller(entity, "pl", currency="PLN", countries=["PL"])
    order = make_sold(market, [Sold("425.00", "97.75", "23", jurisdiction="PL")], on=FEB)
    invoice(order, on=FEB)
    files = write_files(report("oss", Q1, entity), entity)
    filed = mark("oss", Q1, entity, on=APR)
    ExchangeRate.objects.update(replaced_at=noon(MAY))
    make_rate("PLN", "5.00", date(2026, 3, 31))
    TaxRate.objects.update(percent=D(99))
    LegalEntity.objects.update(tax_id="NL999")
    known = find_filed("oss", period=Q1, entity_id=entity.pk)
    assert known == filed
    figures = figures_of(filed)
    assert isinstance(figures, OneStopReturn)
    assert figures.payable == D("23.00")
    assert known is not None
    assert known.files == files
    assert set(files) == {"csv", "finland"}


@pytest.mark.parametrize("name", REPORTS)
def test_figures_are_read_again_as_they_were(name: str) -> None:
    make_union("DE", "NL", "FR")
    entity = make_entity()
    places = {
        "oss": ("oss", "FR"), "ioss": ("ioss", "FR"), "us": ("sales_tax", "US-NY"),
        "ca": ("domestic", "CA-QC"), "reverse-charge": ("reverse_charge", "DE"),
        "countries": ("domestic", "NL"), "duties": ("import_ddp", "CH"),
    }  # fmt: skip
    regime, place = places[name]
    make_rate("USD", "1.10", date(2026, 4, 1))
    make_rate("CAD", "1.50", date(2026, 4, 1))
    is_plain = name in ("duties", "reverse-charge")
    part = Sold(
        "100.00", "0.00" if is_plain else "20.00", "0" if is_plain else "20",
        kind="duty" if name == "duties" else "goods", regime=regime, jurisdiction=place,
    )  # fmt: skip
    order = sold(entity, part, on=FEB)
    invoice(order, on=FEB)
    credit(order, "7.77", on=FEB)
    period = parse_period("2026-02") if name == "ioss" else Q1
    summed = report(name, period, entity).summed
    assert unpack(type(summed), pack(summed)) == summed
    assert figures_of(mark(name, period, entity, on=APR)) == summed
    rows = summed.sales if isinstance(summed, OneStopReturn) else summed.rows
    assert len(rows) == 1


def test_period_is_filed_once_per_report_and_length() -> None:
    entity = make_entity()
    invoice(sold(entity, on=FEB), on=FEB)
    first = mark("countries", Q1, entity, on=APR)
    assert mark("countries", Q1, entity, on=MAY) == first
    assert mark("countries", parse_period("2026-02"), entity, on=MAY) != first
    assert FiledReturn.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        FiledReturn.objects.update(filed_by="someone else")
    with pytest.raises(IntegrityError), transaction.atomic():
        FiledReturn.objects.all().delete()


def test_return_of_nothing_can_be_filed_and_closes_its_period() -> None:
    entity = make_entity()
    filed = mark("oss", Q1, entity, on=APR)
    assert filed.last_document is None
    invoice(sold(entity, on=FEB), on=FEB)
    assert oss(Q1, entity).sales == ()
    assert corrections(Q2, entity) == [("2026-Q1", "DE", D("19.00"))]


def test_period_is_over_when_it_is_by_the_clock_of_each_market() -> None:
    entity = make_entity()
    make_seller(entity, "us", time_zone="Pacific/Honolulu")
    make_seller(entity, "jp", time_zone="Asia/Tokyo", countries=["JP"])
    early, late = datetime(2026, 4, 1, 9, tzinfo=UTC), datetime(2026, 4, 1, 10, tzinfo=UTC)
    assert not is_over(Q1, entity_id=entity.pk, now=early)
    assert is_over(Q1, entity_id=entity.pk, now=late)
    with pytest.raises(PeriodNotOver):
        file_return("oss", period=Q1, entity_id=entity.pk, by="mara", now=early)


def test_return_waits_for_the_rates_of_its_last_day() -> None:
    entity = make_entity()
    market = make_seller(entity, "pl", currency="PLN", countries=["PL"])
    make_rate("PLN", "4.25", date(2026, 3, 30))
    invoice(make_sold(market, [Sold("10.00", "2.30", "23", jurisdiction="PL")], on=FEB), on=FEB)
    with pytest.raises(ReturnProvisional):
        mark("oss", Q1, entity, on=date(2026, 4, 7))
    assert not FiledReturn.objects.exists()
    # No rate comes any more: the currency is not quoted again.
    assert mark("oss", Q1, entity, on=date(2026, 4, 8)).report == "oss"


@pytest.mark.django_db(transaction=True)
def test_document_on_its_way_is_not_lost_between_two_returns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entity = make_entity()
    order = sold(entity, Sold("100.00", "19.00", regime="domestic"), on=FEB)
    computing, go_on = Event(), Event()

    def slow(name: str, **fields: Any) -> Report:
        computing.set()
        assert go_on.wait(20)
        return make_report(name, **fields)

    def file_it() -> None:
        try:
            mark("countries", Q1, entity, on=APR)
        finally:
            connection.close()

    def issue_it() -> None:
        try:
            issue_invoice(order.pk, supplied_on=FEB, now=noon(APR))
        finally:
            connection.close()

    monkeypatch.setattr("orders.tax_reports.filing.make_report", slow)
    threads = [Thread(target=file_it), Thread(target=issue_it)]
    threads[0].start()
    assert computing.wait(20)
    threads[1].start()
    while not waiting_for_a_lock():
        assert threads[1].is_alive(), "the invoice did not wait for the filing"
    go_on.set()
    for thread in threads:
        thread.join(20)
    told = [len(list_documents(report("countries", period, entity))) for period in (Q1, Q2)]
    assert told == [0, 1]


def waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
