"""Changes of an order's state, each a conditional update: out of order means `StaleTransition`."""

from datetime import datetime
from typing import Any

from markets.promotions import give_back_uses
from orders.errors import StaleTransition
from orders.events import record_event
from orders.models import Order, OrderEvent

S = Order.Status
# Everything is on our shelves: not yet sent, or all of it came back.
_AT_HOME = [
    Order.FulfillmentStatus.UNFULFILLED,
    Order.FulfillmentStatus.PLANNED,
    Order.FulfillmentStatus.RETURNED,
]


def lock_order(order_id: int) -> Order:
    """Lock an order's row until the transaction ends; whatever could race for it starts here."""
    return Order.objects.select_for_update(of=("self",)).get(pk=order_id)


def hold_order(order: Order, *, now: datetime, reasons: list[str]) -> OrderEvent:
    """Stop a placed order until a person has looked at it."""
    _move(order, {S.PLACED}, S.ON_HOLD)
    return record_event(order, "order_held", now=now, reasons=reasons)


def release_order(order: Order, *, now: datetime, **data: Any) -> OrderEvent:
    """Give a placed or held order to fulfilment."""
    _move(order, {S.PLACED, S.ON_HOLD}, S.RELEASED)
    return record_event(order, "order_released", now=now, **data)


def cancel_order(order: Order, *, now: datetime, reason: str) -> OrderEvent:
    """End an order of which nothing is with the shopper or on its way to them.

    What it used of promotions and coupons is given back, which locks their rows.
    Raises StaleTransition otherwise: the money would go back and the goods would be gone.
    """
    if not Order.objects.filter(pk=order.pk, fulfillment_status__in=_AT_HOME).exists():
        raise StaleTransition(f"Order {order.number} was sent: its goods must come back first.")
    _move(order, {S.PLACED, S.ON_HOLD, S.RELEASED}, S.CANCELLED)
    _give_back_uses(order)
    return record_event(order, "order_cancelled", now=now, reason=reason)


def complete_order(order: Order, *, now: datetime) -> OrderEvent:
    """Close an order of which everything was delivered and paid."""
    _move(order, {S.RELEASED}, S.COMPLETED)
    return record_event(order, "order_completed", now=now)


def _give_back_uses(order: Order) -> None:
    used = list(order.discounts.values_list("promotion_version_id", "coupon_id"))
    if used:
        give_back_uses(
            {version_id for version_id, _coupon_id in used},
            coupon_ids={coupon_id for _version_id, coupon_id in used if coupon_id is not None},
            customer=order.email,
        )


def set_payment_status(order: Order, status: Order.PaymentStatus) -> None:
    Order.objects.filter(pk=order.pk).update(payment_status=status)
    order.payment_status = status


def set_fulfillment_status(order: Order, status: Order.FulfillmentStatus) -> None:
    Order.objects.filter(pk=order.pk).update(fulfillment_status=status)
    order.fulfillment_status = status


def _move(order: Order, before: set[Order.Status], after: Order.Status) -> None:
    if not Order.objects.filter(pk=order.pk, status__in=before).update(status=after):
        raise StaleTransition(f"Order {order.number} is not {' or '.join(sorted(before))}.")
    order.status = after
