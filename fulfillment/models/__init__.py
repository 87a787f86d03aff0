from fulfillment.models.delivery import CarrierService, DeliveryOption, Zone
from fulfillment.models.returns import Return, ReturnLine
from fulfillment.models.shipments import RoutingDecision, Shipment, ShipmentLine
from fulfillment.models.stock import (
    Reservation,
    ReservationLine,
    StockLevel,
    StockMovement,
    Warehouse,
)

__all__ = [
    "CarrierService",
    "DeliveryOption",
    "Reservation",
    "ReservationLine",
    "Return",
    "ReturnLine",
    "RoutingDecision",
    "Shipment",
    "ShipmentLine",
    "StockLevel",
    "StockMovement",
    "Warehouse",
    "Zone",
]
