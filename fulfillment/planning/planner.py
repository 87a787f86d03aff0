"""The way in: from lines, stock, lanes and a policy to a plan with its reasons."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from fulfillment.errors import NoRoute
from fulfillment.packing import Units, pack
from fulfillment.planning.amounts import amount, euros
from fulfillment.planning.loads import Best, Load, weigh
from fulfillment.planning.model import Model, Way, build_model, parcel_freight, refusal
from fulfillment.planning.plans import Parcel, Plan, Reason, RejectedPlan, Routing, Term
from fulfillment.planning.programme import Unsolved, solve
from fulfillment.planning.searching import Search
from fulfillment.planning.terms import Line, Network, Policy, Stock

MAX_REJECTED = 10


def plan_shipments(
    lines: Sequence[Line], stock: Stock, network: Network, policy: Policy
) -> Routing:
    """Choose the plan that costs least, with up to ten others and why they were turned down.

    Among equals it has the fewest parcels, then the fewest warehouses, then the first codes.
    Amounts are in EUR, counted in 1/1000 cents. Raises NoRoute with a reason per warehouse.
    """
    model = build_model(lines, stock, network, policy)
    search = Search(model, max_parcels=policy.max_parcels, limit=policy.search_limit)
    search.run()
    exact = search.exact or _prove(model, search.best, policy)
    answer = _Answer(model, stock=stock, network=network, policy=policy)
    if search.best.value is None:
        raise NoRoute(answer.why_none(exact=exact))
    plan = answer.plan(search.best.load)
    return Routing(plan=plan, rejected=answer.rejected(search.best, plan), exact=exact)


def _prove(model: Model, best: Best, policy: Policy) -> bool:
    """Let the solver finish what the search did not; tell whether it could."""
    if not policy.solver_seconds:
        return False
    try:
        load = solve(model, max_parcels=policy.max_parcels, seconds=policy.solver_seconds)
    except Unsolved:
        return False
    if load is not None:
        best.offer(load)
    return True


class _Answer:
    def __init__(self, model: Model, *, stock: Stock, network: Network, policy: Policy) -> None:
        self.model = model
        self.stock = stock
        self.network = network
        self.policy = policy
        self.split = amount(policy.split_penalty)
        self.picking = amount(policy.line_cost)

    def plan(self, load: Load) -> Plan:
        parcels = tuple(
            parcel
            for place in sorted({place for place, _ in load})
            for parcel in _boxes(self.model, self.model.ways[place], load)
        )
        terms, _parcels = self.terms(load)
        return Plan(parcels=parcels, cost=sum(terms.values(), Decimal(0)), terms=terms)

    def terms(self, load: Load) -> tuple[Mapping[Term, Decimal], int]:
        """Give what a load costs, by term, and its parcels."""
        freight = duty = entry = lines = scarcity = late = parcels = 0
        for place, grams in weigh(self.model, load).items():
            way = self.model.ways[place]
            step = way.step(grams)
            assert step is not None  # noqa: S101 - a load that was taken can be sent
            freight += step.freight
            parcels += step.parcels
            entry += amount(way.lane.per_entry)
            late += step.parcels * amount(self.policy.late_penalty * way.lane.late_days)
        for (place, k), units in load.items():
            way = self.model.ways[place]
            freight += units * way.freight[k]
            duty += units * way.duty[k] + way.line_duty[k]
            lines += self.picking
            scarcity += units * way.scarcity[k]
        terms: dict[Term, Decimal] = {
            "freight": euros(freight),
            "duty": euros(duty),
            "entry": euros(entry),
            "lines": euros(lines),
            "scarcity": euros(scarcity),
            "split": euros((parcels - 1) * self.split),
            "late": euros(late),
        }
        return terms, parcels

    def rejected(self, best: Best, plan: Plan) -> tuple[RejectedPlan, ...]:
        """List other plans that were seen, best first, then lanes that cannot send all alone."""
        others = sorted((value, places) for places, (value, _) in best.seen.items())
        taken = tuple(sorted({place for place, _ in best.load}))
        rejected = [
            self._turned_down(best.seen[places][1], plan)
            for _, places in others[: MAX_REJECTED + 1]
            if places != taken
        ][:MAX_REJECTED]
        if len(rejected) < MAX_REJECTED:
            whole = {places[0] for places in best.seen if len(places) == 1}
            rejected += [
                RejectedPlan((code,), (service,), cost=None, parcels=None, reason=reason)
                for (code, service), reason in self._unable(whole).items()
            ]
        return tuple(rejected[:MAX_REJECTED])

    def _turned_down(self, load: Load, best: Plan) -> RejectedPlan:
        terms, parcels = self.terms(load)
        cost = sum(terms.values(), Decimal(0))
        lanes = [self.model.ways[place].lane for place in sorted({place for place, _ in load})]
        reason: Reason
        if cost > best.cost and cost - terms["late"] <= best.cost - best.terms["late"]:
            reason = "late"
        elif cost > best.cost:
            reason = "costs_more"
        elif parcels > len(best.parcels):
            reason = "more_parcels"
        elif len(lanes) > len(best.warehouses):
            reason = "more_warehouses"
        else:
            reason = "later_code"
        return RejectedPlan(
            warehouses=tuple(lane.warehouse for lane in lanes),
            services=tuple(sorted({lane.service for lane in lanes})),
            cost=cost,
            parcels=parcels,
            reason=reason,
            terms=terms,
            late_days=max(lane.late_days for lane in lanes),
        )

    def why_none(self, *, exact: bool) -> dict[str, Reason]:
        if not exact:
            return {lane.warehouse: "unfinished" for lane in self.model.lanes}
        return {code: why for (code, _), why in self._unable(set()).items()}

    def _unable(self, whole: set[int]) -> dict[tuple[str, str], Reason]:
        """Say for each lane that cannot send the whole order alone why it cannot."""
        ways = {way.lane.key: way for way in self.model.ways}
        unable: dict[tuple[str, str], Reason] = {}
        for lane in self.model.lanes:
            reason = refusal(self.model, lane, stock=self.stock, network=self.network)
            way = ways.get(lane.key)
            if reason is not None:
                unable[lane.key] = reason
            elif way is None or way.place not in whole:
                unable[lane.key] = self._no_room(way)
        return unable

    def _no_room(self, way: Way | None) -> Reason:
        most = self.policy.max_parcels
        if most is not None and (way is None or way.steps[-1].parcels >= most):
            return "too_many"
        return "no_capacity"


def _boxes(model: Model, way: Way, load: Load) -> list[Parcel]:
    """Pack what a lane carries; each box costs what the lane asks for its weight."""
    lines = {line.variant_id: (k, line) for k, line in enumerate(model.lines)}
    units = [
        Units(line.variant_id, load[way.place, k], way.fill[k])
        for k, line in enumerate(model.lines)
        if load.get((way.place, k))
    ]
    parcels = []
    for box in pack(units, max_weight_grams=way.limit):
        inside = [(lines[variant][1], count) for variant, count in box.contents.items()]
        freight = parcel_freight(way.lane, box.weight_grams) + sum(
            count * way.freight[lines[variant][0]] for variant, count in box.contents.items()
        )
        parcels.append(
            Parcel(
                lane=way.lane,
                contents=box.contents,
                weight_grams=sum(count * line.weight_grams for line, count in inside),
                chargeable_grams=sum(
                    count * way.lane.chargeable_grams(line) for line, count in inside
                ),
                cost=euros(freight),
            )
        )
    return parcels
