from fulfillment.models.closures import Closure
from fulfillment.models.delivery import Carrier, CarrierService, DeliveryOption, Zone, ZoneBracket
from fulfillment.models.labels import CarrierEvent, ShipmentLabel
from fulfillment.models.returns import Return, ReturnLine
from fulfillment.models.sellable import Sellable
from fulfillment.models.shipments import RoutingDecision, RoutingPolicy, Shipment, ShipmentLine
from fulfillment.models.stock import (
    Reservation,
    ReservationLine,
    StockBucket,
    StockLevel,
    StockMovement,
    Warehouse,
)
from fulfillment.models.supply import (
    IncomingStock,
    StockCount,
    StockCountLine,
    Transfer,
    TransferLine,
)
from fulfillment.models.watching import LaneScore, StockAudit, StockDisplay

__all__ = [
    "Carrier",
    "CarrierEvent",
    "CarrierService",
    "Closure",
    "DeliveryOption",
    "IncomingStock",
    "LaneScore",
    "Reservation",
    "ReservationLine",
    "Return",
    "ReturnLine",
    "RoutingDecision",
    "RoutingPolicy",
    "Sellable",
    "Shipment",
    "ShipmentLabel",
    "ShipmentLine",
    "StockAudit",
    "StockBucket",
    "StockCount",
    "StockCountLine",
    "StockDisplay",
    "StockLevel",
    "StockMovement",
    "Transfer",
    "TransferLine",
    "Warehouse",
    "Zone",
    "ZoneBracket",
]
