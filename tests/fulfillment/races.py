"""Many buyers at once, with whatever else changes stock meanwhile; and what must hold after."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import F, Sum

from catalog.models import Variant
from fulfillment.errors import OutOfStock
from fulfillment.models import (
    Reservation,
    ReservationLine,
    StockBucket,
    StockLevel,
    StockMovement,
    Warehouse,
)
from fulfillment.stock import (
    expire_reservations,
    lay_out_hot_levels,
    release_reservation,
    reserve_stock,
    settle_arrived,
)
from fulfillment.stock.buckets import lock_whole_levels
from orders.models import Order
from orders.transitions import lock_order
from tests import factories
from tests.fulfillment.scenes import NOW, Scene

# As many as the pools of a few web processes have together.
MOST_AT_ONCE = 16


def make_hot(scene: Scene, units: int, *, buckets: int, safety: int = 0) -> Variant:
    """Make a variant whose units in the first warehouse are laid out in buckets."""
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], units)
    StockLevel.objects.filter(variant=variant).update(buckets=buckets, safety=safety)
    lay_out_hot_levels(NOW)
    return variant


def stock_errors() -> list[str]:
    """Compare every level with its movements, with what is held of it and with its buckets."""
    errors = []
    for level in StockLevel.objects.order_by("variant", "warehouse"):
        row = {"warehouse": level.warehouse_id, "variant": level.variant_id}
        moved = StockMovement.objects.filter(**row).aggregate(n=Sum("quantity"))["n"] or 0
        lines = ReservationLine.objects.filter(
            reservation__status=Reservation.Status.ACTIVE, **row
        ).aggregate(here=Sum("quantity"), ahead=Sum("ahead"))
        here, ahead = lines["here"] or 0, lines["ahead"] or 0
        laid = StockBucket.objects.filter(level=level).aggregate(n=Sum("free"))["n"] or 0
        if level.on_hand != moved:
            errors.append(f"{level}: {moved} were moved")
        if here != level.reserved - laid or not 0 <= here <= level.on_hand:
            errors.append(f"{level}: {here} are held, {laid} laid out")
        if ahead != level.preordered:
            errors.append(f"{level}: {ahead} are held ahead, not {level.preordered}")
    return errors


def free_units(variant: Variant) -> int:
    """Count what of a variant could be sold now, safety apart."""
    laid = StockBucket.objects.filter(level__variant=variant).aggregate(n=Sum("free"))["n"] or 0
    own = StockLevel.objects.filter(variant=variant).aggregate(
        n=Sum(F("on_hand") - F("reserved") - F("safety") - F("preordered"))
    )["n"]
    return laid + (own or 0)


def run_crowd(jobs: Sequence[Callable[[], str]], *, at_once: int = MOST_AT_ONCE) -> Counter[str]:
    """Do jobs in threads with a connection each; count their words, or the names of errors."""
    rest = iter(list(jobs))
    turn = threading.Lock()
    words: Counter[str] = Counter()

    def work() -> None:
        try:
            while True:
                with turn:
                    job = next(rest, None)
                if job is None:
                    return
                try:
                    word = job()
                except Exception as error:
                    word = f"{type(error).__name__}: {error}"
                with turn:
                    words[word] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)
    return words


def buy(order: Order, *, expires_at: datetime | None = None) -> str:
    """Reserve as placing an order does: a refused one leaves nothing."""
    try:
        with transaction.atomic():
            reserve_stock(order, country="DE", option="standard", expires_at=expires_at, now=NOW)
    except OutOfStock:
        return "refused"
    return "reserved"


def cancel(order_id: int) -> str:
    with transaction.atomic():
        released = release_reservation(lock_order(order_id))
    return "released" if released else "held nothing"


@dataclass
class Market:
    """A market day: buyers in a random order, and others who bring, take and move goods."""

    scene: Scene
    variants: Sequence[Variant]
    chance: random.Random
    placed: list[Order] = field(default_factory=list)

    def buyers(self, count: int, *, most: int, units: int = 1) -> list[Callable[[], str]]:
        """Make carts of one to `most` variants in a random order; half of them will expire."""
        jobs = []
        for number in range(count):
            chosen = self.chance.sample(list(self.variants), self.chance.randint(1, most))
            lines = {variant: self.chance.randint(1, units) for variant in chosen}
            order = factories.make_order(self.scene.market, lines)
            ends = NOW - timedelta(minutes=1) if number % 2 else None
            jobs.append(self._buy(order, ends))
            self.placed.append(order)
        return jobs

    def disturbances(self, count: int) -> list[Callable[[], str]]:
        """Make cancellations, expiries, receipts, transfers and laying out, evenly."""
        kinds = (self._cancel, self._expire, self._receive, self._transfer, self._lay_out)
        return [kinds[number % len(kinds)] for number in range(count)]

    def _buy(self, order: Order, ends: datetime | None) -> Callable[[], str]:
        return lambda: buy(order, expires_at=ends)

    def _cancel(self) -> str:
        cancel(self.chance.choice(self.placed).pk)
        return "cancelled"

    def _expire(self) -> str:
        expire_reservations(NOW)
        return "expired"

    def _receive(self) -> str:
        factories.make_stock(
            self.chance.choice(list(self.variants)), self.chance.choice(self.scene.warehouses), 2
        )
        return "received"

    def _transfer(self) -> str:
        """Move free units of two variants to another warehouse."""
        origin, destination = self.chance.sample(list(self.scene.warehouses), 2)
        chosen = sorted(
            self.chance.sample(list(self.variants), min(2, len(self.variants))),
            key=lambda variant: variant.pk,
        )
        with transaction.atomic():
            levels = lock_whole_levels(
                (variant.pk, warehouse.pk)
                for variant in chosen
                for warehouse in (origin, destination)
            )
            for variant in chosen:
                level = levels.get((variant.pk, origin.pk))
                if level is not None and level.free > 0:
                    _move(variant, origin, -1)
                    _move(variant, destination, 1)
        return "moved"

    def _lay_out(self) -> str:
        lay_out_hot_levels(NOW)
        settle_arrived(NOW)
        return "laid out"


def _move(variant: Variant, warehouse: Warehouse, units: int) -> None:
    StockMovement.objects.create(
        variant=variant,
        warehouse=warehouse,
        kind=StockMovement.Kind.COUNT,
        quantity=units,
        reference="move",
        occurred_at=NOW,
    )


class Shelf:
    """Holds rows so that others have to wait, and sees that they do."""

    @contextmanager
    def all_buckets_held(self) -> Iterator[None]:
        with transaction.atomic():
            list(StockBucket.objects.select_for_update(of=("self",)).order_by("pk"))
            yield

    def start(self, job: Callable[[], object]) -> Callable[[], object]:
        """Start a job in a thread; give what waits for its end and gives its result or error."""
        result: list[object] = []

        def run() -> None:
            try:
                result.append(job())
            except Exception as error:
                result.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()

        def finish() -> object:
            thread.join(timeout=60)
            return result[0]

        return finish

    def wait_until_somebody_waits(self) -> None:
        """Look until another connection waits for a lock; OperationalError after a minute."""
        ends = time.monotonic() + 60
        with connection.cursor() as cursor:
            while time.monotonic() < ends:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone()[0]:
                    return
        raise OperationalError("Nobody waits for a lock.")
