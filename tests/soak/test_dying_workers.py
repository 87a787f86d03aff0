"""A thousand orders while workers are killed, the broker forgets and carriers have their troubles.

In each life of a worker orders are routed, packed, labelled and sent; then it is killed in the
middle, with its children, and the broker is emptied. The sweeps, which run every few seconds in a
shop, run between the lives here, on a clock that is a little ahead: nothing is under a lease then
that somebody still works on.
"""

import random
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from fulfillment.carrier_server import CarrierServer
from fulfillment.carrier_server.server import DEFAULT_KEY, DEFAULT_SECRET
from fulfillment.carriers.sweeping import retry_labels
from fulfillment.carriers.tasks import request_label
from fulfillment.errors import NotPaid
from fulfillment.models import (
    CarrierService,
    Shipment,
    ShipmentLabel,
    ShipmentLine,
    StockLevel,
    StockMovement,
)
from fulfillment.shipping import dispatch_shipment, pack_shipment
from fulfillment.stock import reserve_stock
from fulfillment.stock.audit import audit_stock
from orders.errors import StaleTransition
from orders.events import send_pending
from orders.models import EventDelivery, Order
from orders.transitions import release_order
from payments.models import Payment, PaymentMethod
from tests import factories
from tests.fulfillment.races import stock_errors
from tests.storefront.workers import carrier_settings, flush_broker, kill, wait_for, worker

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]
ORDERS = 1_000
VARIANTS = 6
# Parcels that a worker makes before it is killed.
IN_A_LIFE = 120
S = Shipment.Status
TROUBLES = ("twice", "forgets", "down", "fails", "none")


def _make_orders(count: int) -> list[Order]:
    """Make paid orders of one to three variants in two warehouses, released but not routed."""
    market = factories.make_market()
    first, second = factories.make_warehouse("w0"), factories.make_warehouse("w1")
    for code, cost in (("postline", "4.00"), ("norddirekt", "6.00")):
        service = CarrierService.objects.create(
            code=code, carrier=factories.make_carrier(code, adapter="simulated"),
            name=code.title(), option="standard",
        )  # fmt: skip
        for warehouse in (first, second):
            factories.make_zone(service, warehouse, ["DE"], base_cost=Decimal(cost))
    method = factories.make_method(market, "transfer", gateway=PaymentMethod.Gateway.BANK_TRANSFER)
    chance = random.Random(5)
    goods = [factories.make_variant() for _ in range(VARIANTS)]
    for variant in goods:
        factories.make_stock(variant, first, count)
        factories.make_stock(variant, second, count)
    orders = []
    for _ in range(count):
        lines = {variant: chance.randint(1, 3) for variant in chance.sample(goods, 3)}
        order = factories.make_order(
            market, lines, payment_status=Order.PaymentStatus.PAID, placed_at=timezone.now()
        )
        factories.make_payment(order, method, status=Payment.Status.CAPTURED, captured=order.gross)
        now = timezone.now()
        with transaction.atomic():
            reserve_stock(order, country="DE", option="standard", expires_at=None, now=now)
            release_order(order, now=now)
        orders.append(order)
    return orders


class Desk:
    """The people who pack what is planned, ask for labels and hand parcels over."""

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()

    def work(self) -> None:
        """Do what there is to do now."""
        planned = Shipment.objects.filter(status=S.PLANNED).values_list("pk", flat=True)
        for shipment_id in list(planned):
            try:
                pack_shipment(shipment_id, now=timezone.now())
            except StaleTransition:
                continue  # It was planned anew in the meantime.
            request_label.delay(shipment_id)
        self.hand_over()

    def hand_over(self) -> None:
        ready = Shipment.objects.filter(
            status=S.PACKED, labels__status=ShipmentLabel.Status.MADE
        ).distinct()
        for shipment_id in list(ready.values_list("pk", flat=True)):
            for _ in range(2):  # A second hand that does the same must change nothing.
                try:
                    dispatch_shipment(shipment_id, now=timezone.now())
                except (StaleTransition, NotPaid) as error:
                    self.refused[type(error).__name__] += 1


