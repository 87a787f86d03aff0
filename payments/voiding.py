"""Letting go of payments that are not wanted, and giving back what an order paid."""

import logging
from datetime import datetime

from django.db import transaction
from djmoney.money import Money

from orders.transitions import lock_order
from payments.errors import AlreadyCaptured, GatewayRefused, GatewayUnavailable
from payments.following import payment_ref, record_opened, record_state
from payments.gateways import get_gateway
from payments.gateways.base import GatewayState
from payments.models import Payment
from payments.refunding import refund_payment
from payments.starting import session_request
from payments.statuses import LETS_GO

logger = logging.getLogger(__name__)
S = Payment.Status


def void_payment(order_id: int, *, now: datetime, reason: str) -> list[Payment]:
    """Let go of every payment of an order that has taken no money yet.

    The wish is kept before the calls: whatever a silent gateway leaves undone is for the sweep,
    and money that comes in spite of it goes back by itself. Raises AlreadyCaptured, with nothing
    done, if money was taken or is being taken.
    """
    wanted = _request(order_id, now=now, reason=reason)
    _finish(wanted, now=now)
    return list(Payment.objects.filter(order_id=order_id).order_by("id"))


def return_money(order_id: int, *, now: datetime, reason: str) -> None:
    """Leave an order with no money taken: let go of what is open, refund what was captured.

    Raises AlreadyCaptured while a capture is on its way: try again when it has arrived.
    """
    _finish(_request(order_id, now=now, reason=reason, leave_captured=True), now=now)
    for payment in Payment.objects.filter(order_id=order_id, status=S.CAPTURED):
        left = payment.captured - payment.refunded
        if left > 0:
            refund_payment(
                payment.pk,
                Money(left, payment.amount.currency),
                operation_key=f"return-money:{payment.operation_key}",
                reason=reason,
                now=now,
            )


def _finish(payment_ids: list[int], *, now: datetime) -> None:
    for payment_id in payment_ids:
        try:
            finish_void(payment_id, now=now)
        except GatewayUnavailable:
            logger.warning("Payment %s is let go of later: the gateway is away", payment_id)


def finish_void(payment_id: int, *, now: datetime) -> Payment:
    """Make the calls of a void that was requested; again is safe. Raises GatewayUnavailable."""
    payment = Payment.objects.select_related("method", "order__market").get(pk=payment_id)
    if payment.void_requested_at is None or payment.status in (S.VOIDED, S.FAILED, S.CAPTURED):
        return payment
    gateway = get_gateway(payment.method.gateway)
    if payment.status == S.CREATED:
        if not payment.success_url:
            return record_state(payment_id, GatewayState(S.VOIDED), now=now)
        # Whether the answer of a call was lost, only the same call can tell.
        try:
            opened = gateway.open(session_request(payment), now=now)
        except GatewayRefused:
            return record_state(payment_id, GatewayState(S.VOIDED), now=now)
        payment = record_opened(payment_id, opened, now=now)
    state = gateway.void(payment_ref(payment), now=now)
    return record_state(payment_id, state, now=now)


@transaction.atomic(durable=True)
def _request(
    order_id: int, *, now: datetime, reason: str, leave_captured: bool = False
) -> list[int]:
    order = lock_order(order_id)
    payments = list(Payment.objects.select_for_update().filter(order=order).order_by("id"))
    for payment in payments:
        is_capturing = payment.status == S.AUTHORISED and payment.capture_requested_at is not None
        # Of nothing, nothing is taken.
        is_taken = payment.status == S.CAPTURED and payment.captured > 0
        if is_capturing or (is_taken and not leave_captured):
            raise AlreadyCaptured(f"Payment {payment.pk} of order {order.number} took money.")
    wanted = [payment for payment in payments if payment.status in LETS_GO]
    for payment in wanted:
        if payment.void_requested_at is None:
            payment.void_requested_at = now
            payment.failure = reason[:200]
            payment.save(update_fields=["void_requested_at", "failure", "changed_at"])
    return [payment.pk for payment in wanted]
