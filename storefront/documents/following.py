"""Documents that follow events: an invoice when goods leave, a credit note when money does."""

from collections.abc import Mapping
from datetime import datetime

from fulfillment.models import Return, Shipment
from orders.invoices import ReturnedUnits, issue_credit_note, issue_invoice
from orders.models import Invoice, Order, OrderEvent
from payments.models import Refund

RETURN_KEY = "return:"


def follow_dispatch(event: OrderEvent, *, now: datetime) -> Invoice:
    """Issue an order's invoice with its first parcel, and notes for what was paid back before.

    Again is safe. Raises NoLegalEntity.
    """
    order = Order.objects.select_related("market").get(pk=event.order_id)
    left_at = Shipment.objects.get(pk=event.data["shipment"]).dispatched_at or event.occurred_at
    invoice = issue_invoice(
        order.pk, supplied_on=left_at.astimezone(order.market.zone).date(), now=now
    )
    earlier = Refund.objects.filter(payment__order=order, status=Refund.Status.SUCCEEDED)
    for refund in earlier.order_by("id"):
        _credit(order, refund, now=now)
    return invoice


def follow_refund(event: OrderEvent, *, now: datetime) -> Invoice | None:
    """Issue the credit note of a refund that succeeded; None while nothing was invoiced.

    Again is safe.
    """
    refund = Refund.objects.get(pk=event.data["refund"])
    return _credit(event.order, refund, now=now)


def _credit(order: Order, refund: Refund, *, now: datetime) -> Invoice | None:
    return issue_credit_note(
        order.pk,
        refund.amount.amount,
        operation_key=f"refund:{refund.pk}",
        returned=_returned(refund),
        now=now,
    )


def _returned(refund: Refund) -> Mapping[int, ReturnedUnits]:
    """Say which units a refund is for. Its key names the return before the return names it."""
    key = refund.operation_key
    if not key.startswith(RETURN_KEY) or not key.removeprefix(RETURN_KEY).isdecimal():
        return {}
    goods_return = Return.objects.filter(pk=int(key.removeprefix(RETURN_KEY))).first()
    if goods_return is None:
        return {}
    return {
        line.order_line_id: ReturnedUnits(line.received, line.amount, line.duties)
        for line in goods_return.lines.order_by("id")
        if line.received and line.amount
    }
