"""The cheapest way to send an order: branch and bound over warehouses, pure.

A plan chooses lanes, at most one per warehouse, and gives each line's units to them; a line may
be split. A lane's load becomes parcels (`packing.pack`), each at the lane's base cost plus its
cost per kilogram. The plan taken costs least; among equals it has the fewest parcels, then the
fewest warehouses, then the first warehouse codes. Amounts are in EUR, unrounded.

Guarantee: the plan is the best there is under these rules, unless `Routing.exact` is False: then
the search met its limit, and the plan is feasible and the best of those it saw.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from fulfillment.errors import NoRoute
from fulfillment.packing import Units, fewest_boxes, pack

MAX_REJECTED = 10
SEARCH_LIMIT = 50_000


@dataclass(frozen=True)
class Lane:
    """A carrier service from one warehouse to the order's country; costs in EUR."""

    warehouse: str
    service: str
    base_cost: Decimal
    cost_per_kg: Decimal
    max_weight_grams: int

    def cost(self, weight_grams: int, *, parcels: int) -> Decimal:
        return self.base_cost * parcels + self.cost_per_kg * Decimal(weight_grams).scaleb(-3)


@dataclass(frozen=True)
class Parcel:
    lane: Lane
    contents: Mapping[int, int]
    weight_grams: int
    cost: Decimal


@dataclass(frozen=True)
class Plan:
    parcels: tuple[Parcel, ...]
    cost: Decimal

    @property
    def warehouses(self) -> tuple[str, ...]:
        return tuple(sorted({parcel.lane.warehouse for parcel in self.parcels}))

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(sorted({parcel.lane.service for parcel in self.parcels}))

    @property
    def rank(self) -> tuple[Decimal, int, int, tuple[str, ...], tuple[str, ...]]:
        warehouses = self.warehouses
        return (self.cost, len(self.parcels), len(warehouses), warehouses, self.services)


@dataclass(frozen=True)
class RejectedPlan:
    """A plan turned down. Without cost and parcels it was none: the warehouse alone cannot."""

    warehouses: tuple[str, ...]
    services: tuple[str, ...]
    cost: Decimal | None
    parcels: int | None
    reason: str


@dataclass(frozen=True)
class Routing:
    plan: Plan
    rejected: tuple[RejectedPlan, ...]
    exact: bool


def plan_routes(
    demands: Sequence[Units],
    *,
    lanes: Iterable[Lane],
    stock: Mapping[str, Mapping[int, int]],
    search_limit: int = SEARCH_LIMIT,
) -> Routing:
    """Choose the cheapest feasible plan, with up to ten others and why they were turned down.

    `stock` maps warehouse code to variant to units. Reasons: costs_more, more_parcels,
    more_warehouses, later_code; stock_short, too_heavy for a warehouse alone. Raises NoRoute.
    """
    return _Search(demands, lanes=lanes, stock=stock, limit=search_limit).run()


class _Bound(NamedTuple):
    """What a plan costs, or cannot go below; compared in this order."""

    cost: Decimal
    parcels: int


Load = list[list[int]]  # Units by lane and demand, in the order of both.


