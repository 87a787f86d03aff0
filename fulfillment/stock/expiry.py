import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from fulfillment.models import Reservation, ReservationLine
from fulfillment.stock.holding import release_reservation
from fulfillment.stock.pending import pending_until
from orders.models import Order
from orders.transitions import cancel_order
from payments.voiding import void_payment

logger = logging.getLogger(__name__)
REASON = "reservation_expired"
BATCH = 200
# Money that is there, or on a card for us: such an order is never given up for its hold's age.
_PAID = {
    Order.PaymentStatus.AUTHORISED,
    Order.PaymentStatus.PAID,
    Order.PaymentStatus.PART_REFUNDED,
    Order.PaymentStatus.REFUNDED,
}
_WAITING = {Order.Status.PLACED, Order.Status.ON_HOLD}


def expire_reservations(now: datetime) -> int:
    """Give up unpaid orders whose hold has ended: stock back, order cancelled, payment voided.

    Each order is a transaction of its own; orders that somebody is at are left for the next
    run. Voiding is a call to the gateway and comes after the commit; where it fails, the
    subscriber of the cancellation does it. Gives how many orders were given up.
    """
    due = list(
        Reservation.objects.filter(status=Reservation.Status.ACTIVE, expires_at__lte=now)
        .order_by("expires_at")
        .values_list("order_id", flat=True)[:BATCH]
    )
    expired = [order_id for order_id in due if _expire(order_id, now=now)]
    for order_id in expired:
        try:
            void_payment(order_id, now=now, reason=REASON)
        except Exception:
            logger.exception("the payment of order %s was not voided yet", order_id)
    return len(expired)


def give_up_expired(wanted: Mapping[int, int], *, now: datetime) -> int:
    """Give up orders whose hold has ended and that hold wanted variants, as far as it takes.

    `wanted` maps variant id to the units that somebody is short of. It is for whoever was refused
    with OutOfStock, after that transaction has ended: each order is a transaction of its own, and
    an order that somebody is at is passed over. Its payment is voided by the subscriber of its
    cancellation. Gives how many orders were given up.
    """
    lines = (
        ReservationLine.objects.filter(
            variant_id__in=wanted,
            reservation__status=Reservation.Status.ACTIVE,
            reservation__expires_at__lte=now,
        )
        .order_by("reservation__expires_at", "reservation_id")
        .values_list("reservation__order_id", "variant_id", "quantity", "ahead")
    )
    held: dict[int, dict[int, int]] = {}
    for order_id, variant_id, units, ahead in lines:
        of_order = held.setdefault(order_id, {})
        of_order[variant_id] = of_order.get(variant_id, 0) + units + ahead
    missing = dict(wanted)
    given_up = 0
    for order_id, of_order in held.items():
        helps = any(missing[variant] > 0 for variant in of_order)
        if helps and _expire(order_id, now=now):
            given_up += 1
            for variant, units in of_order.items():
                missing[variant] -= units
    return given_up


@transaction.atomic(durable=True)
def _expire(order_id: int, *, now: datetime) -> bool:
    order = (
        Order.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=order_id).first()
    )
    if order is None:
        return False
    # Read again under the lock: the payment may have come since.
    held = Reservation.objects.filter(
        order=order, status=Reservation.Status.ACTIVE, expires_at__lte=now
    )
    if not held.exists():
        return False
    if order.payment_status in _PAID or order.status not in _WAITING:
        if order.status != Order.Status.CANCELLED:
            held.update(expires_at=None)
            return False
        release_reservation(order)
        return False
    until = pending_until(order.pk, now=now)
    if until is not None and until > now:
        # The task that extends the hold is late: whoever has a voucher may still pay.
        held.update(expires_at=until)
        return False
    release_reservation(order)
    cancel_order(order, now=now, reason=REASON)
    return True
