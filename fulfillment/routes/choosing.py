"""Asking the planner: for the best plan, for part of one, or for the price of a given one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fulfillment.errors import NoRoute
from fulfillment.planning import (
    Network,
    Parcel,
    Plan,
    RejectedPlan,
    Routing,
    Term,
    plan_shipments,
)
from fulfillment.routes.demand import Demand
from fulfillment.routes.network import LaneKey, Ways

Stock = Mapping[str, Mapping[int, int]]
Units = Mapping[int, int]


@dataclass(frozen=True)
class Chosen:
    """A plan with what was turned down for it; `waiting` units, by variant, have no way now."""

    plan: Plan | None
    rejected: tuple[RejectedPlan, ...] = ()
    exact: bool = True
    waiting: Units | None = None


def choose(demand: Demand, *, ways: Ways, stock: Stock, units: Units | None = None) -> Chosen:
    """Take the best plan for what is open, or for some units. Raises NoRoute.

    Where no warehouse has room for so many parcels today, some of them leave later.
    """
    lines = demand.to_plan(units)
    try:
        routing = plan_shipments(lines, stock, ways.network(), ways.policy)
    except NoRoute as error:
        if "no_capacity" not in error.reasons.values():
            raise
        routing = plan_shipments(lines, stock, ways.network(limited=False), ways.policy)
    return _chosen(routing)


def choose_part(demand: Demand, *, ways: Ways, stock: Stock) -> Chosen:
    """Take the best plan for as much of what is open as there is; the rest waits."""
    try:
        return choose(demand, ways=ways, stock=stock)
    except NoRoute:
        pass
    there: dict[int, int] = defaultdict(int)
    for units in stock.values():
        for variant, count in units.items():
            there[variant] += count
    part = {variant: min(count, there[variant]) for variant, count in demand.units.items()}
    waiting = {v: n - part[v] for v, n in demand.units.items() if n > part[v]}
    if waiting and any(part.values()):
        try:
            found = choose(demand, ways=ways, stock=stock, units=part)
        except NoRoute:
            pass
        else:
            return Chosen(found.plan, found.rejected, found.exact, waiting)
    # Each line for itself: one that nobody may send does not keep the others.
    routable = {v: n for v, n in part.items() if n and _has_way(demand, v, n, ways, stock)}
    if routable and routable != part:
        waiting = {v: n - routable.get(v, 0) for v, n in demand.units.items()}
        try:
            found = choose(demand, ways=ways, stock=stock, units=routable)
        except NoRoute:
            pass
        else:
            left = {v: n for v, n in waiting.items() if n}
            return Chosen(found.plan, found.rejected, found.exact, left)
    return Chosen(None, waiting=dict(demand.units))


def price(demand: Demand, parts: Mapping[LaneKey, Units], *, ways: Ways, stock: Stock) -> Plan:
    """Give the plan that sends given units by given lanes, with what it costs. Raises NoRoute."""
    left = {code: dict(units) for code, units in stock.items()}
    parcels: list[Parcel] = []
    terms: list[Mapping[Term, Decimal]] = []
    for key in sorted(parts):
        way = ways.ways.get(key)
        if way is None:
            raise NoRoute({key[0]: "no_lane"})
        network = Network((way.lane,))
        plan = plan_shipments(demand.to_plan(parts[key]), left, network, ways.policy).plan
        parcels += plan.parcels
        terms.append(plan.terms)
        for (code, variant), units in plan.units().items():
            left[code][variant] -= units
    return add_up(parcels, terms, ways=ways)


def add_up(
    parcels: Sequence[Parcel], terms: Iterable[Mapping[Term, Decimal]], *, ways: Ways
) -> Plan:
    """Make one plan of parts of it; only the first parcel of all is no further one."""
    total: dict[Term, Decimal] = {}
    for part in terms:
        for term, amount in part.items():
            total[term] = total.get(term, Decimal(0)) + amount
    total["split"] = ways.policy.split_penalty * max(0, len(parcels) - 1)
    return Plan(tuple(parcels), sum(total.values(), Decimal(0)), total)


def _chosen(routing: Routing) -> Chosen:
    return Chosen(routing.plan, routing.rejected, routing.exact)


def _has_way(demand: Demand, variant: int, count: int, ways: Ways, stock: Stock) -> bool:
    try:
        choose(demand, ways=ways, stock=stock, units={variant: count})
    except NoRoute:
        return False
    return True
