"""What staff decide about orders that were put on hold."""

from datetime import datetime

from django.db import transaction

from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import cancel_order, lock_order, release_order


@transaction.atomic(durable=True)
def release_held(order_id: int, *, by: str, now: datetime) -> None:
    """Give a held order to fulfilment. Locks the order; raises StaleTransition."""
    order = _held(order_id)
    release_order(order, now=now, by=by)


@transaction.atomic(durable=True)
def cancel_held(order_id: int, *, by: str, now: datetime) -> None:
    """End a held order; its event gives the money back. Locks the order; raises StaleTransition."""
    order = _held(order_id)
    cancel_order(order, now=now, reason=f"staff: {by}")


def _held(order_id: int) -> Order:
    order = lock_order(order_id)
    if order.status != Order.Status.ON_HOLD:
        raise StaleTransition(f"Order {order.number} is {order.status}, not on hold.")
    return order
