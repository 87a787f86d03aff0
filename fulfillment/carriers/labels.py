"""Asking for labels: the intent with its key first, then the call, then what came of it.

A label is asked for when its parcel is packed, for then its contents are final. Where a carrier
does not answer, the same key is tried again after growing pauses. After MAX_TRIES the carrier
counts as down and the parcel goes another way, or waits with its reason at the desk, where a
person may enter a number by hand at any time.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from fulfillment.carriers.adapters import find_adapter
from fulfillment.carriers.base import CarrierAdapter, Label
from fulfillment.carriers.errors import CarrierDown, CarrierRefused, NoLabelHere
from fulfillment.carriers.fallback import fall_back
from fulfillment.carriers.finding import LIVE, L
from fulfillment.carriers.parcels import parcel_of
from fulfillment.models import Carrier, Shipment, ShipmentLabel
from orders.transitions import lock_order

logger = logging.getLogger(__name__)
MAX_TRIES = 4
PAUSES = (timedelta(seconds=10), timedelta(seconds=30), timedelta(seconds=60))
# How long one process has a label for itself; longer than its calls can take.
LEASE = timedelta(seconds=90)
# A carrier that does not answer is left alone for so long; then one try decides.
DOWN_FOR = timedelta(minutes=10)
# An answer that came too late for us may still make a label: looked for after so long.
LATE = timedelta(minutes=3)
PACKING = (Shipment.Status.PICKING, Shipment.Status.PACKED)


def request_label(shipment_id: int, *, now: datetime, insist: bool = False) -> ShipmentLabel:
    """Get the label of a shipment that is picked or packed, asking for it at most once at a time.

    The call to the carrier is outside any transaction. Gives the label as it stands then: made,
    requested (it is tried again by itself) or failed (its `error` says why). A carrier that is
    down is asked only if a person insists. Raises NoLabelHere.
    """
    label, is_new = _intend(shipment_id, now=now, insist=insist)
    if is_new and label.status == L.FAILED:
        return _other_way(label, now=now)
    return try_label(label.pk, now=now) if label.status == L.REQUESTED else label


def try_label(label_id: int, *, now: datetime) -> ShipmentLabel:
    """Call the carrier for a requested label that is due and that nobody else is at."""
    claimed = ShipmentLabel.objects.filter(
        pk=label_id, status=L.REQUESTED, next_try_at__lte=now
    ).update(tries=F("tries") + 1, next_try_at=now + LEASE, error="")
    label = _get(label_id)
    if not claimed:
        return label
    try:
        answer = _ask(label, now=now)
    except CarrierRefused as error:
        _fail(label, str(error), refused=True, next_try_at=None)
    except CarrierDown as error:
        return _not_answered(label, str(error), now=now)
    else:
        _record(label, answer, now=now)
        Carrier.objects.filter(pk=label.service.carrier_id, down_until__isnull=False).update(
            down_until=None
        )
    return _get(label_id)


@dataclass(frozen=True)
class _Answer:
    """The label to use, and whether more may have been made by the same key."""

    label: Label
    is_doubtful: bool


def _ask(label: ShipmentLabel, *, now: datetime) -> _Answer:
    carrier = label.service.carrier
    adapter = find_adapter(carrier)
    if adapter is None:
        raise CarrierRefused("The carrier has no adapter any more.")
    if carrier.down_until and carrier.down_until > now and label.tries > 1:
        raise CarrierDown("The carrier is down.")
    key = str(label.operation_key)
    # A try before this one may have made a label and its answer got lost.
    known = adapter.find_labels(key) if label.tries > 1 else []
    made = known[0] if known else adapter.make_label(parcel_of(label.shipment), key=key)
    try:
        void_others(adapter, key, keep=made.reference)
    except (CarrierDown, CarrierRefused):
        return _Answer(made, is_doubtful=True)
    return _Answer(made, is_doubtful=label.tries > 1)


def void_others(adapter: CarrierAdapter, key: str, *, keep: str) -> int:
    """Void what a key has made beside the label that is used; give how many."""
    others = [label for label in adapter.find_labels(key) if label.reference != keep]
    for label in others:
        adapter.void_label(label.reference)
    return len(others)


@transaction.atomic(durable=True)
def _intend(shipment_id: int, *, now: datetime, insist: bool) -> tuple[ShipmentLabel, bool]:
    """Write the label that will be asked for, under the order's lock; or give the live one."""
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    lock_order(order_id)
    shipment = Shipment.objects.select_related("service__carrier").get(pk=shipment_id)
    live = shipment.labels.filter(status__in=LIVE, service=shipment.service_id).first()
    if live is not None:
        if insist:
            ShipmentLabel.objects.filter(
                pk=live.pk, status=L.REQUESTED, next_try_at__gt=now, error__gt=""
            ).update(next_try_at=now)
        return live, False
    carrier = shipment.service.carrier
    if shipment.status not in PACKING:
        raise NoLabelHere(f"Shipment {shipment.number} is {shipment.status}.")
    if find_adapter(carrier) is None:
        raise NoLabelHere(f"{carrier} has no adapter.")
    # What an earlier service left behind would stand in the way of the new one.
    shipment.labels.filter(status=L.MADE).update(status=L.VOIDED, next_try_at=now)
    shipment.labels.filter(status=L.REQUESTED).update(status=L.FAILED, next_try_at=now)
    is_down = carrier.down_until is not None and carrier.down_until > now and not insist
    made = ShipmentLabel.objects.create(
        shipment=shipment,
        service=shipment.service,
        operation_key=uuid4(),
        status=L.FAILED if is_down else L.REQUESTED,
        error="The carrier does not answer." if is_down else "",
        requested_at=now,
        next_try_at=None if is_down else now,
    )
    return made, True


