from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from catalog.models import Variant
from fulfillment.errors import NothingMissing
from fulfillment.models import RoutingDecision, Shipment, StockLevel, StockMovement
from fulfillment.routes import (
    ShortPick,
    move_order,
    reoptimise_orders,
    route_order,
    short_pick,
)
from fulfillment.shipping import mark_delivered, start_picking
from orders.errors import StaleTransition
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import (
    NOW,
    Scene,
    held,
    make_paid_order,
    make_scene,
    run_together,
    send,
    stock_problems,
)

pytestmark = pytest.mark.django_db
S = Shipment.Status
LATER = NOW + timedelta(hours=1)


def _picking(scene: Scene, *, there: int = 5, elsewhere: int = 5) -> tuple[Shipment, Variant]:
    """Make a shipment of three units, in work at w0; w1 has the variant too."""
    variant = factories.make_variant()
    for warehouse, units in zip(scene.warehouses, (there, elsewhere), strict=False):
        if units:
            factories.make_stock(variant, warehouse, units)
    order = make_paid_order(scene, {variant: 3})
    route_order(order.pk, now=NOW)
    shipment = order.shipments.get()
    start_picking(shipment.pk)
    return shipment, variant


def _short(shipment: Shipment, found: int, *, is_damaged: bool = False) -> ShortPick:
    line = shipment.lines.get()
    return short_pick(
        shipment.pk, {line.pk: found}, reason="empty shelf", is_damaged=is_damaged,
        user=None, now=LATER,
    )  # fmt: skip


def _parcels(order: Order) -> list[tuple[str, str, int]]:
    return [
        (row.warehouse.code, row.status, sum(line.quantity for line in row.lines.all()))
        for row in order.shipments.order_by("id")
    ]


def _level(variant: Variant, scene: Scene) -> tuple[int, int]:
    level = StockLevel.objects.get(variant=variant, warehouse=scene.warehouses[0])
    return level.on_hand, level.reserved


def test_short_pick_sends_the_rest_from_elsewhere_at_once() -> None:
    scene = make_scene()
    shipment, variant = _picking(scene)

    done = _short(shipment, 1)

    order = shipment.order
    assert (done.missing, done.waiting) == ({variant.sku: 2}, {})
    assert _parcels(order) == [("w0", S.PICKING, 1), ("w1", S.PLANNED, 2)]
    assert held(order) == {("w0", variant.sku): 1, ("w1", variant.sku): 2}
    decision = order.routings.get(is_current=True)
    assert (decision.cause, decision.note) == (
        RoutingDecision.Cause.SHORT,
        f"{shipment.number}: empty shelf",
    )
    shipment.refresh_from_db()
    assert shipment.weight_grams == variant.weight_grams
    assert stock_problems() == []


def test_short_pick_books_out_all_that_the_empty_shelf_should_have() -> None:
    scene = make_scene()
    shipment, variant = _picking(scene, there=9)

    _short(shipment, 1)

    assert _level(variant, scene) == (1, 1)
    moved = StockMovement.objects.get(kind="count")
    assert (moved.quantity, moved.reference, moved.reason) == (-8, shipment.number, "empty shelf")


def test_short_pick_takes_units_of_the_same_shelf_for_damaged_ones() -> None:
    scene = make_scene()
    shipment, variant = _picking(scene, there=4)

    done = _short(shipment, 1, is_damaged=True)

    assert (done.missing, done.replaced) == ({variant.sku: 2}, {variant.sku: 1})
    assert _parcels(shipment.order) == [("w0", S.PICKING, 2), ("w1", S.PLANNED, 1)]
    assert _level(variant, scene) == (2, 2)
    assert StockMovement.objects.get(kind="damage").quantity == -2
    assert stock_problems() == []


def test_short_pick_of_everything_cancels_the_parcel() -> None:
    scene = make_scene()
    shipment, variant = _picking(scene)

    _short(shipment, 0)

    assert _parcels(shipment.order) == [("w0", S.CANCELLED, 0), ("w1", S.PLANNED, 3)]
    assert _level(variant, scene) == (0, 0)
    assert stock_problems() == []


