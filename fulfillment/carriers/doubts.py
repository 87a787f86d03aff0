"""Labels about which carrier and shop may disagree: looked for, compared, voided."""

import logging
from datetime import datetime, timedelta

from django.db.models import F

from fulfillment.carriers.adapters import find_adapter
from fulfillment.carriers.base import CarrierAdapter
from fulfillment.carriers.errors import CarrierDown, CarrierRefused
from fulfillment.carriers.finding import L
from fulfillment.carriers.labels import LATE, LEASE, void_others
from fulfillment.models import ShipmentLabel

logger = logging.getLogger(__name__)
SETTLED = (L.MADE, L.FAILED, L.VOIDED)
LONGEST_PAUSE = timedelta(hours=6)
MAX_TRIES = 60


def settle_label(label_id: int, *, now: datetime) -> bool:
    """Put a label right with its carrier if it is due; False if it was not, or was put off.

    A made one keeps its own and loses what else its key has made; of one that failed or was
    voided nothing is left. Until the carrier has answered, it is asked again after growing pauses.
    """
    claimed = ShipmentLabel.objects.filter(
        pk=label_id, status__in=SETTLED, next_try_at__lte=now
    ).update(next_try_at=now + LEASE, tries=F("tries") + 1)
    if not claimed:
        return False
    label = (
        ShipmentLabel.objects.select_related("service__carrier").defer("document").get(pk=label_id)
    )
    adapter = find_adapter(label.service.carrier)
    if adapter is None:
        _put_off(label, "Its carrier has no adapter any more.", now=now)
        return False
    try:
        left = _settle(label, adapter)
    except CarrierDown as error:
        _put_off(label, str(error), now=now)
        return False
    except CarrierRefused as error:
        # It is on its way already: what it costs is on the carrier's bill.
        logger.warning("Label %s of %s cannot be voided: %s", label.pk, label.shipment_id, error)
        _close(label, str(error))
        return True
    _close(label, "" if label.status == L.VOIDED else label.error)
    if left:
        logger.info("%s labels of shipment %s were voided", left, label.shipment_id)
    return True


def _settle(label: ShipmentLabel, adapter: CarrierAdapter) -> int:
    key = str(label.operation_key)
    if label.status == L.MADE:
        return void_others(adapter, key, keep=label.carrier_reference)
    if label.carrier_reference:
        adapter.void_label(label.carrier_reference)
    return void_others(adapter, key, keep="")


def _close(label: ShipmentLabel, error: str) -> None:
    # Its status may have changed since: then the new one is due and stays so.
    ShipmentLabel.objects.filter(pk=label.pk, status=label.status).update(
        next_try_at=None, error=error[:300]
    )


def _put_off(label: ShipmentLabel, error: str, *, now: datetime) -> None:
    if label.tries >= MAX_TRIES:
        logger.error("Label %s was never put right with its carrier: %s", label.pk, error)
        _close(label, error)
        return
    pause = min(LATE * 2 ** min(label.tries, 8), LONGEST_PAUSE)
    ShipmentLabel.objects.filter(pk=label.pk, status=label.status).update(next_try_at=now + pause)
