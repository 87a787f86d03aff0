from datetime import timedelta

import pytest

from fulfillment.models import Return, Shipment
from fulfillment.returns import request_return
from fulfillment.routes import route_order
from fulfillment.selectors import (
    get_return,
    get_shipment,
    list_hubs,
    list_returns,
    list_shipments,
    list_unrouted,
    shipments_of,
    stock_of_variant,
)
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_paid_order, make_scene, make_shipped_order

pytestmark = pytest.mark.django_db


def _routed(scene: Scene) -> Order:
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 1})
    route_order(order.pk, now=NOW)
    return order


def _read(shipment: Shipment) -> tuple[object, ...]:
    """Read what a row of the packing list shows."""
    lines = [
        (line.order_line.title, line.order_line.variant.barcode) for line in shipment.lines.all()
    ]
    return (
        shipment.order.number,
        shipment.order.shipping_address.country,
        shipment.order.market.code,
        shipment.warehouse.code,
        shipment.service.carrier.name,
        lines,
    )


@pytest.mark.parametrize("count", [1, 3])
def test_list_shipments_takes_two_queries(count: int, django_assert_num_queries: object) -> None:
    scene = make_scene()
    orders = [_routed(scene) for _ in range(count)]
    last = orders[-1].shipments.get()
    Shipment.objects.filter(pk=last.pk).update(ship_by=NOW - timedelta(days=1))

    with django_assert_num_queries(2):  # type: ignore[operator]
        rows = [_read(shipment) for shipment in list_shipments(warehouse=scene.warehouses[0])]

    assert [row[0] for row in rows] == [order.number for order in [orders[-1], *orders[:-1]]]
    assert not list_shipments(warehouse=scene.warehouses[1])


@pytest.mark.parametrize("count", [1, 3])
def test_list_returns_takes_two_queries(count: int, django_assert_num_queries: object) -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 9)
    for _ in range(count):
        order = make_shipped_order(scene, {variant: 1})
        request_return(order, [(order.lines.get().pk, 1, "other")], note="", now=NOW)

    with django_assert_num_queries(2):  # type: ignore[operator]
        rows = [
            (
                row.order.number,
                row.order.market.code,
                [line.order_line.sku for line in row.lines.all()],
            )
            for row in list_returns()
        ]

    assert len(rows) == count


def test_get_shipment_and_return_find_closed_ones_by_number() -> None:
    scene = make_scene()
    order = _routed(scene)
    Shipment.objects.update(status=Shipment.Status.CANCELLED)
    goods_return = Return.objects.create(
        number="X-R1", order=order, requested_at=NOW, status=Return.Status.REJECTED
    )

    assert get_shipment(f"{order.number}-S1").order == order
    assert get_return("X-R1") == goods_return
    assert not list_shipments()
    assert not list_returns()
    assert not shipments_of(order)


def test_list_unrouted_names_orders_that_want_a_person() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    stuck = make_paid_order(scene, {variant: 1})
    _routed(scene)

    assert list(list_unrouted(before=NOW + timedelta(minutes=5))) == [stuck]
    assert not list_unrouted(before=NOW)


def test_stock_and_hubs_are_listed_by_warehouse() -> None:
    scene = make_scene()
    factories.make_warehouse("none", receives_returns=False)
    variant = factories.make_variant()
    for warehouse in reversed(scene.warehouses):
        factories.make_stock(variant, warehouse, 5)

    assert [level.warehouse.code for level in stock_of_variant(variant.pk)] == ["w0", "w1"]
    assert list(list_hubs()) == list(scene.warehouses)
