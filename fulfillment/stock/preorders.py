"""Units that were sold ahead become units that are here, the oldest order first."""

import logging
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from fulfillment.models import Reservation, ReservationLine, StockLevel
from fulfillment.stock.buckets import lay_out_again, lock_whole_levels
from fulfillment.stock.levels import change_reserved
from orders.events import record_event
from orders.models import Order

logger = logging.getLogger(__name__)
Key = tuple[int, int]


def settle_arrived(now: datetime) -> int:
    """Give what is here to the orders that wait for it, wherever that was not done yet.

    A receipt settles its own level at once; this finds units that came back another way. One row
    that fails does not keep the others. Gives how many orders have everything by now.
    """
    levels = StockLevel.objects.filter(
        preordered__gt=0, on_hand__gt=F("reserved") + F("safety")
    ).order_by("variant_id", "warehouse_id")
    keys = list(levels.values_list("variant_id", "warehouse_id"))
    complete = 0
    for key in keys:
        try:
            complete += len(settle_preorders([key], now=now))
        except Exception:
            logger.exception("Units ahead of stock row %s were not settled", key)
    return complete


@transaction.atomic(durable=True)
def settle_preorders(keys: Collection[Key], *, now: datetime) -> list[int]:
    """Turn units ahead into units here, the oldest reservations of these stock rows first.

    `keys` are (variant id, warehouse id). Call it when the transaction of the receipt has ended:
    what came is kept for those who bought ahead until then. Locks the waiting orders, their
    reservations, then the rows. Gives the ids of the orders that now have everything, each with
    an event `stock_arrived`.
    """
    waiting = _waiting(keys).values("reservation__order")
    # Orders in the order of their ids, then what hangs on them: as everywhere.
    orders = {
        order.pk: order
        for order in Order.objects.select_for_update(of=("self",))
        .filter(pk__in=waiting)
        .order_by("pk")
    }
    if not orders:
        return []
    reservations = list(
        Reservation.objects.select_for_update(of=("self",))
        .filter(order__in=orders, status=Reservation.Status.ACTIVE)
        .order_by("order_id")
    )
    levels = lock_whole_levels(keys)
    settled = _settle(reservations, levels=levels)
    lay_out_again(levels.values())
    complete = settled - set(
        ReservationLine.objects.filter(reservation__order__in=settled, ahead__gt=0).values_list(
            "reservation__order_id", flat=True
        )
    )
    for order_id in sorted(complete):
        record_event(orders[order_id], "stock_arrived", now=now)
    return sorted(complete)


def _settle(reservations: list[Reservation], *, levels: dict[Key, StockLevel]) -> set[int]:
    """Move units within the locked rows; give the orders that got some."""
    here = {
        key: max(0, level.on_hand - level.reserved - level.safety) for key, level in levels.items()
    }
    moved: dict[Key, int] = defaultdict(int)
    changed = []
    settled = set()
    lines = (
        _waiting(levels).filter(reservation__in=reservations).select_related("reservation")
    ).order_by("reservation_id", "id")
    for line in lines:
        key = (line.variant_id, line.warehouse_id)
        units = min(line.ahead, here.get(key, 0) - moved[key])
        if units > 0:
            moved[key] += units
            line.ahead -= units
            line.quantity += units
            changed.append(line)
            settled.add(line.reservation.order_id)
    ReservationLine.objects.bulk_update(changed, ["quantity", "ahead"])
    change_reserved(moved, ahead={key: -units for key, units in moved.items()})
    return settled


def _waiting(keys: Collection[Key]) -> QuerySet[ReservationLine]:
    """Give the lines with units ahead in these rows, and maybe in others of the same names."""
    variants, warehouses = {variant for variant, _ in keys}, {warehouse for _, warehouse in keys}
    return ReservationLine.objects.filter(
        reservation__status=Reservation.Status.ACTIVE,
        ahead__gt=0,
        variant_id__in=variants,
        warehouse_id__in=warehouses,
    )
