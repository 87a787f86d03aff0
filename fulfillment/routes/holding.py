"""What an order holds and what it may take, under the locks that moving it needs."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from fulfillment.models import Reservation, ReservationLine, Sellable, StockLevel
from fulfillment.routes.demand import Demand, Key
from fulfillment.routes.network import Ways
from fulfillment.stock.buckets import lay_out_again, lock_whole_levels
from fulfillment.stock.holding import units_ahead, units_held
from fulfillment.stock.levels import change_reserved
from orders.models import Order

Stock = dict[str, dict[int, int]]


@dataclass
class Holding:
    """A locked reservation, what it holds here and ahead, and the stock rows locked for it."""

    reservation: Reservation
    held: Mapping[Key, int]
    ahead: Mapping[Key, int]
    levels: dict[Key, StockLevel] = field(default_factory=dict)

    def own(self, demand: Demand) -> dict[Key, int]:
        """Give what it holds for units that are to be planned."""
        return _less(self.held, demand.settled_units())


def lock_holding(order: Order) -> Holding:
    """Lock the order's reservation; one that has ended starts anew with nothing held."""
    reservation, _ = Reservation.objects.select_for_update().get_or_create(order=order)
    if reservation.status == Reservation.Status.ACTIVE:
        return Holding(reservation, units_held(reservation), units_ahead(reservation))
    return Holding(reservation, {}, {})


def lock_stock(holding: Holding, demand: Demand, *, ways: Ways) -> Stock:
    """Lock the stock rows in (variant, warehouse) order and give what the order may take there.

    That is what is free, safety stock and what is owed to others apart, and what it holds itself.
    """
    codes = {warehouse_id: code for code, warehouse_id in ways.warehouse_ids.items()}
    keys = {(variant, place) for variant in demand.units for place in codes}
    holding.levels = lock_whole_levels(sorted({*keys, *holding.held, *holding.ahead}))
    own = holding.own(demand)
    stock: Stock = defaultdict(dict)
    for (variant, place), level in holding.levels.items():
        if (variant, place) in keys:
            free = max(0, level.free - level.safety - level.preordered)
            stock[codes[place]][variant] = free + own.get((variant, place), 0)
    return stock


def look_at_stock(demand: Demand, *, ways: Ways) -> Stock:
    """Give the same without a lock, for a look that decides nothing: two queries."""
    codes = {warehouse_id: code for code, warehouse_id in ways.warehouse_ids.items()}
    stock: Stock = defaultdict(dict)
    rows = Sellable.objects.filter(variant__in=demand.units, warehouse__in=codes).order_by()
    for variant, place, units in rows.values_list("variant_id", "warehouse_id", "units"):
        stock[codes[place]][variant] = units
    lines = ReservationLine.objects.filter(
        reservation__order=demand.order, reservation__status=Reservation.Status.ACTIVE
    )
    held = {(line.variant_id, line.warehouse_id): line.quantity for line in lines if line.quantity}
    for (variant, place), units in _less(held, demand.settled_units()).items():
        if place in codes and variant in demand.units:
            known = stock[codes[place]].get(variant, 0)
            stock[codes[place]][variant] = known + units
    return stock


def move_holding(holding: Holding, *, to: Mapping[Key, int]) -> None:
    """Make a reservation hold exactly these units, all of them here; it no longer expires.

    The stock rows are locked by `lock_stock`.
    """
    reservation = holding.reservation
    change_reserved(
        {key: to.get(key, 0) - holding.held.get(key, 0) for key in {*to, *holding.held}},
        ahead={key: -units for key, units in holding.ahead.items()},
    )
    reservation.lines.all().delete()
    ReservationLine.objects.bulk_create(
        ReservationLine(
            reservation=reservation, variant_id=variant, warehouse_id=place, quantity=units
        )
        for (variant, place), units in sorted(to.items())
        if units
    )
    # A released order is paid or promised: what it holds no longer expires.
    Reservation.objects.filter(pk=reservation.pk).update(
        status=Reservation.Status.ACTIVE, expires_at=None
    )
    lay_out_again(holding.levels.values())


def _less(held: Mapping[Key, int], taken: Mapping[Key, int]) -> dict[Key, int]:
    return {key: max(0, units - taken.get(key, 0)) for key, units in held.items()}
