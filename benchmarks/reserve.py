"""How many reservations a second, as a share of what bare SQL does on the same server.

`python -m benchmarks.reserve` brings up its own PostgreSQL, durable as in production, and prints
one JSON object as its last line, for 8 and 32 connections of 4 processes:

- `hot_*`: one variant in one warehouse, through `fulfillment.stock.reserve_stock`, against one
  bare statement (conditional UPDATE of the level and INSERT of a reservation line);
- `buckets_*`: the same variant laid out in buckets, against the same bare statement on one row;
- `cart_*`: three variants of twelve, against a bare statement that locks and changes the rows of
  the cart in order and inserts its lines;
- `oversold`: units held beyond those that there were, and levels that do not add up.

Ours and bare take turns in rounds on the same server and rows; a ratio is the median of its
rounds. Orders, and the reservations that bare lines belong to, are made ahead of the clock. Every
call is a transaction of its own, on both sides.
"""

import argparse
import json
import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from benchmarks.own_servers import own_servers

if TYPE_CHECKING:
    from django.db.models import Model

PROCESSES = 4
CONNECTIONS = (8, 32)
BUCKETS = 64
CARTS_FROM = 12
PLENTY = 1_000_000
FEW = 500
WARM_UP = 10
# A cell that is faster runs out of orders and says so.
ORDERS_PER_SECOND = {"ours": 9_000, "bare": 6_000}
COUNTRY, OPTION = "DE", "standard"

BARE_ROW = """
WITH taken AS (
    UPDATE fulfillment_stocklevel SET reserved = reserved + 1, changed_at = now()
    WHERE variant_id = %s AND warehouse_id = %s AND on_hand - reserved >= 1
    RETURNING variant_id, warehouse_id
)
INSERT INTO fulfillment_reservationline
    (reservation_id, variant_id, warehouse_id, quantity, ahead)
SELECT %s, variant_id, warehouse_id, 1, 0 FROM taken
"""
BARE_CART = """
WITH locked AS MATERIALIZED (
    SELECT id, variant_id, warehouse_id FROM fulfillment_stocklevel
    WHERE variant_id = ANY (%s) AND warehouse_id = %s AND on_hand - reserved >= 1
    ORDER BY variant_id, warehouse_id FOR UPDATE
), taken AS (
    UPDATE fulfillment_stocklevel AS level
    SET reserved = level.reserved + 1, changed_at = now()
    FROM locked WHERE level.id = locked.id
)
INSERT INTO fulfillment_reservationline
    (reservation_id, variant_id, warehouse_id, quantity, ahead)
SELECT %s, variant_id, warehouse_id, 1, 0 FROM locked
"""


@dataclass(frozen=True)
class Shop:
    """A warehouse and its goods; the first variant is the hot seller."""

    warehouse: int
    variants: tuple[int, ...]


@dataclass(frozen=True)
class Round:
    """What one process does in one round: which side it plays, and its orders or reservations."""

    side: str
    first_id: int
    count: int


@dataclass(frozen=True)
class Task:
    """One process's part of a cell."""

    name: str
    threads: int
    seconds: float
    shop: Shop
    rounds: tuple[Round, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="cells that begin so: cart_8")
    arguments = parser.parse_args()
    with own_servers(durable=True):
        shop = _make_shop()
        found = {
            f"{name}_{connections}": _measure(
                shop, name, connections, seconds=arguments.seconds, rounds=arguments.rounds
            )
            for name in ("hot", "buckets", "cart")
            for connections in CONNECTIONS
            if f"{name}_{connections}".startswith(arguments.only)
        }
        oversold = _oversold() + _sell_out(shop, buckets=0) + _sell_out(shop, buckets=BUCKETS)
        print(json.dumps({**found, "oversold": oversold}), flush=True)


# The cells ----------------------------------------------------------------------------------------