def test_every_order_is_shipped_once_with_one_label_whatever_dies(
    tmp_path: Path, settings: Any
) -> None:
    flush_broker()
    orders = _make_orders(ORDERS)
    desk = Desk()
    with CarrierServer(tmp_path) as carriers:
        settings.SIMULATED_CARRIER_URL = carriers.url
        settings.SIMULATED_CARRIER_KEY = DEFAULT_KEY
        settings.SIMULATED_CARRIER_SECRET = DEFAULT_SECRET
        clock = timezone.now()
        kills = 0
        while not _all_sent():
            carriers.trouble("postline", TROUBLES[kills % len(TROUBLES)])
            carriers.trouble("norddirekt", TROUBLES[(kills + 3) % len(TROUBLES)])
            clock = _sweep(clock)
            with worker(queues="routing,carriers", more=carrier_settings(carriers)) as one:
                goal = _sent() + IN_A_LIFE
                wait_for(partial(_is_enough, desk, goal), seconds=300)
                kill(one)
            flush_broker()
            kills += 1
        carriers.trouble("postline", "none")
        carriers.trouble("norddirekt", "none")
        while ShipmentLabel.objects.filter(next_try_at__isnull=False).exists():
            clock += timedelta(hours=7)
            retry_labels(clock, limit=ORDERS)
        labels = carriers.labels()
        # Labels were made twice, and by keys that were forgotten; none of those is left.
        assert carriers.labels(status="voided")

    assert kills >= ORDERS // (2 * IN_A_LIFE)
    _check(orders, labels)


def _all_sent() -> bool:
    sent = Order.objects.filter(fulfillment_status=Order.FulfillmentStatus.SHIPPED)
    return sent.count() == ORDERS


def _sent() -> int:
    return Shipment.objects.filter(status=S.DISPATCHED).count()


def _is_enough(desk: Desk, goal: int) -> bool:
    """Let the desk work; tell whether so many were sent, or nothing moves any more by itself."""
    desk.work()
    to_route = EventDelivery.objects.filter(
        status=EventDelivery.Status.PENDING, subscriber="fulfillment.tasks.route_order"
    )
    to_label = Shipment.objects.filter(Q(labels=None) | Q(labels__error=""), status=S.PACKED)
    return _sent() >= goal or not (to_route.exists() or to_label.exists())


def _sweep(clock: datetime) -> datetime:
    """Sweep as beat does, with everything due that a dead worker has left; give the new clock."""
    clock = max(clock, timezone.now()) + timedelta(minutes=4)
    while send_pending(now=clock):
        pass
    retry_labels(clock, limit=ORDERS)
    return clock


def _check(orders: list[Order], labels: list[dict[str, Any]]) -> None:
    shipped = (
        ShipmentLine.objects.filter(shipment__status=S.DISPATCHED)
        .values_list("order_line")
        .annotate(units=Sum("quantity"))
    )
    wanted = {line.pk: line.quantity for order in orders for line in order.lines.all()}
    assert dict(shipped) == wanted

    sent = Shipment.objects.filter(status=S.DISPATCHED)
    numbers = sorted(sent.values_list("tracking_number", flat=True))
    assert sorted(label["tracking_number"] for label in labels) == numbers
    assert not Shipment.objects.exclude(Q(status=S.DISPATCHED) | Q(status=S.CANCELLED)).exists()

    sales = StockMovement.objects.filter(kind=StockMovement.Kind.SALE)
    assert -(sales.aggregate(units=Sum("quantity"))["units"] or 0) == sum(wanted.values())
    levels = StockLevel.objects.aggregate(here=Sum("on_hand"), reserved=Sum("reserved"))
    assert levels == {"here": 2 * ORDERS * VARIANTS - sum(wanted.values()), "reserved": 0}
    assert stock_errors() == []
    assert audit_stock(timezone.now() + timedelta(hours=1)).findings == []
