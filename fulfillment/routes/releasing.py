"""The first plan of a released order, and the plan of what waited."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet

from catalog.reference import one_reference
from fulfillment.models import Reservation, ReservationLine, RoutingDecision
from fulfillment.routes.choosing import choose, choose_part
from fulfillment.routes.writing import Cause, Why, lock_bench, write_plan
from orders.models import Order
from orders.transitions import lock_order


@transaction.atomic(durable=True)
def route_order(
    order_id: int,
    *,
    now: datetime,
    cause: RoutingDecision.Cause = Cause.RELEASED,
    note: str = "",
    user: Any = None,
) -> RoutingDecision | None:
    """Decide where a released order ships from and make its shipments, once.

    Locks the order, its shipments, its reservation, then stock rows in (variant, warehouse)
    order. Takes the plan that costs least with everything that the market's policy weighs: see
    docs/algorithms/routing.md. An order that is routed already gives its decision back. One that
    is not released, or that waits for units to come, gives None; neither changes anything.
    Raises NoRoute and leaves the order and its reservation as they were.
    """
    order = lock_order(order_id)
    decided = order.routings.filter(is_current=True).first()
    if decided is not None or order.status != Order.Status.RELEASED or waits_for_stock(order):
        return decided
    with one_reference() as read:
        bench = lock_bench(order, now=now, read=read)
        chosen = choose(bench.demand, ways=bench.ways, stock=bench.stock)
        return write_plan(bench, chosen, why=Why(cause, now, note, user))


@transaction.atomic(durable=True)
def route_rest(
    order_id: int, *, now: datetime, cause: RoutingDecision.Cause = Cause.BETTER
) -> RoutingDecision | None:
    """Plan units of an order that had no way, as far as they have one by now.

    None if there are none, or if nothing more can be planned: then nothing changes.
    """
    order = lock_order(order_id)
    if order.status != Order.Status.RELEASED or waits_for_stock(order):
        return None
    with one_reference() as read:
        bench = lock_bench(order, now=now, read=read)
        planned = bench.demand.planned_units()
        if planned >= sum(bench.demand.units.values()):
            return None
        chosen = choose_part(bench.demand, ways=bench.ways, stock=bench.stock)
        waiting = sum((chosen.waiting or {}).values())
        if sum(bench.demand.units.values()) - waiting <= planned:
            return None
        return write_plan(bench, chosen, why=Why(cause, now))


def waits_for_stock(order: Order) -> bool:
    """Tell whether an order holds units that are not in yet."""
    return lines_ahead(order).exists()


def lines_ahead(order: Order | OuterRef) -> QuerySet[ReservationLine]:
    """List an order's lines of units that are not in yet; `order` may be an outer query's."""
    return ReservationLine.objects.filter(
        reservation__order=order, reservation__status=Reservation.Status.ACTIVE, ahead__gt=0
    )
