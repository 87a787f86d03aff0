from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from fulfillment.models import RoutingPolicy, Shipment
from fulfillment.routes import route_order
from markets.models import CustomsTerritory, DutyRate, ImportRule, IncotermRule
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_paid_order, make_scene

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def _law() -> None:
    CustomsTerritory.objects.create(country="DE", territory="EU", valid_from=DAY)
    CustomsTerritory.objects.create(country="NL", territory="EU", valid_from=DAY)
    ImportRule.objects.create(
        destination="EU", basis="fob", tax_basis="fob", formula="standard", currency="EUR",
        valid_from=DAY,
    )  # fmt: skip
    DutyRate.objects.create(
        destination="EU", label="Duty", kind="ad_valorem", stack_group="tariff",
        percent=Decimal(12), valid_from=DAY,
    )  # fmt: skip


def _scene(*, clearance: str = "0", currency: str = "EUR") -> Scene:
    """Make a scene whose cheaper warehouse lies outside of the customs union."""
    scene = make_scene(costs=("4.00", "6.00"), currency=currency)
    scene.warehouses[0].country = "CN"
    scene.warehouses[0].time_zone = "Asia/Shanghai"
    scene.warehouses[0].save()
    IncotermRule.objects.create(
        market=scene.market, terms="ddp", currency="EUR", clearance_fee=Decimal(clearance),
        valid_from=DAY,
    )  # fmt: skip
    return scene


def _order(scene: Scene, *, unit_price: str = "50.00") -> Order:
    """Make an order that was priced as sent from within the customs union."""
    variant = factories.make_variant(hs_code="691200")
    for warehouse in scene.warehouses:
        factories.make_stock(variant, warehouse, 5)
    return make_paid_order(scene, {variant: 2}, unit_price=unit_price)


def _warehouse(order: Order) -> str:
    return order.shipments.exclude(status=Shipment.Status.CANCELLED).get().warehouse.code


def test_way_over_a_border_that_the_order_was_not_priced_for_costs_us_its_duty() -> None:
    order = _order(_scene())

    decision = route_order(order.pk, now=NOW)

    assert decision is not None
    assert _warehouse(order) == "w1"
    # 12 % of 100.00 beside 4.00 and a kilogram.
    assert decision.rejected[0]["warehouses"] == ["w0"]
    assert decision.rejected[0]["terms"] == {"freight": "5.00", "duty": "12.00"}


def test_way_that_the_order_was_priced_for_costs_us_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent_from_abroad = partial(factories.make_tax_components, ship_from="CN")
    monkeypatch.setattr(factories, "make_tax_components", sent_from_abroad)
    order = _order(_scene())

    decision = route_order(order.pk, now=NOW)

    assert decision is not None
    assert _warehouse(order) == "w0"
    assert decision.plan["terms"] == {"freight": "5.00"}


def test_clearance_is_paid_once_for_a_lane() -> None:
    order = _order(_scene(clearance="15.00"), unit_price="1.00")

    decision = route_order(order.pk, now=NOW)

    assert decision is not None
    assert decision.rejected[0]["terms"] == {"freight": "5.00", "duty": "0.24", "entry": "15.00"}


def test_order_is_planned_where_no_exchange_rate_is_known() -> None:
    order = _order(_scene(currency="CHF"))

    assert route_order(order.pk, now=NOW) is not None


def test_full_day_moves_a_parcel_to_the_next_one_and_may_make_it_late() -> None:
    scene = make_scene()
    scene.warehouses[0].daily_parcels = 1
    scene.warehouses[0].save()
    orders = []
    for _ in range(2):
        order = _order(scene)
        Order.objects.filter(pk=order.pk).update(
            promised_from=NOW.date(), promised_to=date(2026, 11, 30)
        )
        route_order(order.pk, now=NOW)
        orders.append(order)

    assert [_warehouse(order) for order in orders] == ["w0", "w1"]
    turned_down = orders[1].routings.get().rejected[0]
    assert (turned_down["reason"], turned_down["late_days"]) == ("late", 1)


def test_warehouse_without_room_is_taken_where_there_is_no_other() -> None:
    scene = make_scene(costs=("4.00",))
    scene.warehouses[0].daily_parcels = 1
    scene.warehouses[0].save()
    variant = factories.make_variant(weight_grams=20_000)
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 3})

    route_order(order.pk, now=NOW)

    assert order.shipments.count() == 3


def test_policy_of_the_market_makes_a_split_dearer() -> None:
    scene = make_scene(costs=("4.00", "5.00"))
    light, heavy = factories.make_variant(), factories.make_variant()
    scene.zones[1].cost_per_kg = Decimal(0)
    scene.zones[1].save()
    factories.make_stock(light, scene.warehouses[0], 5)
    for warehouse in scene.warehouses:
        factories.make_stock(heavy, warehouse, 5)
    RoutingPolicy.objects.create(market=scene.market, split_penalty=Decimal("7.50"))
    order = make_paid_order(scene, {light: 1, heavy: 1})

    decision = route_order(order.pk, now=NOW)

    assert decision is not None
    assert decision.parcels == 1
    assert "7.50" in {row["terms"].get("split") for row in decision.rejected}


def test_shopper_pays_delivery_once_however_many_parcels() -> None:
    scene = make_scene(costs=("4.00",))
    variant = factories.make_variant(weight_grams=20_000)
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = make_paid_order(scene, {variant: 3})
    before = (order.gross, order.charges.count())

    route_order(order.pk, now=NOW + timedelta(minutes=1))

    order.refresh_from_db()
    assert order.shipments.count() == 3
    assert (order.gross, order.charges.count()) == before
