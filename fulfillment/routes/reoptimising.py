"""Looking again at planned orders that nobody has started on, when stock or lanes have changed.

The look takes no locks; only an order that is worth moving is locked, and looked at once more.
An order moves where the better plan saves what the policy asks for, where the plan that it has
cannot be carried out any more, or where it would be late and need not be. Otherwise it stays: a
pick list that changes all the time is worth nothing.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from catalog.reference import one_reference
from fulfillment.errors import NoRoute
from fulfillment.models import RoutingDecision, Shipment, StockLevel
from fulfillment.planning import Plan
from fulfillment.routes.choosing import Chosen, Stock, choose, price
from fulfillment.routes.demand import Demand, contents_of, read_demand
from fulfillment.routes.explaining import compare_with
from fulfillment.routes.holding import look_at_stock
from fulfillment.routes.network import LaneKey, Ways, network_digest, read_ways
from fulfillment.routes.releasing import lines_ahead, route_order, route_rest
from fulfillment.routes.writing import Cause, Why, lock_bench, write_plan
from orders.models import Order, OrderLine
from orders.transitions import lock_order

logger = logging.getLogger(__name__)
S = Shipment.Status
# Routing is a task of seconds; who waits longer has found no way and is tried again.
ROUTED_WITHIN = timedelta(minutes=5)
# Of more orders than can be looked at, others have their turn after so long.
TURN = timedelta(minutes=5)


@dataclass(frozen=True)
class _Move:
    chosen: Chosen
    note: str


def reoptimise_orders(now: datetime, limit: int = 200) -> int:
    """Move unpicked orders to better plans, and plan what had no way before; give how many.

    Looks at `limit` orders of each at most, those first that were looked at longest ago. Each
    order that moves is a transaction of its own; one that fails is logged, and is left for later.
    """
    moved = 0
    for order_id in _waiting(now=now, limit=limit):
        moved += _try_waiting(order_id, now=now)
    with one_reference() as read:
        digest = network_digest(read, now=now)
    for decision in _due(digest, limit=limit):
        try:
            if _is_worth_moving(decision.order_id, now=now):
                moved += move_order(decision.order_id, now=now) is not None
        except NoRoute:
            # Nothing can send it by now: it stays where it is, and whoever picks it will see.
            logger.warning("Order %s has no way at the moment.", decision.order_id)
        except Exception:
            logger.exception("Order %s was not looked at again.", decision.order_id)
        RoutingDecision.objects.filter(order=decision.order_id, is_current=True).update(
            reviewed_at=now, network=digest
        )
    return moved


@transaction.atomic(durable=True)
def move_order(order_id: int, *, now: datetime) -> RoutingDecision | None:
    """Move an order to a better plan if there is one and nobody has started on it; else None.

    Locks as `route_order` does. A picker who comes at that moment either was first, and the order
    stays, or finds the shipment cancelled.
    """
    order = lock_order(order_id)
    if order.status != Order.Status.RELEASED:
        return None
    with one_reference() as read:
        bench = lock_bench(order, now=now, read=read)
        move = _better(bench.demand, ways=bench.ways, stock=bench.stock)
        if move is None:
            return None
        return write_plan(bench, move.chosen, why=Why(Cause.BETTER, now, move.note))


def _is_worth_moving(order_id: int, *, now: datetime) -> bool:
    order = Order.objects.select_related("market", "shipping_address").get(pk=order_id)
    with one_reference() as read:
        demand = read_demand(order)
        ways = read_ways(demand, now=now, read=read)
        return _better(demand, ways=ways, stock=look_at_stock(demand, ways=ways)) is not None


def _better(demand: Demand, *, ways: Ways, stock: Stock) -> _Move | None:
    """Compare the best plan of now with the present one as it stands now. Raises NoRoute."""
    if not demand.is_unpicked or demand.planned_units() != sum(demand.units.values()):
        return None
    try:
        present = price(demand, _present(demand, ways), ways=ways, stock=stock)
    except NoRoute:
        return _Move(choose(demand, ways=ways, stock=stock), "not_possible")
    chosen = choose(demand, ways=ways, stock=stock)
    best = chosen.plan
    assert best is not None  # noqa: S101 - choose raises where there is none
    if best.units() == present.units() and best.services == present.services:
        return None
    if best.late_days < present.late_days:
        return _moved(chosen, present, "late")
    if present.cost - best.cost >= ways.saving and best.cost < present.cost:
        return _moved(chosen, present, "costs_more")
    return None


def _moved(chosen: Chosen, present: Plan, reason: str) -> _Move:
    """Name the plan that is given up first among those turned down."""
    others = [
        plan
        for plan in chosen.rejected
        if (plan.warehouses, plan.cost) != (present.warehouses, present.cost)
    ]
    kept = (compare_with(present, reason=reason), *others[:9])
    return _Move(replace(chosen, rejected=kept), reason)


def _present(demand: Demand, ways: Ways) -> Mapping[LaneKey, Mapping[int, int]]:
    """Give the units by the lanes that planned shipments take; a lane that is gone has no code."""
    codes = {(way.zone.warehouse_id, way.zone.service_id): key for key, way in ways.ways.items()}
    parts: dict[LaneKey, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for shipment in demand.movable:
        key = codes.get((shipment.warehouse_id, shipment.service_id), ("", ""))
        for variant, units in contents_of(shipment).items():
            parts[key][variant] += units
    return parts


def _due(digest: str, *, limit: int) -> list[RoutingDecision]:
    """List decisions about unpicked orders whose goods' stock, or whose lanes, have changed."""
    at_work = Shipment.objects.filter(order=OuterRef("order")).exclude(
        status__in=[S.PLANNED, S.CANCELLED]
    )
    changed = StockLevel.objects.filter(
        changed_at__gt=OuterRef("looked_at"),
        variant__in=OrderLine.objects.filter(order=OuterRef(OuterRef("order"))).values("variant"),
    )
    return list(
        RoutingDecision.objects.annotate(looked_at=Coalesce("reviewed_at", "decided_at"))
        .filter(
            Q(Exists(changed)) | ~Q(network=digest),
            ~Exists(at_work),
            is_current=True,
            order__status=Order.Status.RELEASED,
            order__fulfillment_status=Order.FulfillmentStatus.PLANNED,
        )
        .order_by("looked_at", "pk")[:limit]
    )


def _waiting(*, now: datetime, limit: int) -> list[int]:
    """List released orders with units that had no way, the oldest first.

    Where there are more than `limit`, they take turns: some may have no way for long. Those that
    wait for units to come are not among them.
    """
    waiting = (
        Order.objects.filter(
            Q(routings__isnull=True, placed_at__lt=now - ROUTED_WITHIN)
            | Q(routings__is_current=True, routings__plan__has_key="waiting"),
            ~Exists(lines_ahead(OuterRef("pk"))),
            status=Order.Status.RELEASED,
        )
        .order_by("placed_at", "pk")
        .values_list("pk", flat=True)
    )
    count = waiting.count()
    turn = int(now.timestamp()) // int(TURN.total_seconds())
    start = turn * limit % count if count > limit else 0
    return list(waiting[start : start + limit])


def _try_waiting(order_id: int, *, now: datetime) -> bool:
    try:
        if not RoutingDecision.objects.filter(order=order_id).exists():
            return route_order(order_id, now=now) is not None
        return route_rest(order_id, now=now) is not None
    except NoRoute:
        return False
    except Exception:
        logger.exception("Order %s could not be planned.", order_id)
        return False
