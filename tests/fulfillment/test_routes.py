import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, transaction

from fulfillment.errors import NoRoute
from fulfillment.models import Reservation, RoutingDecision, Shipment, StockLevel
from fulfillment.routes import route_order
from fulfillment.stock import release_reservation
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import (
    NOW,
    held,
    make_paid_order,
    make_scene,
    run_together,
    stock_problems,
)

pytestmark = pytest.mark.django_db


def _units(order: Order) -> dict[tuple[str, str], int]:
    return {
        (shipment.warehouse.code, line.order_line.sku): line.quantity
        for shipment in order.shipments.all()
        for line in shipment.lines.all()
    }


def test_route_order_makes_shipments_and_keeps_why() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    for warehouse in scene.warehouses:
        factories.make_stock(variant, warehouse, 5)
    order = make_paid_order(scene, {variant: 2})

    decision = route_order(order.pk, now=NOW)

    assert decision is not None
    order.refresh_from_db()
    shipment = order.shipments.get()
    assert order.fulfillment_status == Order.FulfillmentStatus.PLANNED
    assert _units(order) == {("w0", variant.sku): 2}
    assert shipment.number == f"{order.number}-S1"
    assert (shipment.cost, shipment.weight_grams) == (Decimal("5.00"), 1000)
    assert (decision.cost, decision.parcels) == (Decimal("5.00"), 1)
    assert decision.plan == {
        "exact": True,
        "parcels": [
            {
                "warehouse": "w0",
                "service": "standard-service",
                "units": {variant.sku: 2},
                "weight_grams": 1000,
                "cost": "5.00",
                "on_time": True,
                "arrives": "2026-11-30",
            }
        ],
        "terms": {"freight": "5.00"},
    }
    assert decision.rejected == [
        {
            "warehouses": ["w1"],
            "services": ["standard-service"],
            "cost": "7.00",
            "parcels": 1,
            "reason": "costs_more",
            "terms": {"freight": "7.00"},
            "late_days": 0,
        }
    ]
    event = order.events.get(kind="order_routed")
    assert event.data["shipments"] == [shipment.number]


def test_route_order_moves_the_reservation_to_the_plan() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[1], 5)
    order = make_paid_order(scene, {variant: 2})
    assert held(order) == {("w1", variant.sku): 2}
    factories.make_stock(variant, scene.warehouses[0], 5)

    route_order(order.pk, now=NOW)

    assert held(order) == {("w0", variant.sku): 2}
    assert order.reservation.expires_at is None or not Reservation.objects.filter(
        order=order, expires_at__isnull=False
    )
    assert stock_problems() == []


def test_route_order_leaves_units_that_others_hold() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 2)
    factories.make_stock(variant, scene.warehouses[1], 2)
    other = make_paid_order(scene, {variant: 2})
    order = make_paid_order(scene, {variant: 2})

    route_order(order.pk, now=NOW)

    assert held(other) == {("w0", variant.sku): 2}
    assert held(order) == {("w1", variant.sku): 2}


def test_route_order_a_second_time_changes_nothing() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 2})

    first = route_order(order.pk, now=NOW)
    second = route_order(order.pk, now=NOW + timedelta(days=1))

    assert first == second
    assert Shipment.objects.count() == 1
    assert order.events.filter(kind="order_routed").count() == 1


@pytest.mark.parametrize("status", [Order.Status.PLACED, Order.Status.ON_HOLD])
def test_route_order_waits_for_the_release(status: Order.Status) -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 2})
    Order.objects.filter(pk=order.pk).update(status=status)

    assert route_order(order.pk, now=NOW) is None
    assert not Shipment.objects.exists()


def test_route_order_without_a_way_leaves_everything_as_it_was() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 2})
    for zone in scene.zones:
        zone.delete()

    with pytest.raises(NoRoute):
        route_order(order.pk, now=NOW)

    assert held(order) == {("w0", variant.sku): 2}
    assert not RoutingDecision.objects.exists()
    assert stock_problems() == []


def test_route_order_takes_stock_again_that_was_given_up() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 2})
    release_reservation(order)

    route_order(order.pk, now=NOW)

    assert StockLevel.objects.get(warehouse=scene.warehouses[0]).reserved == 2
    assert stock_problems() == []


def test_route_order_keeps_the_promise_rather_than_the_cost() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    for warehouse in scene.warehouses:
        factories.make_stock(variant, warehouse, 5)
    scene.zones[0].transit_days_max = 9
    scene.zones[0].save()
    order = make_paid_order(scene, {variant: 1})
    Order.objects.filter(pk=order.pk).update(
        promised_from=date(2026, 11, 26), promised_to=date(2026, 11, 30)
    )

    decision = route_order(order.pk, now=NOW)

    assert decision is not None
    assert _units(order) == {("w1", variant.sku): 1}
    assert [(plan["warehouses"], plan["reason"]) for plan in decision.rejected] == [
        (["w0"], "late")
    ]


def test_route_order_names_each_parcel_of_a_heavy_order() -> None:
    scene = make_scene(costs=("4.00",))
    variant = factories.make_variant(weight_grams=20_000)
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 3})

    route_order(order.pk, now=NOW)

    assert [shipment.number for shipment in order.shipments.order_by("id")] == [
        f"{order.number}-S{n}" for n in (1, 2, 3)
    ]


@pytest.mark.django_db(transaction=True)
def test_route_order_by_many_workers_at_once_ships_once() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 2})

    results = run_together([partial(route_order, order.pk, now=NOW)] * 6)

    assert {type(result) for result in results} == {RoutingDecision}
    assert Shipment.objects.count() == 1
    assert stock_problems() == []


_WORKER = """
import sys
from datetime import datetime
import django
django.setup()
from fulfillment.routes import route_order
route_order(int(sys.argv[1]), now=datetime.fromisoformat(sys.argv[2]))
"""


def _start_worker(order: Order) -> "subprocess.Popen[bytes]":
    address = urlsplit(os.environ["DATABASE_URL"])
    database = address._replace(path=f"/{connection.settings_dict['NAME']}")
    return subprocess.Popen(
        [sys.executable, "-c", _WORKER, str(order.pk), NOW.isoformat()],
        env=os.environ | {"DATABASE_URL": urlunsplit(database)},
    )


@pytest.mark.django_db(transaction=True)
def test_route_order_killed_in_the_middle_leaves_nothing_and_runs_again() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[1], 5)
    order = make_paid_order(scene, {variant: 2})
    factories.make_stock(variant, scene.warehouses[0], 5)

    with transaction.atomic():
        with connection.cursor() as cursor:
            # The worker has moved the reservation and made its shipments when it meets this.
            cursor.execute("LOCK TABLE fulfillment_routingdecision IN EXCLUSIVE MODE")
        worker = _start_worker(order)
        try:
            _until_somebody_waits_for("fulfillment_routingdecision", worker)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait(timeout=30)
    assert worker.returncode == -signal.SIGKILL

    order.refresh_from_db()
    assert order.fulfillment_status == Order.FulfillmentStatus.UNFULFILLED
    assert not Shipment.objects.exists()
    assert held(order) == {("w1", variant.sku): 2}

    route_order(order.pk, now=NOW)

    assert _units(order) == {("w0", variant.sku): 2}
    assert order.events.filter(kind="order_routed").count() == 1
    assert stock_problems() == []


def _until_somebody_waits_for(table: str, worker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and worker.poll() is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted",
                [table],
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError(f"nobody waits for {table}; the worker ended with {worker.poll()}")
