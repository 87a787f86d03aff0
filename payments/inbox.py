"""The webhook inbox: kept as it came, applied by a task, tried again until it worked."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from payments.following import refresh_payment
from payments.gateways import get_gateway
from payments.models import Payment, PaymentMethod, Refund, WebhookEvent
from payments.refunding import adopt_refund, refresh_refund
from payments.sending import send_later
from payments.starting import reopen_payment

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 20
LEASE = timedelta(seconds=60)
STRIPE = PaymentMethod.Gateway.STRIPE


@transaction.atomic
def receive_event(payload: Mapping[str, Any]) -> WebhookEvent:
    """Keep a verified message once, however often it comes, and have it applied after commit."""
    WebhookEvent.objects.bulk_create(
        [
            WebhookEvent(
                gateway=STRIPE,
                event_id=payload["id"],
                kind=payload["type"],
                object_id=_object(payload).get("id") or "",
                payload=payload,
            )
        ],
        ignore_conflicts=True,
    )
    event = WebhookEvent.objects.get(gateway=STRIPE, event_id=payload["id"])
    if event.processed_at is None:
        send_later("payments.tasks.process_webhook", event.pk)
    return event


def process_event(event_pk: int, *, now: datetime) -> bool:
    """Apply a message that is due and that nobody else is at; say whether it was ours to apply.

    It is claimed by a conditional update for `LEASE`. A failure is kept with the message, which
    is tried again after a growing pause, `MAX_ATTEMPTS` times.
    """
    claimed = _due(now).filter(pk=event_pk).update(attempts=F("attempts") + 1, retry_at=now + LEASE)
    if not claimed:
        return False
    event = WebhookEvent.objects.get(pk=event_pk)
    try:
        note = _apply(event, now=now)
    except Exception as error:
        logger.exception("Webhook %s %s failed", event.kind, event.event_id)
        WebhookEvent.objects.filter(pk=event_pk).update(
            retry_at=now + _pause(event.attempts), error=f"{type(error).__name__}: {error}"[:2000]
        )
    else:
        WebhookEvent.objects.filter(pk=event_pk).update(processed_at=now, retry_at=None, error=note)
    return True


def list_due_events(*, now: datetime, limit: int = 200) -> list[int]:
    """List messages that were never applied, oldest first, leaving the newest to their tasks."""
    fresh = Q(retry_at__isnull=True, received_at__gt=now - timedelta(seconds=10))
    return list(_due(now).exclude(fresh).order_by("pk").values_list("pk", flat=True)[:limit])


def replay_event(event_pk: int) -> None:
    """Have a message applied once more; its object is fetched again, so this is always safe."""
    with transaction.atomic():
        WebhookEvent.objects.filter(pk=event_pk).update(
            processed_at=None, retry_at=None, attempts=0, error=""
        )
        send_later("payments.tasks.process_webhook", event_pk)


def _due(now: datetime) -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(
        Q(retry_at__isnull=True) | Q(retry_at__lte=now),
        processed_at__isnull=True,
        attempts__lt=MAX_ATTEMPTS,
    )


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(5 * 2 ** (attempts - 1), 3600))


def _object(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    data: Mapping[str, Any] = payload.get("data") or {}
    return data.get("object") or {}


def _apply(event: WebhookEvent, *, now: datetime) -> str:
    """Fetch what the message is about; what it says itself may be old. Gives a note if unknown."""
    about = _object(event.payload)
    kind = event.kind
    if kind.startswith("refund.") or kind == "charge.refund.updated":
        return _follow_refund(about, now=now)
    if kind.startswith(("checkout.session.", "payment_intent.", "charge.")):
        payment = _find_payment(about)
        if payment is None:
            return "about no payment of ours"
        if payment.status == Payment.Status.CREATED and payment.success_url:
            # The message was faster than the answer to our own call.
            payment = reopen_payment(payment.pk, now=now)
        refresh_payment(payment.pk, now=now)
        return ""
    return "of a kind that is nothing to us"


def _find_payment(about: Mapping[str, Any]) -> Payment | None:
    payments = Payment.objects.filter(method__gateway=STRIPE)
    key = (about.get("metadata") or {}).get("payment")
    if key:
        try:
            return payments.get(operation_key=key)
        except (Payment.DoesNotExist, ValueError):
            return None
    kind, intent = about.get("object"), about.get("payment_intent")
    if kind == "checkout.session":
        return payments.filter(gateway_session=about["id"]).first()
    if kind == "payment_intent":
        intent = about["id"]
    return payments.filter(gateway_payment=intent).first() if intent else None


def _follow_refund(about: Mapping[str, Any], *, now: datetime) -> str:
    refund_id = str(about["id"])
    key = (about.get("metadata") or {}).get("refund") or ""
    known = Refund.objects.filter(Q(gateway_refund=refund_id) | Q(operation_key=key)).first()
    if known is not None:
        refresh_refund(known.pk, now=now)
        return ""
    state = get_gateway(STRIPE).fetch_refund(refund_id)
    payment = Payment.objects.filter(
        method__gateway=STRIPE, gateway_payment=state.gateway_payment
    ).first()
    if payment is None or not state.gateway_payment:
        return "about no payment of ours"
    refund = adopt_refund(payment.pk, state, now=now)
    refresh_refund(refund.pk, now=now)
    return ""
