"""Documents that follow events: an invoice when goods leave, a credit note when money does."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum

from fulfillment.lost_parcels import refunded_units
from fulfillment.models import Return, Shipment
from orders.invoices import (
    ReturnedUnits,
    issue_credit_note,
    issue_invoice,
    list_invoices,
)
from orders.models import Invoice, Order, OrderEvent
from payments.models import Payment, Refund

RETURN_KEY = "return:"


def follow_dispatch(event: OrderEvent, *, now: datetime) -> list[Invoice]:
    """Issue an order's invoice with its first parcel, and notes for what was paid back before.

    The invoice says what was agreed and supplied, the notes what was taken off that since: in
    this order, so that each note has an invoice to correct. Gives all documents of the order.
    Again is safe. Raises NoLegalEntity.
    """
    order = Order.objects.select_related("market").get(pk=event.order_id)
    left_at = Shipment.objects.get(pk=event.data["shipment"]).dispatched_at or event.occurred_at
    issue_invoice(order.pk, supplied_on=left_at.astimezone(order.market.zone).date(), now=now)
    for refund in _booked_refunds(order).order_by("id"):
        _credit(order, refund, now=now)
    _credit_uncollected(order.pk, now=now)
    return list_invoices(order)


def follow_refund(event: OrderEvent, *, now: datetime) -> Invoice | None:
    """Issue the credit note of a refund that succeeded; None while nothing was invoiced.

    None too for money that was never the order's: a second payment, or one that came after it
    was let go of. Again is safe.
    """
    refund = _booked_refunds(event.order).filter(pk=event.data["refund"]).first()
    return _credit(event.order, refund, now=now) if refund else None


def follow_cancellation(event: OrderEvent, *, now: datetime) -> Invoice | None:
    """Credit what was invoiced and never paid, as of a parcel that was refused at the door.

    What was paid is credited by its refunds. None where nothing is left. Again is safe.
    """
    return _credit_uncollected(event.order_id, now=now)


def _booked_refunds(order: Order) -> QuerySet[Refund]:
    return Refund.objects.filter(
        payment__order=order, payment__status=Payment.Status.CAPTURED,
        status=Refund.Status.SUCCEEDED,
    )  # fmt: skip


def _credit_uncollected(order_id: int, *, now: datetime) -> Invoice | None:
    order = Order.objects.get(pk=order_id)
    invoice = next(iter(list_invoices(order)), None)
    if order.status != Order.Status.CANCELLED or invoice is None:
        return None
    booked = order.payments.filter(status=Payment.Status.CAPTURED)
    unpaid = invoice.gross - (booked.aggregate(n=Sum("captured"))["n"] or Decimal(0))
    if unpaid <= 0:
        return None
    return issue_credit_note(order_id, unpaid, operation_key=f"cancelled:{order_id}", now=now)


def _credit(order: Order, refund: Refund, *, now: datetime) -> Invoice | None:
    goods_return = _return_of(refund)
    return issue_credit_note(
        order.pk,
        refund.amount.amount,
        operation_key=f"refund:{refund.pk}",
        returned=_returned(goods_return) if goods_return else _lost(refund),
        delivery=goods_return.delivery if goods_return else Decimal(0),
        now=now,
    )


def _return_of(refund: Refund) -> Return | None:
    """Find the return that a refund is for. Its key names the return before that names it."""
    number = refund.operation_key.removeprefix(RETURN_KEY)
    if number == refund.operation_key or not number.isdecimal():
        return None
    return Return.objects.filter(pk=int(number)).first()


def _returned(goods_return: Return) -> Mapping[int, ReturnedUnits]:
    return {
        line.order_line_id: ReturnedUnits(line.received, line.amount, line.duties)
        for line in goods_return.lines.order_by("id")
        if line.received and line.amount is not None
    }


def _lost(refund: Refund) -> Mapping[int, ReturnedUnits]:
    return {
        line: ReturnedUnits(units, amount)
        for line, (units, amount) in refunded_units(refund).items()
    }