def _measure(shop: Shop, name: str, connections: int, *, seconds: float, rounds: int) -> float:
    """Give reservations a second of ours as a share of bare SQL's."""
    _set_buckets(shop, BUCKETS if name == "buckets" else 0)
    threads = connections // PROCESSES
    plan: list[list[Round]] = [[] for _ in range(PROCESSES)]
    for number in range(rounds * 2):
        # Who begins changes too.
        side = ("bare", "ours")[(number + number // 2) % 2]
        count = int(ORDERS_PER_SECOND[side] * seconds) // PROCESSES
        first = _make_orders(
            shop, count * PROCESSES, lines=3 if name == "cart" else 1, reserved=side == "bare"
        )
        for process, rows in enumerate(plan):
            rows.append(Round(side, first + process * count, count))
    _settle()
    tasks = [Task(name, threads, seconds, shop, tuple(rows)) for rows in plan]
    counts = _run(tasks)
    rates = [sum(each) / seconds for each in zip(*counts, strict=True)]
    ratios: list[float] = []
    for number in range(0, rounds * 2, 2):
        of_side = {plan[0][n].side: rates[n] for n in (number, number + 1)}
        ratios.append(of_side["ours"] / of_side["bare"])
        _say(f"{name}_{connections}: {of_side['ours']:.0f} ours, {of_side['bare']:.0f} bare /s")
    return round(float(median(ratios)), 2)


def _sell_out(shop: Shop, *, buckets: int) -> int:
    """Sell a few units to more buyers than there are; give how many were sold too many."""
    from fulfillment.models import ReservationLine

    _set_stock(shop, FEW)
    _set_buckets(shop, buckets)
    first = _make_orders(shop, FEW * 2, lines=1, reserved=False)
    share = FEW * 2 // PROCESSES
    tasks = [
        Task("sell_out", 8, 600, shop, (Round("ours", first + n * share, share),))
        for n in range(PROCESSES)
    ]
    sold = sum(count for counts in _run(tasks) for count in counts)
    held = ReservationLine.objects.filter(
        reservation__order__gte=first, reservation__order__lt=first + FEW * 2
    ).count()
    if not sold == held >= FEW:
        raise SystemExit(f"{sold} were sold and {held} are held, of {FEW}.")
    _set_stock(shop, PLENTY)
    return held - FEW + _oversold()


def _oversold() -> int:
    """Count units that are held and not there, and levels that do not add up."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(greatest(0, held - on_hand)), 0)
                + count(*) FILTER (WHERE held <> reserved - laid OR reserved > on_hand)
            FROM (
                SELECT level.on_hand, level.reserved, (
                    SELECT coalesce(sum(quantity), 0) FROM fulfillment_reservationline AS line
                    WHERE line.variant_id = level.variant_id
                        AND line.warehouse_id = level.warehouse_id
                ) AS held, (
                    SELECT coalesce(sum(free), 0) FROM fulfillment_stockbucket
                    WHERE level_id = level.id
                ) AS laid
                FROM fulfillment_stocklevel AS level
            ) AS level
            """
        )
        return int(cursor.fetchone()[0])


# Processes and threads ----------------------------------------------------------------------------


def _run(tasks: Sequence[Task]) -> list[list[int]]:
    """Run the tasks, each in a process of its own; give what each did in each round."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(tasks))
    answers = context.Queue()
    processes = [
        context.Process(target=_play, args=(n, task, barrier, answers))
        for n, task in enumerate(tasks)
    ]
    for process in processes:
        process.start()
    found = dict(answers.get() for _ in processes)
    for process in processes:
        process.join()
    if None in found.values():
        raise SystemExit("A process failed; its error is above.")
    return [found[n] for n in range(len(tasks))]


def _play(number: int, task: Task, barrier: Barrier, answers: Any) -> None:
    answer = None
    try:
        import django

        django.setup()
        answer = [_play_round(task, each, barrier) for each in task.rounds]
    finally:
        answers.put((number, answer))
        if answer is None:
            barrier.abort()


def _play_round(task: Task, part: Round, barrier: Barrier) -> int:
    """Run a round in threads with a connection each; give how many reservations were made."""
    turn = {"ours": _ours, "bare": _bare}[part.side]
    share = part.count // task.threads
    ready = threading.Barrier(task.threads + 1)
    counts: list[int | Exception] = [0] * task.threads

    def run(thread: int) -> None:
        try:
            first = part.first_id + thread * share
            counts[thread] = turn(task, range(first, first + share), ready)
        except Exception as error:
            counts[thread] = error
            ready.abort()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(task.threads)]
    for thread in threads:
        thread.start()
    ready.wait()  # All have a connection and their orders …
    barrier.wait()  # … in every process.
    ready.wait()
    for thread in threads:
        thread.join()
    done = 0
    for count in counts:
        if isinstance(count, Exception):
            raise count
        done += count
    return done


def _ours(task: Task, ids: Sequence[int], ready: threading.Barrier) -> int:
    from django.db import connection

    from fulfillment.errors import OutOfStock
    from fulfillment.stock import reserve_stock
    from markets.models import Market
    from orders.models import Order

    market = Market.objects.get(code="de")
    now = datetime.now(UTC)
    ends = now + timedelta(minutes=45)
    orders = iter([Order(pk=pk, market=market) for pk in ids])

    def reserve() -> bool:
        try:
            reserve_stock(next(orders), country=COUNTRY, option=OPTION, expires_at=ends, now=now)
        except OutOfStock:
            return False
        return True

    connection.ensure_connection()
    try:
        return _until_the_end(task, reserve, ready, most=len(ids))
    finally:
        connection.close()


def _bare(task: Task, ids: Sequence[int], ready: threading.Barrier) -> int:
    reservations = iter(ids)
    chance = random.Random(ids[0])  # noqa: S311  It chooses goods.
    variants, warehouse = task.shop.variants, task.shop.warehouse
    # Of what is laid out in buckets nothing is left in the row itself.
    row = variants[1] if task.name == "buckets" else variants[0]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as bare:

        def reserve_one() -> bool:
            values = (row, warehouse, next(reservations))
            return bare.execute(BARE_ROW, values).rowcount == 1

        def reserve_cart() -> bool:
            cart = chance.sample(variants, 3)
            return bare.execute(BARE_CART, (cart, warehouse, next(reservations))).rowcount == 3

        reserve = reserve_cart if task.name == "cart" else reserve_one
        return _until_the_end(task, reserve, ready, most=len(ids))


def _until_the_end(
    task: Task, reserve: Callable[[], bool], ready: threading.Barrier, *, most: int
) -> int:
    done = tried = 0
    if task.name != "sell_out":
        # A connection makes its plans with its first calls, on both sides.
        for _ in range(WARM_UP):
            reserve()
        tried = WARM_UP
    ready.wait()
    ready.wait()
    ends = time.perf_counter() + task.seconds
    while time.perf_counter() < ends and tried < most:
        tried += 1
        done += reserve()
    if tried == most and task.name != "sell_out":
        raise RuntimeError("There were too few orders for this machine.")
    return done


# What has to be there -----------------------------------------------------------------------------


def _make_shop() -> Shop:
    from benchmarks.reprice import load_shop
    from catalog.models import Variant
    from fulfillment.models import Carrier, CarrierService, Warehouse, Zone

    load_shop(CARTS_FROM, now=datetime.now(UTC) - timedelta(days=1))
    warehouse = Warehouse.objects.create(
        code="one", name="One", country="DE", address="Kai 1", time_zone="Europe/Berlin",
        cutoff="15:00",
    )  # fmt: skip
    service = CarrierService.objects.create(
        code="parcel", name="Parcel", option=OPTION,
        carrier=Carrier.objects.create(code="carrier", name="Carrier"),
    )  # fmt: skip
    Zone.objects.create(
        service=service, warehouse=warehouse, countries=[COUNTRY], base_cost=Decimal("4.00"),
        cost_per_kg=Decimal("1.00"), transit_days_min=1, transit_days_max=2,
    )  # fmt: skip
    variants = tuple(Variant.objects.order_by("pk").values_list("pk", flat=True)[:CARTS_FROM])
    shop = Shop(warehouse.pk, variants)
    _set_stock(shop, PLENTY)
    return shop


def _set_stock(shop: Shop, units: int) -> None:
    """Book what brings every variant's free units to a number."""
    from fulfillment.models import StockLevel, StockMovement

    now = datetime.now(UTC)
    _set_buckets(shop, 0)
    free = {level.variant_id: level.free for level in StockLevel.objects.all()}
    StockMovement.objects.bulk_create(
        StockMovement(
            variant_id=variant, warehouse_id=shop.warehouse, kind=StockMovement.Kind.COUNT,
            quantity=units - free.get(variant, 0), occurred_at=now,
        )
        for variant in shop.variants
        if units != free.get(variant, 0)
    )  # fmt: skip


def _set_buckets(shop: Shop, buckets: int) -> None:
    from fulfillment.models import StockLevel
    from fulfillment.stock import lay_out_hot_levels

    StockLevel.objects.filter(variant=shop.variants[0]).update(buckets=buckets)
    lay_out_hot_levels(datetime.now(UTC))


_next_id = 1_000_000


def _make_orders(shop: Shop, count: int, *, lines: int, reserved: bool) -> int:
    """Make orders of one unit of each of some variants; give the first id of them in a row.

    `reserved` makes their reservations, with the same ids, and no lines of the orders. The checks
    of an order's parts are off meanwhile: these are not sold to anybody.
    """
    global _next_id
    from django.db import connection

    from fulfillment.models import Reservation
    from orders.models import Cart, Order, OrderLine

    first, _next_id = _next_id, _next_id + count
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    order = _template(shop)
    _copy(Cart, order.cart_id, first, count, {"token": "'cart' || n"})
    _copy(
        Order, order.pk, first, count,
        {"number": "'N' || n", "token": "'order' || n", "cart_id": "n"},
    )  # fmt: skip
    if reserved:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO fulfillment_reservation (id, order_id, status, created_at)"
                " SELECT n, n, %s, now() FROM generate_series(%s, %s) AS n",
                [Reservation.Status.ACTIVE, first, first + count - 1],
            )
    else:
        template = order.lines.get()
        for line in range(lines):
            # Three neighbours, begun anywhere: as many of each, and never one of them twice.
            chosen = f"(ARRAY{list(shop.variants)})[1 + mod(n * 7 + {line}, {len(shop.variants)})]"
            overrides = {
                "order_id": "n",
                "variant_id": chosen if lines > 1 else str(shop.variants[0]),
                "id": f"n + {line} * 100000000::bigint",
            }
            _copy(OrderLine, template.pk, first, count, overrides)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")
    return first


