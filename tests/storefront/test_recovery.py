"""Workers die and brokers forget; no paid order is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from fulfillment.models import ReservationLine, Shipment, StockLevel
from fulfillment.stock import reserve_stock
from orders.events import send_pending
from orders.models import EventDelivery, Order
from orders.transitions import lock_order, release_order
from storefront.celery import app
from tests.factories import (
    NOW,
    make_market,
    make_order,
    make_price,
    make_service,
    make_stock,
    make_variant,
    make_warehouse,
    make_zone,
)

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = 24
LEASE_SECONDS = 2


@contextmanager
def worker() -> Iterator["subprocess.Popen[bytes]"]:
    """Run a real Celery worker of its own processes on this test's database and broker."""
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}"
        f"?host={database['HOST']}",
        "EVENT_LEASE_SECONDS": str(LEASE_SECONDS),
        "DJANGO_SETTINGS_MODULE": "storefront.settings",
    }
    command = [
        sys.executable, "-m", "celery", "-A", "storefront", "worker", "--concurrency", "2",
        "--queues", "routing,default", "--loglevel", "WARNING", "--without-mingle",
        "--without-gossip",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env=environment, cwd=settings.BASE_DIR, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(what: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not after {seconds} s"
        time.sleep(0.05)


def flush_broker() -> None:
    with app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()  # type: ignore[attr-defined]


def release_paid_orders() -> list[Order]:
    market = make_market()
    warehouse = make_warehouse()
    make_zone(make_service(), warehouse, ["DE", "AT"])
    variant = make_variant()
    make_price(variant, market)
    make_stock(variant, warehouse, ORDERS * 2)
    orders = [make_order(market, {variant: 2}) for _ in range(ORDERS)]
    for order in orders:
        with transaction.atomic():
            reserve_stock(order, country="DE", option="standard", expires_at=None, now=NOW)
            release_order(order, now=timezone.now())
    return orders


def test_every_paid_order_ships_after_kill_and_flush() -> None:
    flush_broker()
    orders = release_paid_orders()
    stuck = orders[3]

    with worker() as first:
        with transaction.atomic():
            lock_order(stuck.pk)  # A worker is now in the middle of this one, and waits.
            wait_for(lambda: Shipment.objects.count() >= 5)
            wait_for(
                lambda: (
                    EventDelivery.objects.get(
                        event__order=stuck, subscriber="fulfillment.tasks.route_order"
                    ).attempts
                    == 1
                )
            )
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
        flush_broker()
    routed_before = Shipment.objects.count()
    assert not Shipment.objects.filter(order=stuck).exists()

    with worker():
        later = timezone.now() + timedelta(seconds=LEASE_SECONDS + 15)
        wait_for(lambda: timezone.now() > later - timedelta(seconds=13))
        assert send_pending(now=later) >= ORDERS - routed_before
        wait_for(lambda: Shipment.objects.count() == ORDERS)

    assert sorted(Shipment.objects.values_list("order_id", flat=True)) == [o.pk for o in orders]
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (ORDERS * 2, ORDERS * 2)
    assert sum(ReservationLine.objects.values_list("quantity", flat=True)) == ORDERS * 2