@transaction.atomic(durable=True)
def _record(label: ShipmentLabel, answer: _Answer, *, now: datetime) -> None:
    """Keep the label, unless it was given up or its shipment went another way meanwhile."""
    lock_order(label.shipment.order_id)
    row = ShipmentLabel.objects.select_for_update(of=("self",)).defer("document").get(pk=label.pk)
    shipment = Shipment.objects.get(pk=label.shipment_id)
    wanted = (
        row.status == L.REQUESTED
        and shipment.status in PACKING
        and shipment.service_id == row.service_id
    )
    made = answer.label
    late = now + LATE if answer.is_doubtful else None
    ShipmentLabel.objects.filter(pk=row.pk).update(
        status=L.MADE if wanted else L.VOIDED,
        next_try_at=late if wanted else now,
        carrier_reference=made.reference,
        tracking_number=made.tracking_number,
        document=made.document,
        media_type=made.media_type,
        cost=made.cost,
        made_at=now,
        error="",
    )


def _not_answered(label: ShipmentLabel, error: str, *, now: datetime) -> ShipmentLabel:
    """Plan the next try, or give up, call the carrier down and look for another way."""
    carrier = label.service.carrier
    # It was down and is asked again for the first time: one try is enough to know.
    is_probe = carrier.down_until is not None
    if label.tries < MAX_TRIES and not is_probe:
        ShipmentLabel.objects.filter(pk=label.pk, status=L.REQUESTED).update(
            next_try_at=now + PAUSES[min(label.tries, len(PAUSES)) - 1], error=error[:300]
        )
        return _get(label.pk)
    logger.error("%s does not answer: %s", carrier, error)
    if not (carrier.down_until and carrier.down_until > now):
        Carrier.objects.filter(pk=carrier.pk).update(down_until=now + DOWN_FOR)
        # Those that wait for it need not find out for themselves.
        ShipmentLabel.objects.filter(
            status=L.REQUESTED, service__carrier=carrier, next_try_at__gt=now, error__gt=""
        ).update(next_try_at=now)
    # What its tries may have made is looked for when it is back.
    _fail(label, error, refused=False, next_try_at=now + DOWN_FOR)
    return _other_way(_get(label.pk), now=now)


def _other_way(label: ShipmentLabel, *, now: datetime) -> ShipmentLabel:
    """Have the parcel go with another service and give that one's label; else this one's error."""
    if fall_back(label.shipment_id, now=now):
        shipment = Shipment.objects.get(pk=label.shipment_id)
        if shipment.service_id != label.service_id and shipment.status in PACKING:
            try:
                return request_label(shipment.pk, now=now)
            except NoLabelHere:
                return _get(label.pk)
    return _get(label.pk)


def _fail(label: ShipmentLabel, error: str, *, refused: bool, next_try_at: datetime | None) -> None:
    ShipmentLabel.objects.filter(pk=label.pk, status=L.REQUESTED).update(
        status=L.FAILED, error=error[:300], is_refused=refused, next_try_at=next_try_at
    )


def _get(label_id: int) -> ShipmentLabel:
    return (
        ShipmentLabel.objects.select_related(
            "shipment__order__shipping_address", "shipment__warehouse", "service__carrier",
            "shipment__service__carrier",
        )
        .defer("document")
        .get(pk=label_id)
    )  # fmt: skip
