"""What carriers report, applied to our shipments: forward only, in whatever order it comes.

An event counts by when it happened, not by when it came. What came of a parcel is the same for
every order of arrival:

| event | what it does |
|---|---|
| picked up, in transit, customs, out for delivery | shown; the shipment is dispatched already |
| delivered | the shipment is delivered, also after it was reported lost or damaged |
| delayed | the day it is now expected on moves; the one that happened last counts |
| lost, damaged | the shipment needs attention, unless it has arrived |
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from fulfillment.models import CarrierEvent, Shipment, ShipmentLabel
from fulfillment.shipping import mark_delivered
from orders.errors import StaleTransition
from orders.events import record_event
from orders.transitions import lock_order

logger = logging.getLogger(__name__)
S = Shipment.Status
LEASE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=1)
# A parcel that nobody knows after so long is not ours.
KEPT_TRYING = timedelta(days=14)
# A day beyond that is a mistake, and no shopper is told it.
LONGEST_DELAY = timedelta(days=365)
BATCH = 200


class NotYet(Exception):
    """The event cannot be applied as things stand; the message says why."""


def apply_carrier_events(now: datetime, *, limit: int = BATCH) -> int:
    """Apply the events that are due, in the order in which they happened; give how many were."""
    due = list(
        CarrierEvent.objects.filter(next_try_at__lte=now)
        .order_by("occurred_at", "pk")
        .values_list("pk", flat=True)[:limit]
    )
    return sum(apply_event(pk, now=now) for pk in due)


def apply_event(event_id: int, *, now: datetime) -> bool:
    """Apply an event that is due and that nobody else is at; say whether it was applied.

    An unknown number or a parcel that is not dispatched yet is tried again, with growing pauses,
    for KEPT_TRYING; the reason is kept with the event. So is a failure.
    """
    claimed = CarrierEvent.objects.filter(pk=event_id, next_try_at__lte=now).update(
        tries=F("tries") + 1, next_try_at=now + LEASE
    )
    if not claimed:
        return False
    event = CarrierEvent.objects.get(pk=event_id)
    try:
        shipment = _find_shipment(event)
        note = _APPLY[event.kind](event, shipment, now)
    except Exception as error:
        if not isinstance(error, NotYet):
            logger.exception("Carrier event %s failed", event.pk)
        message = str(error) if isinstance(error, NotYet) else f"{type(error).__name__}: {error}"
        is_over = now - event.received_at > KEPT_TRYING
        pause = min(timedelta(seconds=10 * 2 ** min(event.tries, 10)), LONGEST_PAUSE)
        CarrierEvent.objects.filter(pk=event_id).update(
            next_try_at=None if is_over else now + pause, error=message[:300]
        )
        return False
    CarrierEvent.objects.filter(pk=event_id).update(
        applied_at=now, next_try_at=None, error=note[:300]
    )
    return True


def _find_shipment(event: CarrierEvent) -> Shipment:
    """Find the shipment that a number belongs to: by the number it left under, or by its label."""
    shipment = (
        Shipment.objects.filter(
            tracking_number=event.tracking_number, service__carrier=event.carrier_id
        )
        .order_by("-id")
        .first()
    )
    if shipment is not None:
        return shipment
    label = (
        ShipmentLabel.objects.filter(
            tracking_number=event.tracking_number,
            service__carrier=event.carrier_id,
            status=ShipmentLabel.Status.MADE,
        )
        .select_related("shipment")
        .first()
    )
    if label is None:
        raise NotYet("No parcel of ours has this number.")
    if label.shipment.tracking_number not in ("", event.tracking_number):
        raise NotYet("The parcel left under another number.")
    return label.shipment


def _on_its_way(event: CarrierEvent, shipment: Shipment, now: datetime) -> str:
    return ""


def _delivered(event: CarrierEvent, shipment: Shipment, now: datetime) -> str:
    if shipment.status == S.DELIVERED:
        return ""
    _must_have_left(shipment)
    if shipment.resolution:
        return f"It has turned up, but was {shipment.resolution} already."
    # When it arrived, not when we heard of it; never before it left or in our future.
    arrived_at = min(now, max(event.occurred_at, shipment.dispatched_at or event.occurred_at))
    try:
        mark_delivered(shipment.pk, now=arrived_at)
    except StaleTransition as error:
        raise NotYet(str(error)) from error
    return ""


@transaction.atomic
def _delayed(event: CarrierEvent, shipment: Shipment, now: datetime) -> str:
    expected_on = _expected_on(event)
    if expected_on is None:
        return "It names no day."
    if expected_on > now.date() + LONGEST_DELAY:
        return "It names no day that may be meant."
    _must_have_left(shipment)
    order = lock_order(shipment.order_id)
    later = CarrierEvent.objects.filter(
        Q(occurred_at__gt=event.occurred_at)
        | Q(occurred_at=event.occurred_at, event_id__gt=event.event_id),
        carrier=event.carrier_id,
        tracking_number=event.tracking_number,
        kind=event.kind,
    )
    if later.exists():
        return "A later report is known."
    shipment.refresh_from_db()
    if shipment.status not in (S.DISPATCHED, S.EXCEPTION):
        return "It has arrived."
    before = shipment.expected_on or shipment.promised_to
    shipment.expected_on = expected_on
    shipment.save(update_fields=["expected_on", "changed_at"])
    if expected_on > shipment.promised_to and expected_on != before:
        record_event(
            order,
            "shipment_delayed",
            now=now,
            shipment=shipment.pk,
            number=shipment.number,
            expected_on=expected_on.isoformat(),
            event=event.pk,
        )
    return ""


@transaction.atomic
def _gone_wrong(event: CarrierEvent, shipment: Shipment, now: datetime) -> str:
    _must_have_left(shipment)
    order = lock_order(shipment.order_id)
    arrived = CarrierEvent.objects.filter(
        carrier=event.carrier_id,
        tracking_number=event.tracking_number,
        kind="delivered",
        occurred_at__gt=event.occurred_at,
    )
    if arrived.exists():
        return "It has arrived."
    shipment.refresh_from_db()
    if shipment.status != S.DISPATCHED:
        return f"It was {shipment.status} already."
    shipment.status = S.EXCEPTION
    shipment.save(update_fields=["status", "changed_at"])
    record_event(
        order,
        "shipment_exception",
        now=now,
        shipment=shipment.pk,
        number=shipment.number,
        cause=event.kind,
    )
    return ""


def _must_have_left(shipment: Shipment) -> None:
    if shipment.status in (S.PLANNED, S.PICKING, S.PACKED):
        raise NotYet(f"Shipment {shipment.number} is {shipment.status}, not dispatched.")
    if shipment.status == S.CANCELLED:
        raise NotYet(f"Shipment {shipment.number} was cancelled.")


def _expected_on(event: CarrierEvent) -> date | None:
    expected = event.payload.get("expected_on")
    return date.fromisoformat(expected) if expected else None


_APPLY: dict[str, Callable[[CarrierEvent, Shipment, datetime], str]] = {
    "picked_up": _on_its_way,
    "in_transit": _on_its_way,
    "customs": _on_its_way,
    "out_for_delivery": _on_its_way,
    "delivered": _delivered,
    "delayed": _delayed,
    "lost": _gone_wrong,
    "damaged": _gone_wrong,
}