def _template(shop: Shop) -> Any:
    """Give the order that the others are copies of."""
    from catalog.models import TaxCategory
    from markets.models import Market
    from orders.models import Address, Cart, Order, OrderLine

    made = Order.objects.filter(number="TEMPLATE").first()
    if made is not None:
        return made
    now, zero = datetime.now(UTC), Decimal(0)
    market = Market.objects.get(code="de")
    address = Address.objects.create(
        name="Ada", street_address="Kai 1", city="Hamburg", postal_code="20457", country=COUNTRY
    )
    made = Order.objects.create(
        number="TEMPLATE", market=market, cart=Cart.objects.create(market=market), language="en",
        locale="en_GB", currency=market.currency, email="ada@example.com",
        shipping_address=address, billing_address=address, delivery_option=OPTION,
        prices_include_tax=True, net=zero, tax=zero, gross=zero, placed_at=now, priced_at=now,
    )  # fmt: skip
    OrderLine.objects.create(
        order=made, variant_id=shop.variants[0], sku="SKU", title="Title", quantity=1,
        unit_price=zero, net=zero, tax=zero, gross=zero, tax_percent=zero, price_id=1,
        tax_category=TaxCategory.objects.all()[0],
    )  # fmt: skip
    return made


def _copy(
    model: "type[Model]", template: int, first: int, count: int, overrides: dict[str, str]
) -> None:
    """Copy a row; `n` is the copy's number, and its id unless told."""
    from django.db import connection

    columns = [field.column or "" for field in model._meta.concrete_fields]
    values = [{"id": "n", **overrides}.get(column, f'"{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names})'  # noqa: S608  Our own names.
            f' SELECT {", ".join(values)} FROM "{model._meta.db_table}" AS template,'
            " generate_series(%s, %s) AS n WHERE template.id = %s",
            [first, first + count - 1, template],
        )


def _settle() -> None:
    """Let nothing of what was made still be going on when the clock starts."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
