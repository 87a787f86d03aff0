"""The outbox: what happened to an order, and who must still hear of it.

`record_event` writes the event and one delivery per subscriber in the caller's transaction.
After commit each subscriber's task is sent at once; `sweep_events` sends again whatever was
lost. A subscriber is run under a lease and recorded as done in its own transaction, so it
must be idempotent: a worker that dies in between makes it run again.
"""

import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any
from uuid import UUID

from celery import current_app, shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.models import EventDelivery, Order, OrderEvent

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 20
# What the sweep sent is given this long to be taken up: a queue without workers is not filled
# with the same few messages, and those behind them have their turn.
RESEND_AFTER = timedelta(seconds=60)
BATCH = 500
_subscribers: dict[str, list[str]] = defaultdict(list)


def record_event(order: Order, kind: str, *, now: datetime, **data: Any) -> OrderEvent:
    """Record what happened to an order, in the caller's transaction."""
    event = OrderEvent.objects.create(
        id=_next_id(), order=order, kind=kind, data=data, occurred_at=now
    )
    names = _subscribers[kind]
    EventDelivery.objects.bulk_create(EventDelivery(event=event, subscriber=name) for name in names)
    for name in names:
        transaction.on_commit(partial(_send, name, event.pk))
    return event


def subscriber(*kinds: str) -> Callable[[Callable[[OrderEvent], None]], Any]:
    """Make a Celery task, run once per event of these kinds, out of a function of the event.

    The task takes the event's id alone. The function may raise: its delivery stays pending and
    the sweep tries again, up to `MAX_ATTEMPTS` times.
    """

    def decorate(function: Callable[[OrderEvent], None]) -> Any:
        name = f"{function.__module__}.{function.__name__}"
        for kind in kinds:
            _subscribers[kind].append(name)

        @shared_task(name=name)
        @wraps(function)
        def task(event_id: str) -> None:
            _run(name, UUID(str(event_id)), function)

        return task

    return decorate


def send_pending(*, now: datetime) -> int:
    """Send deliveries again that are pending and under no lease; give how many there were.

    At most `BATCH`, those first that were never sent again or longest ago.
    """
    pending = list(
        EventDelivery.objects.filter(status=EventDelivery.Status.PENDING)
        .filter(
            Q(leased_until__lt=now)
            | Q(leased_until__isnull=True, event__occurred_at__lt=now - timedelta(seconds=10)),
            Q(sent_at__isnull=True) | Q(sent_at__lt=now - RESEND_AFTER),
        )
        .order_by(F("sent_at").asc(nulls_first=True), "id")
        .values_list("pk", "subscriber", "event_id")[:BATCH]
    )
    EventDelivery.objects.filter(pk__in=[pk for pk, _, _ in pending]).update(sent_at=now)
    for _, name, event_id in pending:
        _send(name, event_id)
    return len(pending)


def _send(name: str, event_id: UUID) -> None:
    """Hand a delivery to the broker; with no broker it waits for the sweep."""
    try:
        current_app.send_task(name, args=[str(event_id)])
    except Exception as error:  # Whatever the transport raises: the delivery's row is there.
        logger.warning("%s for event %s waits for the sweep: %s", name, event_id, error)


def _run(name: str, event_id: UUID, function: Callable[[OrderEvent], None]) -> None:
    now = timezone.now()
    lease = timedelta(seconds=settings.EVENT_LEASE_SECONDS)
    mine = EventDelivery.objects.filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now),
        event_id=event_id,
        subscriber=name,
        status=EventDelivery.Status.PENDING,
    )
    if not mine.update(leased_until=now + lease, attempts=F("attempts") + 1, sent_at=None):
        return
    delivery = EventDelivery.objects.select_related("event__order").get(
        event_id=event_id, subscriber=name
    )
    try:
        function(delivery.event)
    except Exception as error:
        dead = delivery.attempts >= MAX_ATTEMPTS
        # Not if another worker took it over: this one outlived its lease and knows nothing new.
        EventDelivery.objects.filter(
            pk=delivery.pk, status=EventDelivery.Status.PENDING, attempts=delivery.attempts
        ).update(
            status=EventDelivery.Status.DEAD if dead else EventDelivery.Status.PENDING,
            leased_until=timezone.now() + _pause(delivery.attempts),
            error=f"{type(error).__name__}: {error}"[:2000],
        )
        logger.exception("%s failed for event %s", name, event_id)
        return
    EventDelivery.objects.filter(pk=delivery.pk).update(
        status=EventDelivery.Status.DONE, done_at=timezone.now(), leased_until=None, error=""
    )


def _next_id() -> UUID:
    """Make an id that sorts by time (RFC 9562, version 7): events of one moment keep their order.

    The 12 bits behind the milliseconds count their parts, a quarter of a microsecond each.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    parts = (rest << 12) // 1_000_000
    return UUID(int=milliseconds << 80 | 7 << 76 | parts << 64 | 2 << 62 | secrets.randbits(62))


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(5 * 2 ** (attempts - 1), 3600))
