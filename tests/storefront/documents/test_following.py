"""Documents follow goods and money: once for each event, whatever comes first."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.mail import EmailMessage
from djmoney.money import Money

from fulfillment.models import Return, ReturnLine, Shipment, ShipmentLine
from orders.events import record_event
from orders.models import Order, OrderEvent
from orders.tax_reports.overview import list_agreements
from orders.tax_reports.periods import period_of
from payments.models import Payment, Refund
from storefront.documents import attaching
from storefront.documents.attaching import attach_documents
from storefront.documents.following import (
    follow_cancellation,
    follow_dispatch,
    follow_refund,
)
from storefront.documents.pango import PdfUnavailable
from tests.factories import NOW, make_payment, make_service, make_warehouse
from tests.orders.invoicing import (
    DELIVERY,
    TEA,
    TEAPOT,
    D,
    kept_of_order,
    make_taxed_order,
)

pytestmark = pytest.mark.django_db
# In Berlin it is the next day already.
LATE = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)


@pytest.fixture
def order() -> Order:
    return make_taxed_order([TEAPOT, TEA])


@pytest.fixture
def payment(order: Order) -> Payment:
    return make_payment(order, status=Payment.Status.CAPTURED, captured=order.gross)


def dispatched(order: Order, *, number: str = "S1", at: datetime = LATE) -> OrderEvent:
    shipment = Shipment.objects.create(
        number=f"{order.number}-{number}", order=order,
        warehouse=make_warehouse(number.lower()), service=make_service(number.lower()),
        status=Shipment.Status.DISPATCHED, ship_by=NOW, promised_from=NOW.date(),
        promised_to=NOW.date(), dispatched_at=at,
    )  # fmt: skip
    return record_event(order, "shipment_dispatched", now=at, shipment=shipment.pk)


def refunded(payment: Payment, amount: str, *, key: str) -> OrderEvent:
    back: Any = Money(amount, "EUR")
    refund = Refund.objects.create(
        payment=payment, amount=back, operation_key=key,
        status=Refund.Status.SUCCEEDED,
    )  # fmt: skip
    return record_event(payment.order, "refund_succeeded", now=NOW, refund=refund.pk)


def test_invoice_is_dated_where_the_goods_were_sold(order: Order) -> None:
    (invoice,) = follow_dispatch(dispatched(order), now=LATE)
    assert invoice.supplied_on.isoformat() == "2026-11-25"
    assert invoice.issued_on.isoformat() == "2026-11-25"


def test_second_parcel_brings_no_second_invoice(order: Order) -> None:
    first = follow_dispatch(dispatched(order), now=NOW)
    again = follow_dispatch(dispatched(order, number="S2"), now=NOW + timedelta(days=1))
    assert again == first
    assert order.invoices.count() == 1


def test_refund_before_dispatch_is_credited_once_there_is_an_invoice(
    order: Order, payment: Payment
) -> None:
    event = refunded(payment, "10.00", key="goodwill:1")
    assert follow_refund(event, now=NOW) is None

    follow_dispatch(dispatched(order), now=NOW)

    assert [row.kind for row in order.invoices.order_by("id")] == ["invoice", "credit_note"]
    assert follow_refund(event, now=NOW) == order.invoices.get(kind="credit_note")
    assert kept_of_order(order) == order.gross - 10


def test_refund_of_a_return_credits_the_units_that_came_back(
    order: Order, payment: Payment
) -> None:
    follow_dispatch(dispatched(order), now=NOW)
    teapot = order.lines.get(title="Teapot")
    goods_return = Return.objects.create(
        number="R1", order=order, status=Return.Status.INSPECTED, requested_at=NOW
    )
    ReturnLine.objects.create(
        goods_return=goods_return, order_line=teapot, quantity=1, received=1, amount=D(50)
    )

    note = follow_refund(refunded(payment, "50.00", key=f"return:{goods_return.pk}"), now=NOW)

    assert note is not None
    assert [(line.sku, line.quantity, line.gross) for line in note.lines.all()] == [
        (teapot.sku, 1, D(50))
    ]


def test_refund_of_a_lost_parcel_credits_its_units(order: Order, payment: Payment) -> None:
    event = dispatched(order)
    follow_dispatch(event, now=NOW)
    tea = order.lines.exclude(title="Teapot").get()
    shipment = Shipment.objects.get(pk=event.data["shipment"])
    ShipmentLine.objects.create(shipment=shipment, order_line=tea, quantity=tea.quantity)

    note = follow_refund(refunded(payment, str(tea.gross), key=f"shipment:{shipment.pk}"), now=NOW)

    assert note is not None
    assert [(line.sku, line.quantity, line.gross) for line in note.lines.all()] == [
        (tea.sku, tea.quantity, tea.gross)
    ]


def test_order_refunded_partly_before_dispatch_is_taxed_on_what_was_kept(
    order: Order, payment: Payment
) -> None:
    refunded(payment, "33.33", key="goodwill:1")
    refunded(payment, "0.01", key="goodwill:2")
    documents = follow_dispatch(dispatched(order), now=NOW)

    assert [row.kind for row in documents] == ["invoice", "credit_note", "credit_note"]
    assert [row.gross for row in documents] == [order.gross, D("33.33"), D("0.01")]
    assert {row.corrects for row in documents[1:]} == {documents[0]}
    assert kept_of_order(order) == order.gross - D("33.34")
    (agreement,) = list_agreements(
        period=period_of(NOW.date(), months=3), entity_id=documents[0].series.legal_entity_id
    )
    assert agreement.agrees
    assert agreement.documents.gross == order.gross - D("33.34")


def test_money_that_was_never_the_order_s_is_not_credited(order: Order, payment: Payment) -> None:
    follow_dispatch(dispatched(order), now=NOW)
    second = make_payment(
        order, payment.method, status=Payment.Status.VOIDED,
        captured=order.gross, refunded=order.gross,
    )  # fmt: skip
    assert follow_refund(refunded(second, str(order.gross), key="unwanted:1"), now=NOW) is None
    assert kept_of_order(order) == order.gross


def test_parcel_refused_at_the_door_is_credited_when_the_order_is_cancelled(order: Order) -> None:
    make_payment(order, status=Payment.Status.AUTHORISED)
    follow_dispatch(dispatched(order), now=NOW)
    Order.objects.update(status=Order.Status.CANCELLED)
    Payment.objects.update(status=Payment.Status.VOIDED)
    event = record_event(order, "order_cancelled", now=NOW)

    note = follow_cancellation(event, now=NOW)

    assert note is not None
    assert follow_cancellation(event, now=NOW) == note
    assert kept_of_order(order) == 0


def test_invoice_that_comes_after_the_cancellation_is_credited_too(order: Order) -> None:
    event = dispatched(order)
    Order.objects.update(status=Order.Status.CANCELLED)
    cancelled = record_event(order, "order_cancelled", now=NOW)
    assert follow_cancellation(cancelled, now=NOW) is None
    follow_dispatch(event, now=NOW)
    assert kept_of_order(order) == 0


def test_cancelled_order_that_was_paid_is_credited_by_its_refund(
    order: Order, payment: Payment
) -> None:
    follow_dispatch(dispatched(order), now=NOW)
    Order.objects.update(status=Order.Status.CANCELLED)
    cancelled = record_event(order, "order_cancelled", now=NOW)
    assert follow_cancellation(cancelled, now=NOW) is None
    follow_refund(refunded(payment, str(order.gross), key="return-money:1"), now=NOW)
    assert kept_of_order(order) == 0


def test_whole_return_takes_back_goods_and_delivery_by_their_own_taxes() -> None:
    order = make_taxed_order([TEAPOT, DELIVERY])
    payment = make_payment(order, status=Payment.Status.CAPTURED, captured=order.gross)
    follow_dispatch(dispatched(order), now=NOW)
    goods_return = Return.objects.create(
        number="R1", order=order, status=Return.Status.INSPECTED, requested_at=NOW,
        delivery=D("2.45"),
    )  # fmt: skip
    ReturnLine.objects.create(
        goods_return=goods_return, order_line=order.lines.get(), quantity=2, received=2,
        amount=D(100),
    )  # fmt: skip
    note = follow_refund(refunded(payment, "102.45", key=f"return:{goods_return.pk}"), now=NOW)
    assert note is not None
    assert [(line.kind, line.net, line.tax) for line in note.lines.all()] == [
        ("goods", D("84.03"), D("15.97")), ("shipping", D("2.06"), D("0.39")),
    ]  # fmt: skip


def test_kept_is_what_was_paid_and_not_given_back(order: Order, payment: Payment) -> None:
    follow_dispatch(dispatched(order), now=NOW)
    given_back = Decimal(0)
    for n, amount in enumerate(["33.33", "0.01", "41.00"]):
        follow_refund(refunded(payment, amount, key=f"goodwill:{n}"), now=NOW)
        given_back += Decimal(amount)
        assert kept_of_order(order) == order.gross - given_back


def test_letters_have_the_document_of_their_event(
    order: Order, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "render_pdf", lambda invoice: invoice.reference.encode())
    early = refunded(payment, "1.00", key="goodwill:0")
    events = [
        early,
        dispatched(order),
        refunded(payment, "5.00", key="goodwill:1"),
        dispatched(order, number="S2", at=LATE + timedelta(hours=1)),
        record_event(order, "order_cancelled", now=NOW),
    ]
    Refund.objects.filter(operation_key="goodwill:1").update(status=Refund.Status.PENDING)
    letters = [EmailMessage() for _event in events]
    for letter, event in zip(letters, events, strict=True):
        attach_documents(letter, event)
        if event != early:
            Refund.objects.update(status=Refund.Status.SUCCEEDED)

    assert [[attachment[0] for attachment in letter.attachments] for letter in letters] == [
        [], ["NL-2026-000001.pdf", "NL-C-2026-000001.pdf"], ["NL-C-2026-000002.pdf"], [], [],
    ]  # fmt: skip


def test_letter_goes_without_its_document_where_none_can_be_written(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_invoice: object) -> bytes:
        raise PdfUnavailable("no pango")

    monkeypatch.setattr(attaching, "render_pdf", unavailable)
    letter = EmailMessage()
    attach_documents(letter, dispatched(order))
    assert letter.attachments == []
    assert order.invoices.count() == 1
