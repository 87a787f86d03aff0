from decimal import Decimal

import pytest

from fulfillment.errors import NoRoute
from fulfillment.models import RoutingDecision, Shipment
from fulfillment.routes import list_offers, override_route, route_order
from fulfillment.shipping import start_picking
from orders.errors import StaleTransition
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, held, make_paid_order, make_scene, stock_problems
from tests.storefront.staff.people import make_merchant

pytestmark = pytest.mark.django_db
S = Shipment.Status
STANDARD = "standard-service"


def _planned(scene: Scene, *, lines: int = 2) -> Order:
    variants = [factories.make_variant() for _ in range(lines)]
    for variant in variants:
        for warehouse in scene.warehouses:
            factories.make_stock(variant, warehouse, 5)
    order = make_paid_order(scene, dict.fromkeys(variants, 2))
    route_order(order.pk, now=NOW)
    return order


def _places(order: Order) -> set[tuple[str, str, int]]:
    return {
        (row.warehouse.code, line.order_line.sku, line.quantity)
        for row in order.shipments.exclude(status=S.CANCELLED)
        for line in row.lines.all()
    }


def test_override_route_sends_all_lines_from_where_staff_say() -> None:
    order = _planned(make_scene())
    user = make_merchant()
    choice = {line.pk: ("w1", STANDARD) for line in order.lines.all()}

    decision = override_route(order.pk, choice, reason="w0 is moving", user=user, now=NOW)

    assert {place for place, _, _ in _places(order)} == {"w1"}
    assert {place for place, _ in held(order)} == {"w1"}
    assert (decision.cause, decision.note, decision.user) == (
        RoutingDecision.Cause.STAFF,
        "w0 is moving",
        user,
    )
    assert order.routings.count() == 2
    assert stock_problems() == []


def test_override_route_of_one_line_leaves_the_others_to_the_planner() -> None:
    order = _planned(make_scene())
    first, second = order.lines.order_by("id")

    override_route(order.pk, {first.pk: ("w1", STANDARD)}, reason="scratched", user=None, now=NOW)

    assert _places(order) == {("w1", first.sku, 2), ("w0", second.sku, 2)}
    assert stock_problems() == []


def test_override_route_refuses_what_is_not_there() -> None:
    order = _planned(make_scene(), lines=1)
    line = order.lines.get()
    taken = make_paid_order(Scene(order.market, (), ()), {line.variant: 7})
    before = _places(order)

    with pytest.raises(NoRoute) as refused:
        override_route(order.pk, {line.pk: ("w1", STANDARD)}, reason="try", user=None, now=NOW)

    assert refused.value.reasons == {"w1": "stock_short"}
    assert _places(order) == before
    assert sum(held(taken).values()) == 7
    assert stock_problems() == []


def test_override_route_refuses_a_lane_that_is_none() -> None:
    order = _planned(make_scene(), lines=1)

    with pytest.raises(NoRoute):
        override_route(
            order.pk, {order.lines.get().pk: ("w9", STANDARD)}, reason="x", user=None, now=NOW
        )


def test_override_route_refuses_a_carrier_that_refuses_the_hazard() -> None:
    scene = make_scene()
    variant = factories.make_variant(hazards=["aerosol"])
    for warehouse in scene.warehouses:
        factories.make_stock(variant, warehouse, 5)
    careful = factories.make_service("careful", option="standard", refused_hazards=["aerosol"])
    factories.make_zone(careful, scene.warehouses[0], ["DE"], base_cost=Decimal("1.00"))
    order = make_paid_order(scene, {variant: 1})
    route_order(order.pk, now=NOW)

    assert order.shipments.get().service.code == STANDARD
    with pytest.raises(NoRoute) as refused:
        choice = {order.lines.get().pk: ("w0", "careful-service")}
        override_route(order.pk, choice, reason="cheaper", user=None, now=NOW)
    assert refused.value.reasons == {"w0": "hazard"}


@pytest.mark.parametrize("reason", ["", "   "])
def test_override_route_wants_a_reason(reason: str) -> None:
    order = _planned(make_scene(), lines=1)

    with pytest.raises(ValueError, match="says why"):
        override_route(
            order.pk, {order.lines.get().pk: ("w1", STANDARD)}, reason=reason, user=None, now=NOW
        )


def test_override_route_of_what_is_picked_is_stale() -> None:
    order = _planned(make_scene(), lines=1)
    start_picking(order.shipments.get().pk)

    with pytest.raises(StaleTransition):
        override_route(
            order.pk, {order.lines.get().pk: ("w1", STANDARD)}, reason="x", user=None, now=NOW
        )


def test_list_offers_names_lanes_that_can_and_for_which_lines() -> None:
    scene = make_scene()
    order = _planned(scene)
    extra = factories.make_variant()
    factories.make_stock(extra, scene.warehouses[1], 5)
    order = make_paid_order(scene, {extra: 1, order.lines.all()[0].variant: 1})
    route_order(order.pk, now=NOW)
    lines = {line.sku: line.pk for line in order.lines.all()}

    offers = {offer.key[0]: offer.lines for offer in list_offers(order, now=NOW)}

    assert offers == {
        "w0": {pk for sku, pk in lines.items() if sku != extra.sku},
        "w1": set(lines.values()),
    }
