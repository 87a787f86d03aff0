"""What becomes of a reservation. The caller holds the order's row lock, or is its only user."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet

from fulfillment.models import Reservation
from fulfillment.stock.levels import change_reserved
from orders.models import Order


def secure_reservation(order: Order) -> bool:
    """Keep an order's units until they are shipped: no expiry any more.

    False if they are no longer held.
    """
    return bool(_active(order).update(expires_at=None))


def extend_reservation(order: Order, *, expires_at: datetime) -> bool:
    """Hold an order's units longer; never shorter, and never again if secured.

    False if nothing was extended.
    """
    return bool(_active(order).filter(expires_at__lt=expires_at).update(expires_at=expires_at))


def release_reservation(order: Order) -> bool:
    """Give back the units an order still holds, here and ahead, in the caller's transaction.

    Locks the reservation, then its stock rows in (variant, warehouse) order. Units go back to
    their level, also where it is hot. False if nothing was held: a second call does nothing.
    """
    reservation = _active(order).select_for_update().first()
    if reservation is None:
        return False
    change_reserved(
        {row: -units for row, units in units_held(reservation).items()},
        ahead={row: -units for row, units in units_ahead(reservation).items()},
    )
    Reservation.objects.filter(pk=reservation.pk).update(status=Reservation.Status.RELEASED)
    return True


def units_held(reservation: Reservation) -> Mapping[tuple[int, int], int]:
    """Give the units here that a reservation holds, by (variant id, warehouse id)."""
    return {
        (variant, warehouse): units
        for variant, warehouse, units in reservation.lines.filter(quantity__gt=0).values_list(
            "variant_id", "warehouse_id", "quantity"
        )
    }


def units_ahead(reservation: Reservation) -> Mapping[tuple[int, int], int]:
    """Give the units that a reservation waits for, by (variant id, warehouse id)."""
    return {
        (variant, warehouse): units
        for variant, warehouse, units in reservation.lines.filter(ahead__gt=0).values_list(
            "variant_id", "warehouse_id", "ahead"
        )
    }


def _active(order: Order) -> QuerySet[Reservation]:
    return Reservation.objects.filter(order=order, status=Reservation.Status.ACTIVE)
