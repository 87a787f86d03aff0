from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from fulfillment.models import Carrier, RoutingDecision, RoutingPolicy, Shipment, Zone
from fulfillment.routes import move_order, reoptimise_orders, route_order
from fulfillment.shipping import start_picking
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
    stock_problems,
)

pytestmark = pytest.mark.django_db
S = Shipment.Status
LATER = NOW + timedelta(hours=1)


def _planned(scene: Scene, *, at: int = 1) -> Order:
    """Make an order planned from one warehouse, the only one that has its goods."""
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[at], 5)
    order = make_paid_order(scene, {variant: 2})
    route_order(order.pk, now=NOW)
    return order


def _restock(order: Order, scene: Scene, *, at: int = 0) -> None:
    factories.make_stock(order.lines.get().variant, scene.warehouses[at], 5)


def _sent_from(order: Order) -> list[tuple[str, str]]:
    return [
        (row.warehouse.code, row.status)
        for row in order.shipments.select_related("warehouse").order_by("id")
    ]


def test_reoptimise_orders_moves_an_order_to_what_came_in_nearer() -> None:
    scene = make_scene()
    order = _planned(scene)
    _restock(order, scene)

    assert reoptimise_orders(LATER) == 1

    assert _sent_from(order) == [("w1", S.CANCELLED), ("w0", S.PLANNED)]
    assert held(order) == {("w0", order.lines.get().sku): 2}
    first, now = order.routings.order_by("id")
    assert (first.is_current, now.is_current) == (False, True)
    assert (now.cause, now.note) == (RoutingDecision.Cause.BETTER, "costs_more")
    assert now.rejected[0]["warehouses"] == ["w1"]
    assert stock_problems() == []


def test_reoptimise_orders_leaves_an_order_for_less_than_the_policy_asks() -> None:
    scene = make_scene()
    RoutingPolicy.objects.create(market=scene.market, saving=Decimal("2.01"))
    order = _planned(scene)
    _restock(order, scene)

    assert reoptimise_orders(LATER) == 0
    RoutingPolicy.objects.update(saving=Decimal("2.00"))

    assert reoptimise_orders(LATER) == 1
    assert _sent_from(order)[-1] == ("w0", S.PLANNED)


def test_reoptimise_orders_moves_to_keep_the_promise_whatever_it_costs() -> None:
    scene = make_scene()
    order = _planned(scene, at=0)
    Order.objects.update(promised_from=NOW.date(), promised_to=NOW.date() + timedelta(days=7))
    RoutingPolicy.objects.create(market=None, saving=9999)
    Zone.objects.filter(pk=scene.zones[0].pk).update(transit_days_max=9)
    _restock(order, scene, at=1)

    assert reoptimise_orders(LATER) == 1

    assert _sent_from(order)[-1] == ("w1", S.PLANNED)
    assert order.routings.get(is_current=True).note == "late"


@pytest.mark.parametrize("status", [S.PICKING, S.PACKED])
def test_reoptimise_orders_leaves_what_a_picker_has_started(status: Shipment.Status) -> None:
    scene = make_scene()
    order = _planned(scene)
    _restock(order, scene)
    order.shipments.update(status=status)

    assert reoptimise_orders(LATER) == 0
    assert move_order(order.pk, now=LATER) is None
    assert _sent_from(order) == [("w1", status)]


def test_reoptimise_orders_looks_once_at_what_has_not_changed() -> None:
    scene = make_scene()
    order = _planned(scene)
    _restock(order, scene, at=1)
    soon = order.reservation.created_at + timedelta(days=1)
    reoptimise_orders(soon)
    looked_at = order.routings.get().reviewed_at

    reoptimise_orders(soon + timedelta(minutes=5))

    assert looked_at == soon
    assert order.routings.get().reviewed_at == soon


def test_reoptimise_orders_looks_again_when_a_lane_changes() -> None:
    scene = make_scene()
    order = _planned(scene)
    _restock(order, scene)
    scene.zones[0].base_cost = Decimal("9.00")
    scene.zones[0].save()
    soon = order.reservation.created_at + timedelta(days=1)
    assert reoptimise_orders(soon) == 0

    scene.zones[0].base_cost = Decimal("1.00")
    scene.zones[0].save()

    assert reoptimise_orders(soon + timedelta(minutes=5)) == 1
    assert _sent_from(order)[-1] == ("w0", S.PLANNED)


def test_reoptimise_orders_leaves_a_carrier_that_is_down() -> None:
    scene = make_scene()
    other = factories.make_service("other", option="standard", carrier=factories.make_carrier("b"))
    factories.make_zone(other, scene.warehouses[0], ["DE"], base_cost=Decimal("8.00"))
    order = _planned(scene, at=0)
    Carrier.objects.filter(code="carrier").update(down_until=LATER + timedelta(minutes=10))

    assert reoptimise_orders(LATER) == 1

    assert order.shipments.get(status=S.PLANNED).service == other
    assert order.routings.get(is_current=True).note == "not_possible"


def test_reoptimise_orders_plans_an_order_that_had_no_way() -> None:
    scene = make_scene(costs=("4.00",))
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 2})
    Zone.objects.update(countries=["FR"])
    assert reoptimise_orders(LATER) == 0

    Zone.objects.update(countries=["DE"])

    assert reoptimise_orders(LATER) == 1
    assert _sent_from(order) == [("w0", S.PLANNED)]


@pytest.mark.django_db(transaction=True)
def test_move_order_and_a_picker_at_once_never_both_win() -> None:
    scene = make_scene()
    for _ in range(8):
        order = _planned(scene)
        _restock(order, scene)
        shipment = order.shipments.get()

        moved, picked = run_together(
            [partial(move_order, order.pk, now=LATER), partial(start_picking, shipment.pk)]
        )

        shipment.refresh_from_db()
        if isinstance(moved, RoutingDecision):
            assert isinstance(picked, StaleTransition)
            assert shipment.status == S.CANCELLED
        else:
            assert (moved, picked) == (None, None)
            assert shipment.status == S.PICKING
    assert stock_problems() == []


def test_reoptimise_orders_passes_over_those_that_wait_for_units_to_come() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    ahead = make_paid_order(scene, {variant: 1})
    ahead.reservation.lines.update(ahead=1)
    other = make_paid_order(scene, {variant: 1})

    assert reoptimise_orders(LATER, limit=1) == 1

    assert other.shipments.count() == 1


def test_reoptimise_orders_gives_each_waiting_order_its_turn() -> None:
    scene = make_scene()
    nowhere, variant = factories.make_variant(), factories.make_variant()
    for one in (nowhere, variant):
        factories.make_stock(one, scene.warehouses[0], 5)
    make_paid_order(scene, {nowhere: 1})
    other = make_paid_order(scene, {variant: 1})
    nowhere.weight_grams = 9_000_000
    nowhere.save()

    runs = [reoptimise_orders(LATER + timedelta(minutes=5 * n), limit=1) for n in range(2)]

    assert sum(runs) == 1
    assert other.shipments.count() == 1
