"""What is read of labels. Nothing here calls a carrier."""

from datetime import datetime

from django.db.models import Q, QuerySet

from fulfillment.models import Carrier, CarrierEvent, Shipment, ShipmentLabel

L = ShipmentLabel.Status
LIVE = (L.REQUESTED, L.MADE)
OPEN = (Shipment.Status.PLANNED, Shipment.Status.PICKING, Shipment.Status.PACKED)


def latest_label(shipment_id: int) -> ShipmentLabel | None:
    """Give the last label that was asked for a shipment, without its document."""
    return (
        ShipmentLabel.objects.filter(shipment=shipment_id)
        .select_related("service__carrier")
        .defer("document")
        .order_by("-id")
        .first()
    )


def label_number(shipment_id: int) -> str:
    """Give the tracking number of a shipment's label; empty if it has none."""
    number = (
        ShipmentLabel.objects.filter(shipment=shipment_id, status=L.MADE)
        .values_list("tracking_number", flat=True)
        .first()
    )
    return number or ""


def list_label_trouble() -> QuerySet[ShipmentLabel]:
    """List the last labels of shipments to send that failed or wait for another try, by urgency."""
    latest = (
        ShipmentLabel.objects.filter(shipment__status__in=OPEN)
        .order_by("shipment_id", "-id")
        .distinct("shipment_id")
    )
    return (
        ShipmentLabel.objects.filter(pk__in=latest.values("pk"))
        .filter(Q(status=L.FAILED) | Q(status=L.REQUESTED, tries__gt=0))
        .select_related("shipment", "service__carrier")
        .defer("document")
        .order_by("shipment__ship_by", "id")
    )


def list_down(*, now: datetime) -> QuerySet[Carrier]:
    """List the carriers that nothing is asked of just now, because they did not answer."""
    return Carrier.objects.filter(is_active=True, down_until__gt=now).order_by("name")


def list_reports(shipment: Shipment) -> QuerySet[CarrierEvent]:
    """List what carriers said of a shipment's parcel, in the order in which it happened."""
    numbers = [shipment.tracking_number] if shipment.tracking_number else []
    numbers += ShipmentLabel.objects.filter(shipment=shipment, status=L.MADE).values_list(
        "tracking_number", flat=True
    )
    return CarrierEvent.objects.filter(
        carrier=shipment.service.carrier_id, tracking_number__in=numbers
    ).order_by("occurred_at", "id")
