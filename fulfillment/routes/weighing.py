from fulfillment.connections import Connection, list_connections
from fulfillment.models import Shipment
from fulfillment.routes.explaining import cents


def weigh_again(shipment: Shipment) -> None:
    """Set a shipment's weight and cost by what is in it now and the service that it takes."""
    grams = cm3 = 0
    for line in shipment.lines.select_related("order_line__variant"):
        variant = line.order_line.variant
        grams += line.quantity * variant.weight_grams
        sides = (variant.length_mm or 0, variant.width_mm or 0, variant.height_mm or 0)
        cm3 += line.quantity * -(-sides[0] * sides[1] * sides[2] // 1000)
    shipment.weight_grams = grams
    found = _connection(shipment)
    if found is not None:
        shipment.cost = cents(found.tariff.cost(grams, cm3=cm3))
    shipment.save(update_fields=["weight_grams", "cost", "changed_at"])


def _connection(shipment: Shipment) -> Connection | None:
    address = shipment.order.shipping_address
    for one in list_connections(address.country):
        zone = one.zone
        if (zone.warehouse_id, zone.service_id) == (shipment.warehouse_id, shipment.service_id):
            return one
    return None
