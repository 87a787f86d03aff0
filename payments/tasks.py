from celery import shared_task
from django.utils import timezone

from orders.events import subscriber
from orders.models import OrderEvent
from payments import inbox, refunding, sweeping, voiding
from payments.scoring import score_order


@shared_task
def process_webhook(event_pk: int) -> bool:
    return inbox.process_event(event_pk, now=timezone.now())


@shared_task
def sweep_webhooks() -> int:
    """Send every message of the inbox again that was never applied."""
    due = inbox.list_due_events(now=timezone.now())
    for event_pk in due:
        process_webhook.delay(event_pk)
    return len(due)


@shared_task
def sweep_payments() -> int:
    return sweeping.sweep_payments(now=timezone.now())


@shared_task
def finish_void(payment_id: int) -> None:
    voiding.finish_void(payment_id, now=timezone.now())


@shared_task
def issue_refund(refund_id: int) -> None:
    refunding.issue_refund(refund_id, now=timezone.now())


@subscriber("payment_authorised", "payment_captured")
def score_fraud(event: OrderEvent) -> None:
    score_order(event.order_id, now=timezone.now())


@subscriber("order_cancelled")
def return_money(event: OrderEvent) -> None:
    reason = event.data.get("reason") or "cancelled"
    voiding.return_money(event.order_id, now=timezone.now(), reason=reason)