def test_short_pick_with_nothing_elsewhere_waits_and_is_planned_when_stock_comes() -> None:
    scene = make_scene()
    shipment, variant = _picking(scene, there=3, elsewhere=0)

    done = _short(shipment, 1)

    order = shipment.order
    order.refresh_from_db()
    assert done.waiting == {variant.sku: 2}
    assert _parcels(order) == [("w0", S.PICKING, 1)]
    send(shipment)
    mark_delivered(shipment.pk, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.fulfillment_status) == ("released", "part_shipped")

    assert reoptimise_orders(LATER) == 0
    factories.make_stock(variant, scene.warehouses[1], 5)
    assert reoptimise_orders(LATER) == 1

    assert _parcels(order)[-1] == ("w1", S.PLANNED, 2)
    rest = order.shipments.get(status=S.PLANNED)
    send(rest)
    mark_delivered(rest.pk, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.fulfillment_status) == ("completed", "delivered")
    assert stock_problems() == []


def test_short_pick_sends_what_there_is_of_the_rest() -> None:
    scene = make_scene()
    shipment, variant = _picking(scene, elsewhere=1)

    done = _short(shipment, 0)

    assert done.waiting == {variant.sku: 2}
    assert _parcels(shipment.order) == [("w0", S.CANCELLED, 0), ("w1", S.PLANNED, 1)]
    assert stock_problems() == []


def test_short_pick_leaves_the_units_of_other_orders() -> None:
    scene = make_scene()
    shipment, variant = _picking(scene, there=5)
    other = make_paid_order(scene, {variant: 2})
    assert held(other) == {("w0", variant.sku): 2}

    _short(shipment, 0)

    assert held(other) == {("w0", variant.sku): 2}
    assert _level(variant, scene) == (2, 2)


def test_short_pick_with_nothing_missing_changes_nothing() -> None:
    shipment, _ = _picking(make_scene())

    with pytest.raises(NothingMissing):
        _short(shipment, 3)
    with pytest.raises(ValueError, match="4 units"):
        _short(shipment, 4)
    assert _parcels(shipment.order) == [("w0", S.PICKING, 3)]


def test_short_pick_of_a_parcel_that_has_left_is_stale() -> None:
    shipment, _ = _picking(make_scene())
    send(shipment)

    with pytest.raises(StaleTransition):
        _short(shipment, 1)
    assert stock_problems() == []


@pytest.mark.django_db(transaction=True)
def test_short_picks_moves_and_routings_at_once_neither_deadlock_nor_oversell() -> None:
    scene = make_scene(costs=("4.00", "6.00", "8.00"))
    one, two = factories.make_variant(), factories.make_variant()
    for warehouse in scene.warehouses:
        for variant in (one, two):
            factories.make_stock(variant, warehouse, 9)
    orders = [
        make_paid_order(scene, {one: 1, two: 2} if n % 2 else {two: 1, one: 2}) for n in range(9)
    ]
    for order in orders[:6]:
        route_order(order.pk, now=NOW)
    jobs: list[Callable[[], object]] = []
    for order in orders[:3]:
        shipment = order.shipments.order_by("id")[0]
        found = {line.pk: 0 for line in shipment.lines.all()}
        jobs.append(partial(short_pick, shipment.pk, found, reason="gone", user=None, now=LATER))
    jobs += [partial(move_order, order.pk, now=LATER) for order in orders[3:6]]
    jobs += [partial(route_order, order.pk, now=LATER) for order in orders[6:]]

    results = run_together(jobs)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert stock_problems() == []
    for order in orders:
        planned = sum(
            line.quantity
            for row in order.shipments.exclude(status=S.CANCELLED)
            for line in row.lines.all()
        )
        waiting = order.routings.get(is_current=True).plan.get("waiting", {})
        assert planned + sum(waiting.values()) == 3
