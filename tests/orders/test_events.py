"""The outbox: nothing that happened is lost, and nothing is told twice."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import DatabaseError, transaction
from django.utils import timezone

from orders import events
from orders.events import record_event, send_pending, subscriber
from orders.models import EventDelivery, Order, OrderEvent
from tests.factories import NOW, make_market, make_order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order() -> Order:
    return make_order(make_market())


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was given to the broker, which here keeps it to itself."""
    messages: list[tuple[str, str]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args: messages.append((name, args[0]))
    )
    return messages


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Subscribe to `test_kind`; an entry `fail` of the event's data makes the task raise."""
    calls: list[str] = []

    @subscriber("test_kind")
    def listen(event: OrderEvent) -> None:
        calls.append(str(event.pk))
        if event.data.get("fail"):
            raise RuntimeError("not today")

    yield calls
    events._subscribers.pop("test_kind")
    current_app.tasks.pop(f"{__name__}.listen", None)


def deliver(name: str, event_id: str) -> None:
    current_app.tasks[name].run(event_id)


def test_record_event_is_sent_after_commit_only(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    with transaction.atomic():
        event = record_event(order, "test_kind", now=NOW)
        assert sent == []
    assert sent == [(f"{__name__}.listen", str(event.pk))]


def test_record_event_of_a_rolled_back_change_is_never_told(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        record_event(order, "test_kind", now=NOW)
        raise RuntimeError
    assert sent == []
    assert EventDelivery.objects.count() == 0


def test_record_event_survives_a_broker_that_is_away(
    order: Order, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(current_app, "send_task", refuse)
    with transaction.atomic():
        record_event(order, "test_kind", now=NOW)
    assert EventDelivery.objects.get().status == EventDelivery.Status.PENDING


def test_subscriber_runs_once_per_event(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    record_event(order, "test_kind", now=NOW)
    for _ in range(3):
        deliver(*sent[0])
    assert len(heard) == 1
    assert EventDelivery.objects.get().status == EventDelivery.Status.DONE


def test_send_pending_sends_what_was_lost(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    record_event(order, "test_kind", now=NOW)
    sent.clear()
    assert send_pending(now=NOW + timedelta(seconds=5)) == 0  # It may be on its way.
    assert send_pending(now=NOW + timedelta(seconds=15)) == 1
    deliver(*sent[0])
    assert send_pending(now=NOW + timedelta(days=1)) == 0


def test_send_pending_leaves_what_is_under_a_lease(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    record_event(order, "test_kind", now=NOW)
    now = timezone.now()
    EventDelivery.objects.update(leased_until=now + timedelta(seconds=30))
    assert send_pending(now=now) == 0
    assert send_pending(now=now + timedelta(seconds=31)) == 1


def test_subscriber_that_fails_is_tried_again_later(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    record_event(order, "test_kind", now=NOW, fail=True)
    deliver(*sent[0])
    delivery = EventDelivery.objects.get()
    assert delivery.status == EventDelivery.Status.PENDING
    assert delivery.error == "RuntimeError: not today"
    assert delivery.leased_until is not None
    assert delivery.leased_until > timezone.now()
    assert send_pending(now=timezone.now() + timedelta(seconds=10)) == 1


def test_subscriber_that_always_fails_is_given_up(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    record_event(order, "test_kind", now=NOW, fail=True)
    for _ in range(events.MAX_ATTEMPTS + 5):
        EventDelivery.objects.update(leased_until=None)
        deliver(*sent[0])
    assert len(heard) == events.MAX_ATTEMPTS
    assert EventDelivery.objects.get().status == EventDelivery.Status.DEAD


def test_order_event_cannot_be_changed_or_deleted(order: Order) -> None:
    event = record_event(order, "test_other", now=NOW)
    with pytest.raises(DatabaseError, match="append-only"):
        OrderEvent.objects.filter(pk=event.pk).update(kind="something_else")
    with pytest.raises(DatabaseError, match="append-only"):
        OrderEvent.objects.filter(pk=event.pk).delete()


def test_late_failure_does_not_undo_what_another_worker_did(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    """A worker that outlives its lease fails after a second one has done the work."""
    outcomes: list[str] = []

    @subscriber("test_slow")
    def slow(event: OrderEvent) -> None:
        if outcomes:
            outcomes.append("second")
            return
        outcomes.append("first")
        EventDelivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        deliver(f"{__name__}.slow", str(event.pk))
        raise RuntimeError("too late")

    try:
        event = record_event(order, "test_slow", now=NOW)
        deliver(f"{__name__}.slow", str(event.pk))
    finally:
        events._subscribers.pop("test_slow")
        current_app.tasks.pop(f"{__name__}.slow", None)
    assert outcomes == ["first", "second"]
    delivery = EventDelivery.objects.get()
    assert (delivery.status, delivery.error) == (EventDelivery.Status.DONE, "")


def test_send_pending_floods_no_queue_whose_workers_are_away(
    order: Order, heard: list[str], sent: list[tuple[str, str]]
) -> None:
    record_event(order, "test_kind", now=NOW)
    sent.clear()
    now = timezone.now()
    assert send_pending(now=now) == 1
    assert send_pending(now=now + timedelta(seconds=15)) == 0
    assert send_pending(now=now + events.RESEND_AFTER + timedelta(seconds=1)) == 1
    deliver(*sent[0])
    assert EventDelivery.objects.get().status == EventDelivery.Status.DONE


def test_send_pending_reaches_all_however_many_wait(
    order: Order,
    heard: list[str],
    sent: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "BATCH", 2)
    recorded = {str(record_event(order, "test_kind", now=NOW).pk) for _ in range(5)}
    sent.clear()
    now = timezone.now()
    for seconds in (0, 15, 30):  # Whoever should do the first ones is away all the time.
        send_pending(now=now + timedelta(seconds=seconds))
    assert {event for _, event in sent} == recorded


def test_events_of_one_moment_keep_their_order(order: Order) -> None:
    kinds = [f"test_{number}" for number in range(12)]
    for kind in kinds:
        record_event(order, kind, now=NOW)
    assert [event.kind for event in order.events.all()] == kinds
