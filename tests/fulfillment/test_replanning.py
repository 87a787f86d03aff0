from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from fulfillment.carriers.finding import label_number
from fulfillment.errors import NoRoute
from fulfillment.models import Carrier, CarrierService, RoutingDecision, Shipment, ShipmentLabel
from fulfillment.routes import replan_shipment, route_order
from fulfillment.shipping import pack_shipment
from orders.errors import StaleTransition
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_paid_order, make_scene, send, stock_problems

pytestmark = pytest.mark.django_db
S = Shipment.Status
CARRIER = RoutingDecision.Cause.CARRIER


def _planned(scene: Scene) -> Shipment:
    variant = factories.make_variant()
    for warehouse in scene.warehouses:
        factories.make_stock(variant, warehouse, 5)
    order = make_paid_order(scene, {variant: 1})
    route_order(order.pk, now=NOW)
    return order.shipments.get()


def _other_service(scene: Scene, *, at: int = 0, cost: str = "9.00") -> CarrierService:
    other = factories.make_service("other", option="standard", carrier=factories.make_carrier("b"))
    factories.make_zone(other, scene.warehouses[at], ["DE"], base_cost=Decimal(cost))
    return other


def _carrier_goes_down() -> None:
    Carrier.objects.filter(code="carrier").update(down_until=NOW + timedelta(minutes=10))


def test_replan_shipment_of_a_planned_one_may_leave_from_elsewhere() -> None:
    scene = make_scene()
    other = _other_service(scene, at=1)
    shipment = _planned(scene)
    _carrier_goes_down()

    decision = replan_shipment(shipment.pk, cause=CARRIER, now=NOW)

    assert decision.cause == CARRIER
    moved = shipment.order.shipments.get(status=S.PLANNED)
    assert (moved.warehouse, moved.service) == (scene.warehouses[1], other)
    shipment.refresh_from_db()
    assert shipment.status == S.CANCELLED
    assert stock_problems() == []


@pytest.mark.parametrize("status", [S.PICKING, S.PACKED])
def test_replan_shipment_in_work_stays_and_changes_its_service(status: Shipment.Status) -> None:
    scene = make_scene()
    other = _other_service(scene)
    shipment = _planned(scene)
    Shipment.objects.update(status=status)
    _carrier_goes_down()

    replan_shipment(shipment.pk, cause=CARRIER, now=NOW)

    shipment.refresh_from_db()
    assert (shipment.status, shipment.warehouse) == (status, scene.warehouses[0])
    assert (shipment.service, shipment.cost) == (other, Decimal("9.50"))
    assert shipment.order.shipments.count() == 1
    assert stock_problems() == []


def test_replan_shipment_without_another_way_changes_nothing() -> None:
    scene = make_scene()
    shipment = _planned(scene)
    pack_shipment(shipment.pk, now=NOW)
    _carrier_goes_down()

    with pytest.raises(NoRoute):
        replan_shipment(shipment.pk, cause=CARRIER, now=NOW)
    shipment.refresh_from_db()
    assert (shipment.status, shipment.service.code) == (S.PACKED, "standard-service")
    assert shipment.order.routings.count() == 1


def test_replan_shipment_that_has_left_is_stale() -> None:
    scene = make_scene()
    shipment = _planned(scene)
    send(shipment)

    with pytest.raises(StaleTransition):
        replan_shipment(shipment.pk, cause=CARRIER, now=NOW)


def test_replan_shipment_in_work_lets_go_of_the_label_of_its_old_service() -> None:
    scene = make_scene()
    _other_service(scene)
    shipment = _planned(scene)
    pack_shipment(shipment.pk, now=NOW)
    ShipmentLabel.objects.create(
        shipment=shipment, service=shipment.service, operation_key=uuid4(),
        status=ShipmentLabel.Status.MADE, tracking_number="OLD", requested_at=NOW,
    )  # fmt: skip
    _carrier_goes_down()

    replan_shipment(shipment.pk, cause=CARRIER, now=NOW)

    assert label_number(shipment.pk) == ""
    assert ShipmentLabel.objects.get().next_try_at == NOW
