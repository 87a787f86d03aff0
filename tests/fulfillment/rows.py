"""A row of everything about stock and carriers that no other scene makes."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from catalog.models import Variant
from fulfillment.models import (
    CarrierEvent,
    Closure,
    IncomingStock,
    LaneScore,
    RoutingPolicy,
    Shipment,
    ShipmentLabel,
    StockAudit,
    StockCount,
    StockCountLine,
    StockDisplay,
    Transfer,
    TransferLine,
)
from tests.fulfillment.scenes import NOW, Scene

TODAY = NOW.date()


def add_supply(scene: Scene, variant: Variant) -> None:
    """Add a delivery, a transfer in preparation, a count, a display and an audit."""
    origin, destination = scene.warehouses[:2]
    soon = TODAY + timedelta(days=9)
    IncomingStock.objects.create(
        warehouse=origin, variant=variant, quantity=8, expected_on=soon, reference="PO 7"
    )
    transfer = Transfer.objects.create(
        number="W0-T1", origin=origin, destination=destination, expected_on=soon
    )
    TransferLine.objects.create(transfer=transfer, variant=variant, quantity=2)
    count = StockCount.objects.create(number="W0-C1", warehouse=origin, created_at=NOW)
    StockCountLine.objects.create(count=count, variant=variant, expected=3, counted=2)
    StockDisplay.objects.create(market=scene.market, few_up_to=3)
    StockAudit.objects.create(
        started_at=NOW, finished_at=NOW, levels=1,
        findings=[{"kind": "ledger", "what": variant.sku, "warehouse": "w0", "expected": 1,
                   "found": 2}],
    )  # fmt: skip


def add_carrier_rows(scene: Scene, shipment: Shipment) -> None:
    """Add a label, a carrier's event, a lane's score, a closure and a policy."""
    service = shipment.service
    ShipmentLabel.objects.create(
        shipment=shipment, service=service, operation_key=uuid4(), requested_at=NOW
    )
    CarrierEvent.objects.create(
        carrier=service.carrier, event_id="e1", kind="delivered", tracking_number="T1",
        occurred_at=NOW, received_at=NOW, payload={},
    )  # fmt: skip
    LaneScore.objects.create(
        service=service, warehouse=scene.warehouses[0], country="DE", parcels=4, on_time=3,
        days_median=Decimal(2), days_p90=Decimal(3), cost=Decimal("4.20"), computed_at=NOW,
    )  # fmt: skip
    Closure.objects.create(
        warehouse=scene.warehouses[0], first_on=TODAY, last_on=TODAY, reason="Stock-taking"
    )
    RoutingPolicy.objects.create(market=scene.market)
