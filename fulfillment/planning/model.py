"""The problem in integers: what each lane can carry of each line, and what that costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fulfillment.planning.amounts import Scale, amount, of_grams, per_kilogram, share
from fulfillment.planning.plans import Reason
from fulfillment.planning.terms import Lane, Line, Network, Policy, Stock

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """Parcels that hold up to a weight together, and the value of all of them."""

    grams: int
    value: int
    parcels: int
    freight: int  # An amount.


@dataclass(frozen=True, slots=True)
class Way:
    """A lane in integers; lists are by line. `most` is 0 where a line cannot go this way."""

    lane: Lane
    place: int
    warehouse: int
    steps: tuple[Step, ...]
    most: list[int]
    fill: list[int]
    # Values.
    entry: int
    unit: list[int]
    setup: list[int]
    # The amounts that they come from.
    freight: list[int]
    duty: list[int]
    line_duty: list[int]
    scarcity: list[int]
    # No parcel weighs more; the whole would not weigh more than `heaviest`, by `fill`.
    limit: int
    heaviest: int

    def step(self, grams: int) -> Step | None:
        """Give the parcels for a weight; None if the warehouse cannot send so many."""
        for step in self.steps:
            if grams <= step.grams:
                return step
        return None


@dataclass(frozen=True, slots=True)
class Model:
    lines: tuple[Line, ...]
    wanted: tuple[int, ...]
    ways: tuple[Way, ...]
    scale: Scale
    # What the first parcel does not cost: the penalty is for those after it.
    constant: int
    lanes: tuple[Lane, ...]


def build_model(lines: Sequence[Line], stock: Stock, network: Network, policy: Policy) -> Model:
    """Put the problem into integers, in an order that does not depend on that of the input."""
    wanted = _merge(lines)
    lanes = _distinct(network.lanes)
    scale = Scale.of(lanes=len(lanes), units=sum(line.quantity for line in wanted))
    codes = {code: n for n, code in enumerate(sorted({lane.warehouse for lane in lanes}))}
    ways: list[Way] = []
    for position, lane in enumerate(lanes):
        # Of as many lanes, those have the least sum of ranks that stand first.
        rank = (1 << len(lanes)) - (1 << len(lanes) - 1 - position)
        way = _way(
            _Sides(lane, place=len(ways), warehouse=codes[lane.warehouse], rank=rank),
            lines=wanted, stock=stock, network=network, policy=policy, scale=scale,
        )  # fmt: skip
        if way is not None:
            ways.append(way)
    return Model(
        lines=tuple(wanted),
        wanted=tuple(line.quantity for line in wanted),
        ways=tuple(ways),
        scale=scale,
        lanes=tuple(lanes),
        constant=-scale.value(amount(policy.split_penalty)),
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    lane: Lane
    place: int
    warehouse: int
    rank: int


def _merge(lines: Sequence[Line]) -> list[Line]:
    """Add up lines of one variant; heavy ones first, for they decide most."""
    merged: dict[int, Line] = {}
    for line in lines:
        if line.quantity <= 0:
            continue
        before = merged.get(line.variant_id)
        merged[line.variant_id] = Line(
            line.variant_id,
            line.quantity + (before.quantity if before else 0),
            line.weight_grams,
            line.volume_cm3,
            line.hazards,
            line.sku,
        )
    return sorted(merged.values(), key=lambda line: (-line.weight_grams, line.variant_id))


def _distinct(lanes: Sequence[Lane]) -> list[Lane]:
    """Order lanes by their codes; of two with the same, the one that costs less stays."""
    ordered = sorted(
        lanes,
        key=lambda lane: (
            *lane.key, lane.is_down, lane.late_days, lane.base_cost, lane.cost_per_kg,
            lane.brackets, -lane.max_weight_grams, lane.per_entry,
        ),
    )  # fmt: skip
    by_key: dict[tuple[str, str], Lane] = {}
    for lane in ordered:
        by_key.setdefault(lane.key, lane)
    return list(by_key.values())


def _limit(lane: Lane) -> int:
    heaviest = min((lane.max_weight_grams, *(grams for grams, _ in lane.brackets[-1:])))
    return max(1, heaviest)


def _goes(lane: Lane, line: Line, limit: int) -> Reason | None:
    if line.variant_id in lane.barred:
        return "barred"
    if line.hazards & lane.refused_hazards:
        return "hazard"
    if line.weight_grams > limit:
        return "too_heavy"
    return None


def refusal(model: Model, lane: Lane, *, stock: Stock, network: Network) -> Reason | None:
    """Say why a lane alone cannot send everything; None if it can, weight and capacity aside."""
    if lane.is_down:
        return "carrier_down"
    if network.capacity.get(lane.warehouse) == 0:
        return "no_capacity"
    limit = _limit(lane)
    reasons = [reason for line in model.lines if (reason := _goes(lane, line, limit))]
    if reasons:
        return min(reasons, key=("barred", "hazard", "too_heavy").index)
    held = stock.get(lane.warehouse, {})
    if any(held.get(line.variant_id, 0) < line.quantity for line in model.lines):
        return "stock_short"
    return None


def _way(
    sides: _Sides, *, lines: Sequence[Line], stock: Stock, network: Network, policy: Policy,
    scale: Scale,
) -> Way | None:  # fmt: skip
    lane = sides.lane
    capacity = network.capacity.get(lane.warehouse)
    if lane.is_down or capacity == 0 or policy.max_parcels == 0:
        return None
    limit = _limit(lane)
    shelf = stock.get(lane.warehouse, {})
    held = [max(0, shelf.get(line.variant_id, 0)) for line in lines]
    most = [
        min(line.quantity, units) if units and not _goes(lane, line, limit) else 0
        for line, units in zip(lines, held, strict=True)
    ]
    if not any(most):
        return None
    grams = [lane.chargeable_grams(line) for line in lines]
    fill = [min(each, limit) for each in grams]
    heaviest = sum(units * each for units, each in zip(most, fill, strict=True))
    parcels = heaviest // limit + 1
    for known in (capacity, policy.max_parcels):
        parcels = parcels if known is None else min(parcels, known)
    per_parcel = amount(policy.split_penalty + policy.late_penalty * lane.late_days)
    per_kg = 0 if lane.brackets else per_kilogram(lane.cost_per_kg)
    scarce = amount(policy.scarcity)
    picking = amount(policy.line_cost)
    freight = [of_grams(per_kg, each) for each in grams]
    duty = _by_line(lane.per_unit, lines)
    line_duty = _by_line(lane.per_line, lines)
    scarcity = [share(scarce, units) if units else 0 for units in held]
    shift = scale.shift
    return Way(
        lane=lane,
        place=sides.place,
        warehouse=sides.warehouse,
        steps=_steps(lane, _sums(most, fill), parcels=parcels, per_parcel=per_parcel, scale=scale),
        most=most,
        fill=fill,
        entry=scale.value(amount(lane.per_entry), lanes=1, rank=sides.rank),
        unit=[sum(parts) << shift for parts in zip(freight, duty, scarcity, strict=True)],
        setup=[(picking + each) << shift for each in line_duty],
        freight=freight,
        duty=duty,
        line_duty=line_duty,
        scarcity=scarcity,
        limit=limit,
        heaviest=heaviest,
    )


def _by_line(costs: Mapping[int, Decimal], lines: Sequence[Line]) -> list[int]:
    if not costs:
        return [0] * len(lines)
    return [amount(costs.get(line.variant_id, _NOTHING)) for line in lines]


def parcel_freight(lane: Lane, grams: int) -> int:
    """Give what a parcel costs beside its kilograms: its bracket or the base, as an amount.

    Where a heavier bracket costs less, a parcel is sent as one of that.
    """
    if not lane.brackets:
        return amount(lane.base_cost)
    return min(price for up_to, price in _brackets(lane) if grams <= up_to)


def _brackets(lane: Lane) -> list[tuple[int, int]]:
    """List the brackets up to the weight limit; that which spans it ends there."""
    limit = _limit(lane)
    known = lane.brackets
    return [
        (min(up_to, limit), amount(cost))
        for n, (up_to, cost) in enumerate(known)
        if n == 0 or known[n - 1][0] < limit
    ]


def _sums(most: Sequence[int], fill: Sequence[int]) -> int:
    """Give the weights that units can add up to: bit n is set if n grams can be had."""
    sums = 1
    for units, grams in zip(most, fill, strict=True):
        part = 1
        while units > 0:  # One, two, four ... of them, then what is left, reach every number.
            sums |= sums << grams * min(part, units)
            units -= part
            part *= 2
    return sums


def _steps(
    lane: Lane, sums: int, *, parcels: int, per_parcel: int, scale: Scale
) -> tuple[Step, ...]:
    """List what weight costs: full parcels, and a last one that holds the rest.

    A step ends at the last weight that the goods can have in it, and those without are left out.
    """
    limit = _limit(lane)
    ends, prices = [limit], [amount(lane.base_cost)]
    if lane.brackets:
        known = _brackets(lane)
        ends = [up_to for up_to, _ in known]
        prices = [price for _, price in known]
        for n in range(len(prices) - 2, -1, -1):
            prices[n] = min(prices[n], prices[n + 1])
    heaviest = sums.bit_length() - 1
    sums ^= 1  # Nothing at all is no load.
    steps: list[Step] = []
    before = 0
    for full in range(parcels):
        for n, (grams, price) in enumerate(zip(ends, prices, strict=True)):
            if n + 1 < len(ends) and prices[n + 1] == price:
                continue  # The next one holds more for the same.
            end = full * limit + grams
            reached = heaviest if end >= heaviest else (sums & (2 << end) - 1).bit_length() - 1
            if reached > before or not steps:
                before = max(reached, 0)
                freight = full * prices[-1] + price
                value = scale.value(freight + (full + 1) * per_parcel, parcels=full + 1)
                steps.append(Step(before, value, full + 1, freight))
            if end >= heaviest:
                return tuple(steps)
    return tuple(steps)
