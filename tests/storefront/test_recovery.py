"""Workers die and brokers forget; no paid order is left behind."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from fulfillment.carrier_server import CarrierServer
from fulfillment.carrier_server.server import DEFAULT_KEY, DEFAULT_SECRET
from fulfillment.carriers.labels import LATE, LEASE
from fulfillment.carriers.sweeping import retry_labels
from fulfillment.carriers.tasks import request_label
from fulfillment.models import ReservationLine, Shipment, ShipmentLabel, StockLevel
from fulfillment.stock import reserve_stock
from orders.events import send_pending
from orders.models import EventDelivery, Order
from orders.transitions import lock_order, release_order
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
from tests.fulfillment.carriers.packing import make_packed, make_yard
from tests.storefront.workers import (
    LEASE_SECONDS,
    carrier_settings,
    flush_broker,
    kill,
    wait_for,
    worker,
)

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = 24


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
            kill(first)
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


def test_parcel_has_one_label_after_a_kill_in_the_middle_of_its_call(
    tmp_path: Path, settings: Any
) -> None:
    """The carrier has made it, and forgets why; the worker dies before the answer."""
    flush_broker()
    shipment = make_packed(make_yard())
    with CarrierServer(tmp_path) as carriers:
        settings.SIMULATED_CARRIER_URL = carriers.url
        settings.SIMULATED_CARRIER_KEY = DEFAULT_KEY
        settings.SIMULATED_CARRIER_SECRET = DEFAULT_SECRET
        carriers.trouble("postline", "slow", slow_seconds=60)
        with worker(queues="carriers", more=carrier_settings(carriers)) as first:
            request_label.delay(shipment.pk)
            wait_for(lambda: len(carriers.labels()) == 1)
            kill(first)
        flush_broker()
        carriers.trouble("postline", "forgets")
        label = ShipmentLabel.objects.get()
        assert (label.status, label.tracking_number) == (ShipmentLabel.Status.REQUESTED, "")

        later = timezone.now() + LEASE
        assert retry_labels(later) == 1
        retry_labels(later + LATE + LEASE)

        (made,) = carriers.labels()
        label = ShipmentLabel.objects.get()
        assert (label.status, label.tracking_number) == (
            ShipmentLabel.Status.MADE,
            made["tracking_number"],
        )
