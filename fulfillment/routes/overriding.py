"""Staff decide where goods ship from, with a reason: the planner prices what they choose."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.reference import one_reference
from fulfillment.errors import NoRoute
from fulfillment.models import RoutingDecision
from fulfillment.planning import Plan, plan_shipments
from fulfillment.routes.choosing import Chosen, add_up, price
from fulfillment.routes.demand import read_demand
from fulfillment.routes.holding import look_at_stock
from fulfillment.routes.network import LaneKey, Ways, read_ways
from fulfillment.routes.writing import Bench, Cause, Why, lock_bench, write_plan
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import lock_order

Choice = Mapping[int, LaneKey]  # Order line ids to the codes of warehouse and service.


@dataclass(frozen=True)
class LaneOffer:
    """A lane that could send at least one open line of an order whole; `lines` are their ids."""

    key: LaneKey
    warehouse: str
    service: str
    lines: frozenset[int]
    is_late: bool


@transaction.atomic(durable=True)
def override_route(
    order_id: int, choice: Choice, *, reason: str, user: Any, now: datetime
) -> RoutingDecision:
    """Send lines of an order by lanes that staff chose; the planner decides on the others.

    Only what nobody has started on moves; being late or dear is no obstacle. Locks as
    `route_order` does. Raises NoRoute where a lane cannot send what was chosen for it, with why;
    StaleTransition if nothing of it is open or the order is not released; ValueError without a
    reason. Nothing changes then.
    """
    if not reason.strip():
        raise ValueError("Whoever decides says why.")
    order = lock_order(order_id)
    if order.status != Order.Status.RELEASED:
        raise StaleTransition(f"Order {order.number} is {order.status}.")
    with one_reference() as read:
        bench = lock_bench(order, now=now, read=read)
        chosen = Chosen(_plan(bench, choice))
        why = Why(Cause.STAFF, now, reason.strip(), user)
        return write_plan(bench, chosen, why=why)


def list_offers(order: Order, *, now: datetime) -> list[LaneOffer]:
    """List the lanes that staff may choose between for what is open, by code; takes no lock."""
    with one_reference() as read:
        demand = read_demand(order)
        ways = read_ways(demand, now=now, read=read)
        stock = look_at_stock(demand, ways=ways)
    offers = []
    for key, way in sorted(ways.ways.items()):
        able = frozenset(
            line.pk
            for line in demand.lines
            if line.variant_id in demand.units
            and _can(ways, key, {line.variant_id: demand.units[line.variant_id]}, demand, stock)
        )
        if able:
            service = way.zone.service
            offers.append(
                LaneOffer(
                    key, way.zone.warehouse.name, f"{service.carrier} {service.name}", able,
                    way.lane.late_days > 0,
                )
            )  # fmt: skip
    return offers


def _can(ways: Ways, key: LaneKey, units: Mapping[int, int], demand: Any, stock: Any) -> bool:
    try:
        price(demand, {key: units}, ways=ways, stock=stock)
    except NoRoute:
        return False
    return True


def _plan(bench: Bench, choice: Choice) -> Plan:
    open_units = bench.demand.units
    variants = {line.pk: line.variant_id for line in bench.demand.lines}
    pinned: dict[LaneKey, dict[int, int]] = defaultdict(dict)
    for line_id, key in choice.items():
        variant = variants.get(line_id)
        if variant is not None and variant in open_units:
            pinned[key][variant] = open_units[variant]
    if not pinned:
        raise StaleTransition(f"Nothing of {bench.order.number} is open to be sent another way.")
    fixed = price(bench.demand, pinned, ways=bench.ways, stock=bench.stock)
    taken = {variant for units in pinned.values() for variant in units}
    rest = {variant: n for variant, n in open_units.items() if variant not in taken}
    if not rest:
        return fixed
    free = plan_shipments(
        bench.demand.to_plan(rest), bench.stock, bench.ways.network(limited=False),
        bench.ways.policy,
    ).plan  # fmt: skip
    return add_up([*fixed.parcels, *free.parcels], [fixed.terms, free.terms], ways=bench.ways)
