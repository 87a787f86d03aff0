"""Documents follow goods and money: once for each event, whatever comes first."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.mail import EmailMessage
from djmoney.money import Money

from fulfillment.models import Return, ReturnLine, Shipment
from orders.events import record_event
from orders.models import Order, OrderEvent
from payments.models import Payment, Refund
from storefront.documents import attaching
from storefront.documents.attaching import attach_documents
from storefront.documents.following import follow_dispatch, follow_refund
from storefront.documents.pango import PdfUnavailable
from tests.factories import NOW, make_payment, make_service, make_warehouse
from tests.orders.invoicing import TEA, TEAPOT, D, kept_of_order, make_taxed_order

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
    invoice = follow_dispatch(dispatched(order), now=LATE)
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
    events = [
        dispatched(order),
        refunded(payment, "5.00", key="goodwill:1"),
        dispatched(order, number="S2", at=LATE + timedelta(hours=1)),
        record_event(order, "order_cancelled", now=NOW),
    ]
    letters = [EmailMessage() for _event in events]
    for letter, event in zip(letters, events, strict=True):
        attach_documents(letter, event)

    assert [[attachment[0] for attachment in letter.attachments] for letter in letters] == [
        ["NL-2026-000001.pdf"], ["NL-C-2026-000001.pdf"], [], [],
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