class _Search:
    def __init__(
        self,
        demands: Sequence[Units],
        *,
        lanes: Iterable[Lane],
        stock: Mapping[str, Mapping[int, int]],
        limit: int,
    ) -> None:
        # Heavy lines first: they decide most, so that bounds bite early.
        self.demands = sorted(demands, key=lambda unit: (-unit.weight_grams, unit.variant_id))
        self.stock = stock
        self.left = limit
        self.plans: list[Plan] = []
        self.best: Plan | None = None
        self.lanes = sorted(lanes, key=lambda lane: (lane.warehouse, lane.service))
        self.reach = {lane: self._reach(lane) for lane in self.lanes}
        useful = [lane for lane in self.lanes if any(self.reach[lane])]
        self.warehouses = [
            [lane for lane in useful if lane.warehouse == code]
            for code in sorted({lane.warehouse for lane in useful})
        ]
        self.least_per_kg = [
            min((lane.cost_per_kg for lane in useful if self.reach[lane][k]), default=Decimal(0))
            for k in range(len(self.demands))
        ]
        self.least_transport = sum(
            (
                per_kg * Decimal(unit.quantity * unit.weight_grams).scaleb(-3)
                for unit, per_kg in zip(self.demands, self.least_per_kg, strict=True)
            ),
            Decimal(0),
        )

    def run(self) -> Routing:
        if not self._covers([], undecided=0):
            raise NoRoute({code: why for (code, _), why in self._unable().items()})
        # Whole orders first: they are what is mostly taken, and they bound the rest.
        for lane in self.lanes:
            if self._covers([lane]):
                self._consider([lane])
        if self.best is None:
            self._keep(self._few_lanes())
        self._branch(0, [])
        assert self.best is not None  # noqa: S101 - everything is covered, so there is a plan
        return Routing(plan=self.best, rejected=self._rejected(self.best), exact=self.left > 0)

    def _reach(self, lane: Lane) -> list[int]:
        held = self.stock.get(lane.warehouse, {})
        return [
            max(0, min(unit.quantity, held.get(unit.variant_id, 0)))
            if unit.weight_grams <= lane.max_weight_grams
            else 0
            for unit in self.demands
        ]

    def _covers(self, lanes: Sequence[Lane], *, undecided: int | None = None) -> bool:
        """Tell whether lanes, with the best of the undecided warehouses, have all units."""
        rest = [] if undecided is None else self.warehouses[undecided:]
        return all(
            sum(self.reach[lane][k] for lane in lanes)
            + sum(max(self.reach[lane][k] for lane in group) for group in rest)
            >= unit.quantity
            for k, unit in enumerate(self.demands)
        )

    def _few_lanes(self) -> Plan:
        """Leave out warehouses, the dearest first, as long as the rest has everything."""
        strongest = [
            max(group, key=lambda lane: lane.max_weight_grams) for group in self.warehouses
        ]
        for lane in sorted(strongest, key=lambda lane: (-lane.base_cost, lane.warehouse)):
            rest = [other for other in strongest if other is not lane]
            if self._covers(rest):
                strongest = rest
        ordered = _by_cost_per_kg(strongest)
        return self._plan(ordered, self._cheapest_first(ordered))

    def _branch(self, position: int, chosen: list[Lane]) -> None:
        """Decide warehouse by warehouse: one of its lanes, or none."""
        self.left -= 1
        if self.left <= 0 or not self._covers(chosen, undecided=position):
            return
        if self._hopeless(self._bound(position, chosen)):
            return
        if position == len(self.warehouses):
            if len(chosen) > 1:
                self._consider(chosen)
            return
        for lane in self.warehouses[position]:
            self._branch(position + 1, [*chosen, lane])
        self._branch(position + 1, chosen)

    def _bound(self, position: int, chosen: Sequence[Lane]) -> _Bound:
        cost = sum((lane.base_cost for lane in chosen), self.least_transport)
        parcels = len(chosen)
        rest = [lane for group in self.warehouses[position:] for lane in group]
        if rest and not self._covers(chosen):  # One more at least.
            cost += min(lane.base_cost for lane in rest)
            parcels += 1
        return _Bound(cost, parcels)

    def _hopeless(self, bound: _Bound) -> bool:
        return self.best is not None and bound > (self.best.cost, len(self.best.parcels))

    def _consider(self, lanes: Sequence[Lane]) -> None:
        ordered = _by_cost_per_kg(lanes)
        load = _Assignment(self, ordered, start=self._cheapest_first(ordered)).run()
        if all(any(units) for units in load):
            self._keep(self._plan(ordered, load))
        # Else the same plan without the idle lane was, or will be, considered.

    def _keep(self, plan: Plan) -> None:
        self.plans.append(plan)
        if self.best is None or plan.rank < self.best.rank:
            self.best = plan

    def _cheapest_first(self, lanes: Sequence[Lane]) -> Load:
        load = [[0] * len(self.demands) for _ in lanes]
        for k, unit in enumerate(self.demands):
            left = unit.quantity
            for position, lane in enumerate(lanes):
                load[position][k] = min(left, self.reach[lane][k])
                left -= load[position][k]
        return load

    def value(self, lanes: Sequence[Lane], load: Load) -> _Bound:
        plan = self._plan(lanes, load)
        return _Bound(plan.cost, len(plan.parcels))

    def _plan(self, lanes: Sequence[Lane], load: Load) -> Plan:
        parcels = [
            Parcel(
                lane=lane,
                contents=box.contents,
                weight_grams=box.weight_grams,
                cost=lane.cost(box.weight_grams, parcels=1),
            )
            for lane, units in sorted(
                zip(lanes, load, strict=True), key=lambda pair: pair[0].warehouse
            )
            for box in pack(
                (
                    Units(unit.variant_id, quantity, unit.weight_grams)
                    for unit, quantity in zip(self.demands, units, strict=True)
                    if quantity
                ),
                max_weight_grams=lane.max_weight_grams,
            )
        ]
        return Plan(
            parcels=tuple(parcels), cost=sum((parcel.cost for parcel in parcels), Decimal(0))
        )

    def _rejected(self, best: Plan) -> tuple[RejectedPlan, ...]:
        by_rank = {plan.rank: plan for plan in self.plans if plan.rank != best.rank}
        others = [by_rank[rank] for rank in sorted(by_rank)]
        rejected = [
            RejectedPlan(
                warehouses=plan.warehouses,
                services=plan.services,
                cost=plan.cost,
                parcels=len(plan.parcels),
                reason=_reason(plan, best),
            )
            for plan in others
        ]
        rejected += [
            RejectedPlan((code,), (service,), cost=None, parcels=None, reason=why)
            for (code, service), why in self._unable().items()
        ]
        return tuple(rejected[:MAX_REJECTED])

    def _unable(self) -> dict[tuple[str, str], str]:
        """Say for each lane that cannot send the whole order alone why it cannot."""
        return {
            (lane.warehouse, lane.service): "too_heavy"
            if any(unit.weight_grams > lane.max_weight_grams for unit in self.demands)
            else "stock_short"
            for lane in self.lanes
            if not self._covers([lane])
        }


