"""Giving captured money back: reserved first, then called for, once per operation key."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from djmoney.money import Money

from markets.money import InexactAmount
from payments.errors import (
    GatewayRefused,
    GatewayUnavailable,
    NotRefundable,
    OperationKeyReused,
    RefundTooLarge,
)
from payments.following import payment_ref, record_refund_event, update_order
from payments.gateways import get_gateway
from payments.gateways.base import Gateway, RefundRequest, RefundState
from payments.locking import lock_payment
from payments.models import Payment, PaymentMethod, Refund
from payments.statuses import next_refund_status

logger = logging.getLogger(__name__)
# The gateway remembers a key for a day; after that it is asked for the refund itself.
KEYS_LIVE = timedelta(hours=20)
R = Refund.Status


def refund_payment(
    payment_id: int, amount: Money, *, operation_key: str, reason: str, now: datetime
) -> Refund:
    """Give back a part of what was captured, or all; the same key is the same refund.

    One that failed is tried again, as the same refund.

    The amount counts against the payment from before the call, under the order's and the
    payment's lock; a refund that fails gives it free again. The refund comes back as succeeded,
    pending, failed, or created while the gateway is silent (the sweep goes on). Where the gateway
    cannot refund, it stays pending until staff have paid it out. Raises RefundTooLarge,
    NotRefundable and OperationKeyReused, with nothing done.
    """
    with transaction.atomic(durable=True):
        refund = reserve_refund(
            payment_id, amount, operation_key=operation_key, reason=reason, now=now
        )
    if refund.status != R.CREATED:
        return refund
    try:
        # A moment later, so that the timeline shows the wish before its fulfilment.
        return issue_refund(refund.pk, now=now + timedelta(microseconds=1))
    except GatewayUnavailable:
        logger.warning("Refund %s is called for again later: the gateway is away", refund.pk)
        return Refund.objects.get(pk=refund.pk)


def reserve_refund(
    payment_id: int, amount: Money, *, operation_key: str, reason: str, now: datetime
) -> Refund:
    """Count a refund against its payment, in the caller's transaction.

    `refund_payment` with the same words then calls for it, or the sweep should nobody else. Locks
    the order, then the payment; raises what `refund_payment` does.
    """
    order, payment = lock_payment(payment_id)
    known = Refund.objects.filter(operation_key=operation_key).first()
    if known is not None:
        if known.payment_id != payment_id or known.amount != amount:
            raise OperationKeyReused(f"{operation_key} refunded {known.amount} before.")
        if known.status != R.FAILED:
            return known
    if payment.status != Payment.Status.CAPTURED and payment.captured == 0:
        raise NotRefundable(f"Payment {payment_id} is {payment.status}.")
    if amount.currency != payment.amount.currency or amount.amount <= 0:
        raise NotRefundable(f"{amount} cannot be given back of {payment.amount}.")
    if payment.refunded + amount.amount > payment.captured:
        raise RefundTooLarge(f"{amount} of {payment.captured - payment.refunded} left.")
    payment.refunded += amount.amount
    payment.save(update_fields=["refunded", "changed_at"])
    refund = known or Refund(
        payment=payment, amount=_any(amount), operation_key=operation_key, reason=reason[:120]
    )
    if known is not None:
        refund.status, refund.gateway_refund, refund.failure = R.CREATED, "", ""
        refund.attempt += 1
    refund.save()
    record_refund_event(order, refund, "refund_created", now=now)
    update_order(order)
    return refund


def retry_refund(refund_id: int, *, now: datetime) -> Refund:
    """Try a refund that failed once more, as the same refund.

    Raises NotRefundable if it has not failed, and RefundTooLarge if its amount has gone back in
    another way since.
    """
    refund = Refund.objects.get(pk=refund_id)
    if refund.status != R.FAILED:
        raise NotRefundable(f"Refund {refund_id} is {refund.status}.")
    return refund_payment(
        refund.payment_id,
        refund.amount,
        operation_key=refund.operation_key,
        reason=refund.reason,
        now=now,
    )


def issue_refund(refund_id: int, *, now: datetime) -> Refund:
    """Call for a refund whose amount is reserved; again is safe. Raises GatewayUnavailable."""
    refund = Refund.objects.select_related("payment__method", "payment__order").get(pk=refund_id)
    if refund.status != R.CREATED:
        return refund
    request = _request(refund)
    gateway = refund_gateway(refund.payment)
    try:
        state = None
        if now - refund.created_at > KEYS_LIVE:
            state = gateway.find_refund(request)
        if state is None:
            state = gateway.refund(request)
    except (GatewayRefused, InexactAmount) as error:
        state = RefundState(R.FAILED, failure=str(error))
    return record_refund(refund_id, state, now=now)


def refresh_refund(refund_id: int, *, now: datetime) -> Refund:
    """Fetch a refund at its gateway and move our state forward. Raises GatewayUnavailable."""
    refund = Refund.objects.select_related("payment__method").get(pk=refund_id)
    if not refund.gateway_refund:
        return issue_refund(refund_id, now=now)
    state = refund_gateway(refund.payment).fetch_refund(refund.gateway_refund)
    return record_refund(refund_id, state, now=now)


def confirm_paid_back(refund_id: int, *, now: datetime) -> Refund:
    """Record that staff have paid out a refund that its gateway could not make.

    Raises NotRefundable for a refund that is the gateway's to make or is not waiting.
    """
    refund = Refund.objects.select_related("payment__method").get(pk=refund_id)
    if refund.status != R.PENDING or refund.gateway_refund:
        raise NotRefundable(f"Refund {refund_id} does not wait for staff.")
    return record_refund(refund_id, RefundState(R.SUCCEEDED), now=now)


@transaction.atomic(durable=True)
def record_refund(refund_id: int, state: RefundState, *, now: datetime) -> Refund:
    """Move a refund forward; one that fails gives its amount free again, and only once."""
    payment_id = Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id)
    order, payment = lock_payment(payment_id)
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    before = R(refund.status)
    refund.status = next_refund_status(before, state.status)
    refund.gateway_refund = state.gateway_refund or refund.gateway_refund
    refund.failure = state.failure[:200] or refund.failure
    refund.save()
    if refund.status == before:
        return refund
    if refund.status == R.FAILED:
        payment.refunded -= refund.amount.amount
        payment.save(update_fields=["refunded", "changed_at"])
    if refund.status in (R.SUCCEEDED, R.FAILED):
        record_refund_event(order, refund, f"refund_{refund.status}", now=now)
    update_order(order)
    return refund


@transaction.atomic(durable=True)
def adopt_refund(payment_id: int, state: RefundState, *, now: datetime) -> Refund:
    """Book a refund that was made at the gateway and not by us, as in its own dashboard.

    Raises RefundTooLarge if our books leave no room for it: a person must look at that.
    """
    order, payment = lock_payment(payment_id)
    known = Refund.objects.filter(gateway_refund=state.gateway_refund).first()
    if known is not None:
        return known
    if payment.refunded + state.amount > payment.captured:
        raise RefundTooLarge(f"{state.gateway_refund} is over {state.amount}.")
    payment.refunded += state.amount
    payment.save(update_fields=["refunded", "changed_at"])
    refund = Refund.objects.create(
        payment=payment,
        amount=_any(Money(state.amount, payment.amount.currency)),
        operation_key=f"gateway:{state.gateway_refund}",
        gateway_refund=state.gateway_refund,
        reason="made at the gateway",
    )
    record_refund_event(order, refund, "refund_created", now=now)
    update_order(order)
    return refund


def refund_gateway(payment: Payment) -> Gateway:
    """Give who refunds a payment: its gateway, or staff where the method cannot be refunded."""
    method = payment.method
    # Whoever watches the shop's bank account pays out what a gateway cannot.
    return get_gateway(method.gateway if method.refundable else PaymentMethod.Gateway.BANK_TRANSFER)


def _any(amount: Money) -> Any:
    """Hide an amount from the checker, to whom djmoney's columns have no type."""
    return amount


def _request(refund: Refund) -> RefundRequest:
    payment = refund.payment
    return RefundRequest(
        operation_key=refund.operation_key,
        attempt=refund.attempt,
        payment=payment_ref(payment),
        method=payment.method,
        amount=refund.amount.amount,
        email=payment.order.email,
    )
