"""Parcels that stand packed, of a carrier with an adapter and one to fall back to."""

from dataclasses import dataclass
from decimal import Decimal

from fulfillment.models import CarrierService, Shipment, ShipmentLabel
from fulfillment.routes import route_order
from fulfillment.shipping import dispatch_shipment, pack_shipment
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_paid_order


@dataclass(frozen=True)
class Yard:
    """What a test needs to pack: one warehouse and the services of two carriers from it."""

    scene: Scene
    first: CarrierService
    second: CarrierService | None


def make_yard(*, second: bool = False, adapter: str = "simulated") -> Yard:
    market = factories.make_market()
    factories.make_delivery_option(market)
    warehouse = factories.make_warehouse("w0")
    postline = factories.make_carrier("postline", adapter=adapter)
    first = factories.make_service(carrier=postline)
    zones = [factories.make_zone(first, warehouse, ["DE"], base_cost=Decimal("4.00"))]
    other = None
    if second:
        norddirekt = factories.make_carrier("norddirekt", adapter=adapter)
        other = CarrierService.objects.create(
            code="norddirekt-standard", carrier=norddirekt, name="Parcel", option="standard"
        )
        zones.append(factories.make_zone(other, warehouse, ["DE"], base_cost=Decimal("6.00")))
    return Yard(Scene(market, (warehouse,), tuple(zones)), first, other)


def make_packed(yard: Yard) -> Shipment:
    variant = factories.make_variant(weight_grams=800)
    factories.make_stock(variant, yard.scene.warehouses[0], 5)
    order = make_paid_order(yard.scene, {variant: 2})
    route_order(order.pk, now=NOW)
    shipment = order.shipments.get()
    pack_shipment(shipment.pk, now=NOW)
    shipment.refresh_from_db()
    return shipment


def dispatch(shipment: Shipment, number: str) -> Shipment:
    return dispatch_shipment(shipment.pk, tracking_number=number, user=None, now=NOW)


def labels_of(shipment: Shipment) -> list[tuple[str, str]]:
    """List a shipment's labels, the first asked for first: status and number."""
    rows = ShipmentLabel.objects.filter(shipment=shipment).order_by("pk")
    return list(rows.values_list("status", "tracking_number"))
