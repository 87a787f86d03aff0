"""Following what the gateways say: the one place where a payment's state moves."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from orders.events import record_event
from orders.models import Order
from orders.transitions import set_payment_status
from payments.errors import AmountMismatch
from payments.gateways import get_gateway
from payments.gateways.base import GatewayState, Opened, PaymentRef
from payments.locking import lock_payment
from payments.models import Payment, Refund
from payments.sending import send_later
from payments.statuses import CHARGES, next_status, order_payment_status

S = Payment.Status


def refresh_payment(payment_id: int, *, now: datetime) -> Payment:
    """Fetch a payment at its gateway and move our state forward by what it says.

    Safe at any time and any number of times. Takes the order's and then the payment's lock, after
    the call. Money of a payment that is not wanted (the order is cancelled or has another charge,
    or we had let go of it) is never booked as the order's: it is marked to be given back. Raises
    GatewayUnavailable, and AmountMismatch if the gateway took another sum.
    """
    payment = Payment.objects.select_related("method").get(pk=payment_id)
    if payment.status == S.CREATED:
        # Whether a session exists is for `open_payment` to find out, by its key.
        return payment
    state = get_gateway(payment.method.gateway).fetch(payment_ref(payment), now=now)
    return record_state(payment_id, state, now=now)


def payment_ref(payment: Payment) -> PaymentRef:
    """Say which payment we mean in the gateway's words."""
    return PaymentRef(
        operation_key=str(payment.operation_key),
        session=payment.gateway_session,
        payment=payment.gateway_payment,
        amount=payment.amount.amount,
        currency=payment.amount.currency.code,
        status=S(payment.status),
        expires_at=payment.expires_at,
    )


@transaction.atomic(durable=True)
def record_opened(payment_id: int, opened: Opened, *, now: datetime) -> Payment:
    """Keep the session that was opened and where the payment stands with it."""
    order, payment = lock_payment(payment_id)
    payment.gateway_session = opened.session or payment.gateway_session
    payment.redirect_url = opened.redirect_url or payment.redirect_url
    return _record(order, payment, opened.state, now=now)


@transaction.atomic(durable=True)
def record_state(payment_id: int, state: GatewayState, *, now: datetime) -> Payment:
    """Move a payment forward to what its gateway said of it."""
    order, payment = lock_payment(payment_id)
    return _record(order, payment, state, now=now)


def _record(order: Order, payment: Payment, state: GatewayState, *, now: datetime) -> Payment:
    amount = payment.amount.amount
    if state.status == S.CAPTURED and state.captured != amount:
        raise AmountMismatch(expected=amount, found=state.captured, currency=order.currency)
    before = S(payment.status)
    payment.gateway_payment = state.gateway_payment or payment.gateway_payment
    if state.status == S.PROCESSING and before != S.PROCESSING:
        # The page's end means nothing any more: a voucher has its own, a bank takes its time.
        payment.expires_at = state.expires_at
    payment.expires_at = state.expires_at or payment.expires_at
    payment.failure = state.failure[:200] or payment.failure
    if before != S.CAPTURED and _is_unwanted(order, payment):
        _turn_away(order, payment, state, now=now)
    else:
        payment.status = next_status(before, state.status)
        if payment.status == S.CAPTURED:
            payment.captured = amount
    if payment.status in CHARGES:
        payment.failure = ""
    payment.save()
    if payment.status != before:
        _tell(order, payment, state, before=before, now=now)
    update_order(order)
    return payment


def _is_unwanted(order: Order, payment: Payment) -> bool:
    if payment.void_requested_at is not None or order.status == Order.Status.CANCELLED:
        return True
    others = Payment.objects.filter(order=order, status__in=CHARGES).exclude(pk=payment.pk)
    return others.exists()


def _turn_away(order: Order, payment: Payment, state: GatewayState, *, now: datetime) -> None:
    """Take no more money, or mark what was taken to be given back. One charge per order."""
    if state.status == S.CAPTURED:
        if payment.captured == 0:
            _give_back(order, payment, now=now)
        payment.status = S.VOIDED
    elif state.status in (S.FAILED, S.VOIDED):
        fetched = S.VOIDED if payment.void_requested_at else state.status
        payment.status = next_status(S(payment.status), fetched)
    elif payment.status not in (S.FAILED, S.VOIDED):
        if state.status != S.AUTHORISED:
            payment.status = next_status(S(payment.status), state.status)
        if payment.void_requested_at is None:
            payment.void_requested_at = now
            send_later("payments.tasks.finish_void", payment.pk)


def _give_back(order: Order, payment: Payment, *, now: datetime) -> None:
    payment.captured = payment.refunded = payment.amount.amount
    refund = Refund.objects.create(
        payment=payment,
        amount=payment.amount,
        operation_key=f"unwanted:{payment.operation_key}",
        reason="unwanted",
    )
    record_refund_event(order, refund, "refund_created", now=now)
    send_later("payments.tasks.issue_refund", refund.pk)


_EVENTS = {
    S.PROCESSING: "payment_pending",
    S.AUTHORISED: "payment_authorised",
    S.CAPTURED: "payment_captured",
    S.FAILED: "payment_failed",
    S.VOIDED: "payment_voided",
}


def _tell(
    order: Order, payment: Payment, state: GatewayState, *, before: Payment.Status, now: datetime
) -> None:
    status = S(payment.status)
    kind = _EVENTS.get(status)
    if status == S.VOIDED and before == S.AUTHORISED and payment.void_requested_at is None:
        # Nobody let go of it: the issuer's hold has run out.
        kind = "payment_failed"
        state = replace(state, failure="authorisation_ended")
    if kind is None or (kind == "payment_pending" and payment.void_requested_at is not None):
        return
    data: dict[str, Any] = {}
    if kind == "payment_pending":
        data["instructions"] = dict(state.instructions)
        data["expires_at"] = payment.expires_at
    if kind in ("payment_failed", "payment_voided"):
        data["reason"] = state.failure or payment.failure
    record_payment_event(order, payment, kind, now=now, **data)


def record_payment_event(
    order: Order, payment: Payment, kind: str, *, now: datetime, **data: Any
) -> None:
    """Record what happened to a payment on its order's timeline."""
    record_event(
        order,
        kind,
        now=now,
        payment=payment.pk,
        method=payment.method.code,
        amount=str(payment.amount.amount),
        currency=payment.amount.currency.code,
        **data,
    )


def record_refund_event(order: Order, refund: Refund, kind: str, *, now: datetime) -> None:
    """Record what happened to a refund on its order's timeline."""
    record_event(
        order,
        kind,
        now=now,
        refund=refund.pk,
        payment=refund.payment_id,
        amount=str(refund.amount.amount),
        currency=refund.amount.currency.code,
        operation_key=refund.operation_key,
        reason=refund.failure if kind == "refund_failed" else refund.reason,
    )


def update_order(order: Order) -> None:
    """Let the order say what its payments say; the caller holds its lock."""
    status = order_payment_status(Payment.objects.filter(order=order).order_by("id"))
    if order.payment_status != status:
        set_payment_status(order, status)
