"""The watching page: what there is where, what waits and why, what the audit found."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import Variant
from fulfillment.models import (
    IncomingStock,
    Reservation,
    Shipment,
    StockAudit,
    StockLevel,
    StockMovement,
    Warehouse,
)
from fulfillment.reasons import describe_reason
from fulfillment.routes import resend_shipment, route_order
from fulfillment.stock import reserve_stock
from fulfillment.watching.alarms import audit_state
from fulfillment.watching.stock import WatchedStock, watch_markets, watch_warehouses
from fulfillment.watching.waiting import list_waiting
from orders.models import EventDelivery, Order, OrderEvent
from tests import factories
from tests.fulfillment.scenes import (
    NOW,
    Scene,
    make_paid_order,
    make_scene,
    make_shipped_order,
    reserve,
    send,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def cup(scene: Scene) -> Variant:
    variant = factories.make_variant(sku="CUP")
    factories.make_stock(variant, scene.warehouses[0], 100)
    return variant


def _expect(warehouse: Warehouse, variant: Variant, units: int, *, days: int, limit: int) -> None:
    StockLevel.objects.update_or_create(
        warehouse=warehouse, variant=variant, defaults={"preorder_limit": limit}
    )
    IncomingStock.objects.create(
        warehouse=warehouse,
        variant=variant,
        quantity=units,
        expected_on=TODAY + timedelta(days=days),
    )


def _first(rows: list[WatchedStock]) -> WatchedStock:
    return rows[0]


def _preorder(scene: Scene, variant: Variant, units: int) -> Order:
    order = factories.make_order(
        scene.market, {variant: units}, status=Order.Status.RELEASED,
        payment_status=Order.PaymentStatus.AUTHORISED,
    )  # fmt: skip
    reserve_stock(order, country="DE", option="standard", expires_at=None, now=NOW)
    return order


def test_warehouse_counts_what_it_has_holds_expects_and_sells(scene: Scene, cup: Variant) -> None:
    StockLevel.objects.update(safety=10)
    order = make_paid_order(scene, {cup: 14})
    route_order(order.pk, now=NOW)
    send(order.shipments.get())
    reserve(factories.make_order(scene.market, {cup: 6}), expires_at=NOW + timedelta(minutes=10))
    _expect(scene.warehouses[0], cup, 30, days=9, limit=0)
    row = _first(watch_warehouses(now=NOW))
    assert (row.on_hand, row.variants, row.sellable, row.held, row.ahead) == (86, 1, 70, 6, 0)
    assert (row.coming, row.coming_on, row.late) == (30, TODAY + timedelta(days=9), 0)
    assert (row.sold, row.oversold, row.expiring) == (14, 0, 1)
    assert row.days_of_cover == 70 * 28 // 14
    market = _first(watch_markets(now=NOW))
    assert (market.on_hand, market.sellable, market.held, market.sold, market.expiring) == (
        86, 70, 6, 14, 1,
    )  # fmt: skip


def test_cover_is_unknown_where_nothing_sells_and_old_sales_do_not_count(
    scene: Scene, cup: Variant
) -> None:
    StockMovement.objects.create(
        warehouse=scene.warehouses[0],
        variant=cup,
        kind=StockMovement.Kind.SALE,
        quantity=-5,
        reference="old",
        occurred_at=NOW - timedelta(days=29),
    )
    row = _first(watch_warehouses(now=NOW))
    assert (row.sold, row.days_of_cover) == (0, None)


def test_delivery_that_is_late_is_an_alarm(scene: Scene, cup: Variant) -> None:
    _expect(scene.warehouses[0], cup, 30, days=-1, limit=0)
    assert _first(watch_warehouses(now=NOW)).late == 1


def test_oversold_row_is_counted_live(scene: Scene, cup: Variant) -> None:
    reserve(factories.make_order(scene.market, {cup: 6}))
    line = Reservation.objects.get().lines.get()
    line.quantity = 101
    line.save()
    assert _first(watch_warehouses(now=NOW)).oversold == 1


def test_order_with_units_ahead_waits_until_they_are_due(scene: Scene) -> None:
    clock = factories.make_variant(sku="CLOCK")
    _expect(scene.warehouses[0], clock, 5, days=8, limit=5)
    order = _preorder(scene, clock, 2)
    row = list_waiting(now=NOW).stock[0]
    assert (row.number, row.units, row.until, row.is_overdue) == (
        order.number, 2, TODAY + timedelta(days=8), False,
    )  # fmt: skip
    assert _first(watch_warehouses(now=NOW)).ahead == 2
    assert list_waiting(now=NOW + timedelta(days=9)).stock[0].is_overdue
    # It has a reason to wait: it is no order that no warehouse can send.
    assert not list_waiting(now=NOW + timedelta(hours=1)).unrouted


def test_order_without_a_way_says_why_in_words(scene: Scene, cup: Variant) -> None:
    order = factories.make_order(scene.market, {cup: 1}, status=Order.Status.RELEASED)
    event = OrderEvent.objects.create(
        id="01890000-0000-7000-8000-000000000000", order=order, kind="order_released",
        occurred_at=NOW,
    )  # fmt: skip
    EventDelivery.objects.create(
        event=event,
        subscriber="fulfillment.tasks.route_order",
        error="NoRoute: No route (w0: stock_short, w1: too_heavy)",
    )
    row = list_waiting(now=order.placed_at + timedelta(hours=1)).unrouted[0]
    assert row.order == order
    assert row.why == (f"w0: {describe_reason('stock_short')}; w1: {describe_reason('too_heavy')}")


def test_parcel_that_needs_a_decision_waits(scene: Scene, cup: Variant) -> None:
    order = make_paid_order(scene, {cup: 1})
    route_order(order.pk, now=NOW)
    Shipment.objects.update(status=Shipment.Status.EXCEPTION)
    waiting = list_waiting(now=NOW)
    assert [row.number for row in waiting.exceptions] == [order.shipments.get().number]
    assert waiting


@pytest.mark.parametrize(
    ("hours", "findings", "is_alarm"), [(3, [], False), (27, [], True), (3, [{"kind": "x"}], True)]
)
def test_audit_is_an_alarm_when_it_is_old_or_found_something(
    hours: int, findings: list[Any], is_alarm: bool
) -> None:
    assert audit_state(now=NOW).is_alarm
    then = NOW - timedelta(hours=hours)
    StockAudit.objects.create(started_at=then, finished_at=then, levels=1, findings=findings)
    state = audit_state(now=NOW)
    assert (state.hours, state.is_alarm) == (hours, is_alarm)


@pytest.fixture
def admin_client(client: Client) -> Client:
    user = get_user_model().objects.create(
        email="boss@example.com", is_staff=True, is_superuser=True
    )
    client.force_login(user)
    return client


def test_page_leads_from_each_number_to_its_rows(
    scene: Scene, cup: Variant, admin_client: Client
) -> None:
    StockAudit.objects.create(
        started_at=timezone.now(), finished_at=timezone.now(), levels=1,
        findings=[{"kind": "ledger", "what": "CUP", "warehouse": "w0", "expected": 1, "found": 2}],
    )  # fmt: skip
    page = admin_client.get(reverse("admin:stock_watch"))
    text = page.content.decode()
    assert "CUP in w0: movements add up to 1, on hand are 2." in text
    links = {
        cell.link for table in page.context["tables"] for row in table.rows for cell in row.cells
    }
    for link in links:
        # A filter that the list does not know is answered with a redirect to its error page.
        assert admin_client.get(link).status_code == 200, link
    assert "It has 1 finding." in admin_client.get(reverse("admin:index")).content.decode()


def test_page_asks_the_same_queries_however_much_there_is(
    scene: Scene, cup: Variant, admin_client: Client
) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert admin_client.get(reverse("admin:stock_watch")).status_code == 200
        return len(queries)

    clock = factories.make_variant(sku="CLOCK")
    _expect(scene.warehouses[0], clock, 50, days=8, limit=50)
    _preorder(scene, clock, 1)
    count()
    before = count()
    for _ in range(3):
        _preorder(scene, clock, 1)
        reserve(factories.make_order(scene.market, {cup: 1}))
        factories.make_warehouse(f"x{Warehouse.objects.count()}")
    assert count() == before


def test_page_is_closed_without_the_right(client: Client) -> None:
    user = get_user_model().objects.create(email="new@example.com", is_staff=True)
    client.force_login(user)
    assert client.get(reverse("admin:stock_watch")).status_code == 403


def test_parcels_that_staff_have_settled_do_not_wait() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 2)
    order = make_shipped_order(scene, {variant: 2})
    order.shipments.update(status=Shipment.Status.EXCEPTION)
    assert list_waiting(now=NOW).exceptions
    resend_shipment(order.shipments.get().pk, reason="lost", user=None, now=NOW)

    waiting = list_waiting(now=NOW)

    assert not waiting.exceptions
    assert [(row.order, row.why) for row in waiting.unrouted] == [(order, f"2 × {variant.sku}")]
