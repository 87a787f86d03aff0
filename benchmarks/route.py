"""How long it takes to route an order of ten lines over twenty warehouses, and what it saves.

    python -m benchmarks.route [--orders N] [--seed N]

Needs no servers. Stock goes from sparse to rich; half of the lanes charge by brackets, the far
ones bear duty and clearance, some arrive late, and all terms of the policy count. The last line
is a JSON object:

- `p50_ms`, `p99_ms`: of the processor time of this process for one order;
- `greedy_gap`: what the plans cost more, in total, that take the warehouse with most of the
  missing lines, then the cheapest, again and again; 0.05 is 5 %;
- `per_line_gap`: the same for each line from the warehouse where it alone is cheapest.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from fulfillment.planning import Lane, Line, Network, Policy, plan_shipments
from fulfillment.planning.loads import Load, value_of
from fulfillment.planning.model import Model, Way, build_model

LINES, WAREHOUSES = 10, 20
NEAR = 6
POLICY = Policy(
    line_cost=Decimal("0.25"),
    split_penalty=Decimal("1.00"),
    late_penalty=Decimal("5.00"),
    scarcity=Decimal("0.50"),
)
_WEIGHTS = (40, 120, 250, 300, 450, 800, 1_200, 2_500)


@dataclass(frozen=True)
class Order:
    lines: tuple[Line, ...]
    stock: dict[str, dict[int, int]]
    network: Network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    chance = Random(arguments.seed)  # noqa: S311 - a repeatable order, not a secret
    orders = [draw_order(chance) for _ in range(arguments.orders)]
    print(json.dumps(measure(orders)), flush=True)


def draw_order(chance: Random) -> Order:
    """Draw an order that its warehouses can send."""
    lines = tuple(
        Line(
            variant_id=variant,
            quantity=chance.choice((1, 1, 1, 1, 2, 2, 3, 4)),
            weight_grams=(weight := chance.choice(_WEIGHTS)),
            volume_cm3=weight * chance.randint(2, 8),
            sku=f"S{variant}",
        )
        for variant in range(1, LINES + 1)
    )
    codes = [f"w{n:02}" for n in range(WAREHOUSES)]
    share = chance.choice((0.15, 0.3, 0.6, 0.9))
    stock = {
        code: {line.variant_id: chance.randint(1, 8) for line in lines if chance.random() < share}
        for code in codes
    }
    for line in lines:  # What was sold is somewhere, if not in one place.
        missing = line.quantity - sum(held.get(line.variant_id, 0) for held in stock.values())
        if missing > 0:
            held = stock[chance.choice(codes)]
            held[line.variant_id] = held.get(line.variant_id, 0) + missing
    lanes = tuple(_draw_lane(chance, code, lines, far=n >= NEAR) for n, code in enumerate(codes))
    return Order(lines, stock, Network(lanes))


def _draw_lane(chance: Random, code: str, lines: Sequence[Line], *, far: bool) -> Lane:
    def cents(low: int, high: int) -> Decimal:
        return Decimal(chance.randint(low, high)).scaleb(-2)

    base = cents(900, 1_800) if far else cents(350, 700)
    per_kg = cents(90, 300) if far else cents(20, 90)
    brackets: tuple[tuple[int, Decimal], ...] = ()
    if chance.random() < 0.5:
        ends = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 31_500)
        brackets = tuple((end, base + per_kg * end / 1_000) for end in ends)
    return Lane(
        warehouse=code,
        service="parcel",
        base_cost=base,
        cost_per_kg=per_kg,
        max_weight_grams=31_500,
        brackets=brackets,
        volumetric_divisor=5_000,
        late_days=chance.choice((0, 0, 0, 2)) if far else 0,
        per_unit={line.variant_id: cents(0, 150) for line in lines} if far else {},
        per_entry=cents(0, 300) if far else Decimal(0),
    )


def measure(orders: Sequence[Order]) -> dict[str, float]:
    """Route all orders, in three ways."""
    times: list[float] = []
    costs: list[tuple[Decimal, Decimal, Decimal]] = []
    for order in orders:
        start = time.process_time()
        routing = plan_shipments(order.lines, order.stock, order.network, POLICY)
        times.append((time.process_time() - start) * 1_000)
        if not routing.exact:
            raise RuntimeError("The search met its limit")
        model = build_model(order.lines, order.stock, order.network, POLICY)
        costs.append((routing.plan.cost, _cost(model, greedy), _cost(model, per_line)))
    best, by_greed, by_line = (sum(column) for column in zip(*costs, strict=True))
    times.sort()
    return {
        "p50_ms": round(times[len(times) // 2], 3),
        "p99_ms": round(times[len(times) * 99 // 100], 3),
        "greedy_gap": round(float(by_greed / best - 1), 4),
        "per_line_gap": round(float(by_line / best - 1), 4),
    }


def _cost(model: Model, choose: Callable[[Model], Load]) -> Decimal:
    value = value_of(model, choose(model), max_parcels=None)
    assert value is not None  # noqa: S101 - there is no limit that it could exceed
    return Decimal(model.scale.amount(value)).scaleb(-5)


def greedy(model: Model) -> Load:
    """Take the warehouse with most of the missing lines, the cheapest of equals, and repeat."""
    left = list(model.wanted)
    load: Load = {}
    ways = list(model.ways)
    while any(left):
        way = max(ways, key=lambda way: (_lines_served(way, left), -way.steps[0].value))
        ways.remove(way)
        for k, units in enumerate(left):
            if taken := min(units, way.most[k]):
                load[way.place, k] = taken
                left[k] -= taken
    return load


def _lines_served(way: Way, left: Sequence[int]) -> int:
    return sum(0 < units <= most for units, most in zip(left, way.most, strict=True)) * 100 + sum(
        map(min, left, way.most)
    )


def per_line(model: Model) -> Load:
    """Send each line from where it alone is cheapest, from several places only if it must."""
    load: Load = {}
    for k, wanted in enumerate(model.wanted):
        left = wanted
        ways = sorted(
            (way for way in model.ways if way.most[k]),
            key=lambda way: (way.most[k] < wanted, _alone(way, k), way.place),
        )
        for way in ways:
            if taken := min(left, way.most[k]):
                load[way.place, k] = taken
                left -= taken
    return load


def _alone(way: Way, k: int) -> int:
    units = way.most[k]
    step = way.step(units * way.fill[k])
    assert step is not None  # noqa: S101 - the steps reach as far as the lane's whole load
    return (way.entry + step.value + way.setup[k]) // units + way.unit[k]


if __name__ == "__main__":
    main()
