"""The sure path of labels: whatever a fast one has left undone is done here, again and again."""

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from fulfillment.carriers.adapters import adapters_ready
from fulfillment.carriers.doubts import settle_label
from fulfillment.carriers.dropping import drop_unfit_labels
from fulfillment.carriers.errors import NoLabelHere
from fulfillment.carriers.finding import LIVE, L
from fulfillment.carriers.labels import DOWN_FOR, PAUSES, request_label, try_label
from fulfillment.models import Shipment, ShipmentLabel

logger = logging.getLogger(__name__)
# A parcel that was just packed has its label asked for by whoever packed it.
FRESH = timedelta(seconds=10)
BATCH = 50


def retry_labels(now: datetime, *, limit: int = BATCH) -> int:
    """Drop labels that no longer fit, ask for missing ones, try and settle those that are due.

    Gives how many were touched. One that breaks is put off and does not stop the others.
    """
    touched = drop_unfit_labels(now=now)
    for shipment_id in _without_label(now=now, limit=limit):
        try:
            request_label(shipment_id, now=now)
        except NoLabelHere:
            continue  # It was dispatched or cancelled in the meantime.
        except Exception:
            logger.exception("No label could be asked for shipment %s", shipment_id)
        touched += 1
    due = ShipmentLabel.objects.filter(next_try_at__lte=now).order_by("next_try_at", "pk")
    for pk, status in list(due.values_list("pk", "status")[:limit]):
        try:
            if status == L.REQUESTED:
                try_label(pk, now=now)
            else:
                settle_label(pk, now=now)
        except Exception as error:
            logger.exception("Label %s failed", pk)
            ShipmentLabel.objects.filter(pk=pk).update(
                next_try_at=now + PAUSES[-1], error=f"{type(error).__name__}: {error}"[:300]
            )
        touched += 1
    return touched


def _without_label(*, now: datetime, limit: int) -> list[int]:
    """List packed shipments that should have a label and have none, the most urgent first.

    Not those that their carrier refused, nor those that it did not answer a moment ago.
    """
    same = ShipmentLabel.objects.filter(shipment=OuterRef("pk"), service=OuterRef("service"))
    return list(
        Shipment.objects.filter(
            Q(packed_at__isnull=True) | Q(packed_at__lte=now - FRESH),
            ~Exists(same.filter(status__in=LIVE)),
            ~Exists(same.filter(status=L.FAILED, is_refused=True)),
            ~Exists(same.filter(status=L.FAILED, requested_at__gt=now - DOWN_FOR)),
            status=Shipment.Status.PACKED,
            service__carrier__adapter__in=adapters_ready(),
        )
        .order_by("ship_by", "pk")
        .values_list("pk", flat=True)[:limit]
    )