class _Assignment:
    """Gives units to chosen lanes, all of which shall carry something.

    Filling each line from the least cost per kilogram on is best while every lane's load is one
    parcel; the first bound shows that, and nothing is searched. Where weight limits bind, lines
    compete for parcels.
    """

    def __init__(self, search: _Search, lanes: Sequence[Lane], *, start: Load) -> None:
        self.search = search
        self.lanes = lanes
        self.load = [[0] * len(search.demands) for _ in lanes]
        self.weights = [0] * len(lanes)
        self.best_load = start
        self.best = search.value(lanes, start)
        # What the lines from each position on must at least still cost to carry.
        self.rest = [Decimal(0)]
        for unit, per_kg in zip(
            reversed(search.demands), reversed(search.least_per_kg), strict=True
        ):
            kilos = Decimal(unit.quantity * unit.weight_grams).scaleb(-3)
            self.rest.append(self.rest[-1] + per_kg * kilos)
        self.rest.reverse()

    def run(self) -> Load:
        self._line(0)
        return self.best_load

    def _line(self, k: int) -> None:
        bound = self._bound(k)
        if bound >= self.best or self.search._hopeless(bound):
            return
        if k == len(self.search.demands):
            value = self.search.value(self.lanes, self.load)
            if value < self.best:
                self.best = value
                self.best_load = [list(units) for units in self.load]
            return
        self._split(k, 0, self.search.demands[k].quantity)

    def _split(self, k: int, position: int, left: int) -> None:
        """Give this lane as many units of the line as it can take, then fewer and fewer."""
        self.search.left -= 1
        if position == len(self.lanes):
            self._line(k + 1)
            return
        lane = self.lanes[position]
        later = sum(self.search.reach[other][k] for other in self.lanes[position + 1 :])
        weight = self.search.demands[k].weight_grams
        most = min(left, self.search.reach[lane][k])
        for units in range(most, max(0, left - later) - 1, -1):
            if self.search.left <= 0:
                break
            self.load[position][k] = units
            self.weights[position] += units * weight
            self._split(k, position + 1, left - units)
            self.weights[position] -= units * weight
        self.load[position][k] = 0

    def _bound(self, k: int) -> _Bound:
        cost, parcels = self.rest[k], 0
        for lane, weight in zip(self.lanes, self.weights, strict=True):
            boxes = fewest_boxes(weight, max_weight_grams=lane.max_weight_grams)
            cost += lane.cost(weight, parcels=boxes)
            parcels += boxes
        return _Bound(cost, parcels)


def _by_cost_per_kg(lanes: Iterable[Lane]) -> list[Lane]:
    return sorted(lanes, key=lambda lane: (lane.cost_per_kg, lane.warehouse, lane.service))


def _reason(plan: Plan, best: Plan) -> str:
    names = ("costs_more", "more_parcels", "more_warehouses", "later_code")
    for name, theirs, ours in zip(names, plan.rank, best.rank, strict=False):
        if theirs != ours:
            return name
    return "later_code"
