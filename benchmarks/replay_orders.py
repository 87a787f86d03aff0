"""What routing saves: a year of a retailer's orders, sent from five warehouses in four ways.

    python -m benchmarks.replay_orders ORDERS [--sample N] [--picture FILE]

ORDERS is the table of the UCI "Online Retail" data as Parquet: InvoiceNo, StockCode, Quantity,
InvoiceDate, UnitPrice, Country. It is a wholesaler's, so more than six of a line count as six,
and orders of more than twelve lines are left out. The table has neither weights nor stock: both
are drawn, by stock code and week, with a fixed seed, and every way meets the same shelves. Prints
a table and draws a picture.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from random import Random

from benchmarks.replay_orders_picture import draw
from fulfillment.planning import Lane, Line, Network, Policy, plan_shipments
from fulfillment.planning.loads import Load, value_of, weigh
from fulfillment.planning.model import Model, Way, build_model

ROOT = Path(__file__).resolve().parent.parent
# Latitude and longitude, by which freight and transit go.
COUNTRIES = {
    "United Kingdom": ("GB", 52.5, -1.5), "Germany": ("DE", 51.0, 9.5), "France": ("FR", 47.5, 2.5),
    "EIRE": ("IE", 53.3, -7.5), "Spain": ("ES", 40.4, -3.7), "Netherlands": ("NL", 52.2, 5.3),
    "Switzerland": ("CH", 47.0, 8.2), "Belgium": ("BE", 50.8, 4.4), "Portugal": ("PT", 39.5, -8.5),
    "Norway": ("NO", 60.5, 9.0), "Italy": ("IT", 43.5, 11.5), "Austria": ("AT", 47.8, 14.5),
    "Denmark": ("DK", 56.0, 10.0), "Sweden": ("SE", 59.0, 15.0), "Finland": ("FI", 61.5, 25.5),
    "Poland": ("PL", 52.0, 19.5), "Australia": ("AU", -33.0, 148.0), "USA": ("US", 40.0, -80.0),
    "Japan": ("JP", 35.5, 138.0),
}  # fmt: skip
ALONE = {"GB", "CH", "NO", "AU", "US", "JP"}  # Not in the customs union.
# By priority, with the share of the range that each has on its shelves.
WAREHOUSES = {
    "manchester": ("GB", 53.5, -2.2, 0.75),
    "london": ("GB", 51.5, 0.0, 0.50),
    "rotterdam": ("NL", 51.9, 4.5, 0.60),
    "leipzig": ("DE", 51.3, 12.4, 0.40),
    "zaragoza": ("ES", 41.6, -0.9, 0.30),
}
POLICY = Policy(
    line_cost=Decimal("0.25"),
    split_penalty=Decimal("1.00"),
    late_penalty=Decimal("5.00"),
    search_limit=5_000,
)
# What is paid, without what only weighs in.
PAID = replace(POLICY, split_penalty=Decimal(0), late_penalty=Decimal(0))
BRACKETS = (1_000, 2_000, 5_000, 10_000, 20_000, 31_500)
MOST_LINES, MOST_UNITS = 12, 6
PROMISED_DAYS, PROMISED_DAYS_FAR = 3, 9


@dataclass(frozen=True)
class Order:
    number: str
    day: date
    country: str
    lines: tuple[Line, ...]
    prices: dict[int, Decimal]


@dataclass
class Outcome:
    orders: int = 0
    parcels: int = 0
    cost: Decimal = Decimal(0)
    kept: int = 0

    def add(self, paid: Model, load: Load) -> None:
        value = value_of(paid, load, max_parcels=None)
        assert value is not None  # noqa: S101 - no lane has a limit on parcels here
        self.orders += 1
        self.cost += Decimal(paid.scale.amount(value)).scaleb(-5)
        for place, grams in weigh(paid, load).items():
            step = paid.ways[place].step(grams)
            self.parcels += step.parcels if step else 0
        self.kept += all(paid.ways[place].lane.late_days == 0 for place, _ in load)

    def row(self) -> tuple[float, float, float]:
        return (
            self.parcels / self.orders,
            float(self.cost) / self.orders,
            100 * self.kept / self.orders,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("orders", type=Path)
    parser.add_argument("--sample", type=int, help="how many orders; else all")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs/images/routing.svg")
    arguments = parser.parse_args()
    orders = read_orders(arguments.orders)
    if arguments.sample:
        orders = Random(5).sample(orders, arguments.sample)  # noqa: S311 - a repeatable choice
    outcomes = replay(orders)
    count = sum(len(order.lines) for order in orders)
    print(f"{len(orders):,} orders of {count / len(orders):.1f} lines, five warehouses")
    print(f"{'':22}{'parcels an order':>18}{'EUR an order':>14}{'promise kept':>14}")
    for name, outcome in outcomes.items():
        parcels, cost, kept = outcome.row()
        print(f"{name:22}{parcels:>18.3f}{cost:>14.2f}{kept:>13.1f}%")
    arguments.picture.parent.mkdir(parents=True, exist_ok=True)
    rows = {name: outcome.row() for name, outcome in outcomes.items()}
    arguments.picture.write_text(draw(rows, orders=len(orders)))


def replay(orders: Sequence[Order]) -> dict[str, Outcome]:
    """Send every order in each of the four ways, from the same shelves."""
    outcomes = {name: Outcome() for name in ("planner", *RULES)}
    for order in orders:
        stock = draw_stock(order)
        network = Network(tuple(_lane(order, code) for code in WAREHOUSES))
        paid = build_model(order.lines, stock, network, PAID)
        routing = plan_shipments(order.lines, stock, network, POLICY)
        places = {way.lane.warehouse: way.place for way in paid.ways}
        positions = {line.variant_id: k for k, line in enumerate(paid.lines)}
        outcomes["planner"].add(
            paid,
            {
                (places[code], positions[variant]): units
                for (code, variant), units in routing.plan.units().items()
            },
        )
        for name, rule in RULES.items():
            outcomes[name].add(paid, rule(paid, order))
    return outcomes


def read_orders(path: Path) -> list[Order]:
    """Read invoices of known countries; no credit notes, postage or fees."""
    import pyarrow.parquet as pq

    columns = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "Country")
    rows: dict[tuple[str, date, str], dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    table = pq.read_table(path, columns=list(columns))
    for number, code, units, moment, price, country in zip(
        *(table[column].to_pylist() for column in columns), strict=True
    ):
        if units <= 0 or country not in COUNTRIES or not code[:5].isdigit():
            continue
        lines = rows[str(number), moment.date(), country]
        before = lines.get(code, (0, Decimal(0)))[0]
        lines[code] = (min(MOST_UNITS, before + units), Decimal(str(price)))
    codes = {
        code: n for n, code in enumerate(sorted({code for row in rows.values() for code in row}))
    }
    return [
        Order(
            number,
            day,
            country,
            tuple(_line(code, codes[code], units) for code, (units, _) in sorted(lines.items())),
            {codes[code]: price for code, (_, price) in lines.items()},
        )
        for (number, day, country), lines in sorted(rows.items())
        if len(lines) <= MOST_LINES
    ]


def _line(code: str, variant: int, units: int) -> Line:
    chance = Random(code)  # noqa: S311 - the same weight whenever the code comes up
    grams = chance.choice((40, 60, 90, 120, 150, 220, 300, 450, 700, 1_100))
    return Line(variant, units, grams, volume_cm3=grams * chance.randint(3, 7), sku=code)


def draw_stock(order: Order) -> dict[str, dict[int, int]]:
    """Draw the week's shelves; what was sold is somewhere, if not in one place."""
    stock: dict[str, dict[int, int]] = {code: {} for code in WAREHOUSES}
    week = order.day.isocalendar()[:2]
    for line in order.lines:
        chance = Random(f"{line.sku} {week}")  # noqa: S311
        for code, (_, _, _, share) in WAREHOUSES.items():
            if chance.random() < share:
                stock[code][line.variant_id] = chance.randint(1, 40)
        missing = line.quantity - sum(held.get(line.variant_id, 0) for held in stock.values())
        if missing > 0:
            held = stock[chance.choice(list(WAREHOUSES))]
            held[line.variant_id] = held.get(line.variant_id, 0) + missing
    return stock


