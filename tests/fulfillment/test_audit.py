"""The audit finds what constraints cannot see; each fault is made by hand in the database."""

from datetime import timedelta

import pytest
from django.db import connection

from fulfillment.models import (
    Reservation,
    ReservationLine,
    ShipmentLine,
    StockAudit,
    StockBucket,
    StockLevel,
)
from fulfillment.routes import route_order, short_pick
from fulfillment.stock.audit import audit_stock
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_paid_order, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=1)


def _routed_order(scene: Scene) -> Order:
    variant = factories.make_variant(sku="SKU")
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 2})
    route_order(order.pk, now=NOW)
    Order.objects.update(changed_at=NOW)
    order.shipments.update(changed_at=NOW)
    return order


def _found() -> set[str]:
    return {finding["kind"] for finding in audit_stock(LATER).findings}


def test_nothing_is_found_where_all_is_well() -> None:
    scene = make_scene()
    _routed_order(scene)
    level = StockLevel.objects.get()
    StockBucket.objects.create(level=level, position=0, free=2)
    StockLevel.objects.update(reserved=4, buckets=1)
    audit = audit_stock(LATER)
    assert (audit.findings, audit.levels) == ([], 1)


def test_level_that_is_not_the_sum_of_its_movements_is_named() -> None:
    _routed_order(make_scene())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE fulfillment_stocklevel DISABLE TRIGGER USER")
        cursor.execute("UPDATE fulfillment_stocklevel SET on_hand = 7")
        cursor.execute("ALTER TABLE fulfillment_stocklevel ENABLE TRIGGER USER")
    audit_stock(LATER)
    assert StockAudit.objects.get().findings == [
        {"kind": "ledger", "what": "SKU", "warehouse": "w0", "expected": 5, "found": 7}
    ]


def test_reserved_units_that_no_order_holds_are_found() -> None:
    _routed_order(make_scene())
    StockLevel.objects.update(reserved=3)
    assert _found() == {"reserved"}


def test_more_held_than_is_there_is_oversold() -> None:
    _routed_order(make_scene())
    ReservationLine.objects.update(quantity=6)
    assert "oversold" in _found()


def test_units_sold_ahead_that_no_order_holds_are_found() -> None:
    _routed_order(make_scene())
    StockLevel.objects.update(preorder_limit=4, preordered=1)
    assert _found() == {"sold_ahead"}


def test_closed_order_that_still_holds_units_is_found_once_tasks_had_their_time() -> None:
    order = _routed_order(make_scene())
    Order.objects.update(status=Order.Status.CANCELLED, changed_at=LATER)
    order.shipments.update(status="cancelled")
    assert _found() == set()
    Order.objects.update(changed_at=NOW)
    assert _found() == {"held_by_closed_order"}


def test_order_that_holds_less_than_it_has_to_send_is_found() -> None:
    _routed_order(make_scene())
    Reservation.objects.update(status="released")
    StockLevel.objects.update(reserved=0)
    assert _found() == {"not_held", "parcel_not_held"}


def test_parcel_of_more_than_its_order_holds_there_is_found() -> None:
    _routed_order(make_scene())
    ShipmentLine.objects.update(quantity=3)
    assert _found() == {"parcel_not_held"}


def test_units_that_wait_for_stock_after_a_short_pick_are_no_finding() -> None:
    order = _routed_order(make_scene())
    shipment = order.shipments.get()
    line = shipment.lines.get()
    short_pick(shipment.pk, {line.pk: 1}, reason="empty shelf", user=None, now=NOW)
    Order.objects.update(changed_at=NOW)
    order.shipments.update(changed_at=NOW)
    assert audit_stock(LATER).findings == []
