"""The inbox of what carriers report: kept as it came, once, however often it comes."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from fulfillment.carriers.adapters import find_adapter
from fulfillment.carriers.base import Report
from fulfillment.carriers.errors import BadSignature
from fulfillment.models import Carrier, CarrierEvent
from payments.sending import send_later


def receive_event(
    carrier: Carrier, payload: bytes, signature: str, *, now: datetime
) -> CarrierEvent:
    """Check a report and keep it, and have it applied after commit.

    Raises BadSignature and UnreadableReport; then nothing was kept.
    """
    adapter = find_adapter(carrier)
    if adapter is None:
        raise BadSignature(f"{carrier} has no adapter that could check it.")
    return keep_report(carrier, adapter.read_report(payload, signature=signature, now=now), now=now)


@transaction.atomic
def keep_report(carrier: Carrier, report: Report, *, now: datetime) -> CarrierEvent:
    """Keep a report that is known to be the carrier's; what it dates in our future is of now."""
    CarrierEvent.objects.bulk_create(
        [
            CarrierEvent(
                carrier=carrier,
                event_id=report.event_id,
                tracking_number=report.tracking_number,
                kind=report.kind,
                occurred_at=min(report.occurred_at, now),
                payload=report.payload,
                received_at=now,
                next_try_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    event = CarrierEvent.objects.get(carrier=carrier, event_id=report.event_id)
    if event.next_try_at is not None:
        send_later("fulfillment.carriers.tasks.apply_carrier_event", event.pk)
    return event


def replay_event(event_id: int) -> None:
    """Have an event applied once more; it moves our state forward only, so this is always safe."""
    with transaction.atomic():
        CarrierEvent.objects.filter(pk=event_id).update(
            applied_at=None, next_try_at=timezone.now(), tries=0, error=""
        )
        send_later("fulfillment.carriers.tasks.apply_carrier_event", event_id)