def _kilometres(code: str, country: str) -> float:
    _, north, east, _ = WAREHOUSES[code]
    _, other_north, other_east = COUNTRIES[country]
    a, b = radians(north), radians(other_north)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_east - east) / 2) ** 2
    return 12_742 * asin(sqrt(half))


def _lane(order: Order, code: str) -> Lane:
    """Make up a lane by distance: a border adds clearance, duty of 4 % and a day."""
    here, there = WAREHOUSES[code][0], COUNTRIES[order.country][0]
    distance = Decimal(round(_kilometres(code, order.country)))
    border = here != there and bool(ALONE & {here, there})
    base = Decimal("2.90") + min(distance, Decimal(3_000)) * Decimal("0.002")
    per_kg = Decimal("0.25") + min(distance, Decimal(6_000)) * Decimal("0.0006")
    days = 1 + -(-int(distance) // 900) + border
    promised = PROMISED_DAYS_FAR if there in {"AU", "US", "JP"} else PROMISED_DAYS
    days = min(days, PROMISED_DAYS_FAR) if there in {"AU", "US", "JP"} else days
    return Lane(
        warehouse=code,
        service="parcel",
        base_cost=base,
        cost_per_kg=per_kg,
        max_weight_grams=BRACKETS[-1],
        brackets=tuple((end, base + per_kg * end / 1_000) for end in BRACKETS),
        volumetric_divisor=5_000,
        late_days=max(0, days - promised),
        per_unit={
            variant: (price * Decimal("0.04")).quantize(Decimal("0.001"))
            for variant, price in order.prices.items()
        }
        if border
        else {},
        per_entry=Decimal("2.50") if border else Decimal(0),
    )


def _in_turn(model: Model, ways: Sequence[Way]) -> Load:
    """Take from each warehouse what it has of what is missing."""
    load: Load = {}
    left = list(model.wanted)
    for way in ways:
        for k, most in enumerate(way.most):
            if taken := min(left[k], most):
                load[way.place, k] = taken
                left[k] -= taken
    return load


def nearest(model: Model, order: Order) -> Load:
    return _in_turn(
        model,
        sorted(model.ways, key=lambda way: _kilometres(way.lane.warehouse, order.country)),
    )


def _by_priority(model: Model) -> list[Way]:
    codes = list(WAREHOUSES)
    return sorted(model.ways, key=lambda way: codes.index(way.lane.warehouse))


def priority(model: Model, _order: Order) -> Load:
    return _in_turn(model, _by_priority(model))


def fewest_splits(model: Model, _order: Order) -> Load:
    """Take the fewest warehouses that have everything, by priority among as many."""
    ways = _by_priority(model)
    for count in range(1, len(ways) + 1):
        for some in combinations(ways, count):
            if all(
                sum(way.most[k] for way in some) >= units for k, units in enumerate(model.wanted)
            ):
                return _in_turn(model, some)
    raise AssertionError("All warehouses together have everything")


RULES: dict[str, Callable[[Model, Order], Load]] = {
    "nearest warehouse": nearest,
    "priority order": priority,
    "fewest splits": fewest_splits,
}


if __name__ == "__main__":
    main()
