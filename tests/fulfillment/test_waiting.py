from datetime import date, timedelta

import pytest

from catalog.models import Variant
from fulfillment.models import IncomingStock, Shipment, StockLevel
from fulfillment.routes import reoptimise_orders, route_order, waits_for_stock
from fulfillment.selectors import list_awaiting_stock, list_unrouted
from fulfillment.stock import settle_preorders
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_paid_order, make_scene, stock_problems

pytestmark = pytest.mark.django_db
ON = date(2026, 12, 7)


def _sold_ahead(scene: Scene) -> tuple[Order, Variant]:
    """Make a paid order of three units, two of which are still to come."""
    variant, place = factories.make_variant(), scene.warehouses[0]
    factories.make_stock(variant, place, 1)
    StockLevel.objects.update(preorder_limit=5)
    IncomingStock.objects.create(warehouse=place, variant=variant, quantity=5, expected_on=ON)
    return make_paid_order(scene, {variant: 3}), variant


def test_order_with_units_to_come_waits_and_says_until_when() -> None:
    order, _ = _sold_ahead(make_scene())

    assert route_order(order.pk, now=NOW) is None
    assert reoptimise_orders(NOW + timedelta(days=1)) == 0

    assert waits_for_stock(order)
    assert not Shipment.objects.exists()
    row = vars(list_awaiting_stock().get())
    assert (row["id"], row["units"], row["expected_on"]) == (order.pk, 2, ON)
    assert not list_unrouted(before=NOW + timedelta(days=1))


def test_order_is_planned_once_its_units_are_in() -> None:
    scene = make_scene()
    order, variant = _sold_ahead(scene)
    factories.make_stock(variant, scene.warehouses[0], 5)

    assert settle_preorders([(variant.pk, scene.warehouses[0].pk)], now=NOW) == [order.pk]
    assert order.events.filter(kind="stock_arrived").count() == 1
    route_order(order.pk, now=NOW)

    assert order.shipments.get().lines.get().quantity == 3
    assert not list_awaiting_stock()
    assert stock_problems() == []
