"""Letting go of labels that no longer belong on their parcels. Nothing here calls a carrier."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from fulfillment.carriers.finding import LIVE, OPEN, L
from fulfillment.models import Shipment, ShipmentLabel
from orders.transitions import lock_order

# A shipment that is older than this is over, one way or another.
LOOKED_AT = timedelta(days=45)
_S = Shipment.Status
_UNFIT = (
    Q(shipment__status=_S.CANCELLED)
    | Q(shipment__status__in=OPEN) & ~Q(shipment__service=F("service"))
    | Q(shipment__status=_S.DISPATCHED) & ~Q(shipment__tracking_number__iexact=F("tracking_number"))
)


def drop_label(shipment_id: int, *, now: datetime) -> bool:
    """Let go of a shipment's label, in the caller's transaction, under its order's lock.

    It is voided at the carrier soon after. False if there was none.
    """
    live = ShipmentLabel.objects.filter(shipment=shipment_id)
    made = live.filter(status=L.MADE).update(status=L.VOIDED, next_try_at=now)
    # Whether it exists at the carrier is unknown: it is looked for.
    asked = live.filter(status=L.REQUESTED).update(status=L.FAILED, next_try_at=now)
    return bool(made + asked)


def drop_unfit_labels(*, now: datetime, limit: int = 200) -> int:
    """Let go of labels whose shipment was cancelled, replanned or sent under another number."""
    found = list(
        ShipmentLabel.objects.filter(_UNFIT, status__in=LIVE, requested_at__gt=now - LOOKED_AT)
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )
    for pk in found:
        _drop(pk, now=now)
    return len(found)


@transaction.atomic
def _drop(label_id: int, *, now: datetime) -> None:
    """Look once more under the lock: a dispatch may have taken the number in the meantime."""
    label = ShipmentLabel.objects.select_related("shipment").defer("document").get(pk=label_id)
    lock_order(label.shipment.order_id)
    if ShipmentLabel.objects.filter(_UNFIT, pk=label_id, status__in=LIVE).exists():
        drop_label(label.shipment_id, now=now)
