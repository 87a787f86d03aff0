"""Taking what was authorised."""

from datetime import datetime

from django.db import transaction
from djmoney.money import Money

from orders.models import Order
from orders.transitions import lock_order
from payments.errors import AmountMismatch, GatewayRefused, NothingToCapture, NothingToConfirm
from payments.following import payment_ref, record_state, refresh_payment
from payments.gateways import get_gateway
from payments.gateways.base import GatewayState
from payments.locking import lock_charge
from payments.models import Payment, PaymentMethod

S = Payment.Status
Gateway = PaymentMethod.Gateway


def capture_payment(order_id: int, *, now: datetime) -> Payment:
    """Take an order's authorised money; done already, or for the door, is nothing to do.

    The wish is kept before the call: a lost answer is asked for again by the sweep. Raises
    NothingToCapture (no authorised payment, or it ended at the gateway) and GatewayUnavailable.
    """
    payment = _request(order_id, now=now)
    if payment.status == S.CAPTURED or payment.method.gateway == Gateway.CASH_ON_DELIVERY:
        return payment
    return call_capture(payment, now=now)


def call_capture(payment: Payment, *, now: datetime) -> Payment:
    """Make, or make again, the call of a capture that was requested."""
    try:
        state = get_gateway(payment.method.gateway).capture(payment_ref(payment))
    except GatewayRefused as error:
        # It was captured before, or the hold has ended: the gateway says which.
        payment = refresh_payment(payment.pk, now=now)
        if payment.status != S.CAPTURED:
            raise NothingToCapture(f"Payment {payment.pk} is {payment.status}: {error}") from error
        return payment
    return record_state(payment.pk, state, now=now)


@transaction.atomic(durable=True)
def _request(order_id: int, *, now: datetime) -> Payment:
    order, payment = lock_charge(order_id)
    if payment is None or order.status == Order.Status.CANCELLED:
        raise NothingToCapture(f"Order {order.number} has no payment to capture.")
    if payment.status == S.CAPTURED or payment.method.gateway == Gateway.CASH_ON_DELIVERY:
        return payment
    if payment.void_requested_at is not None:
        raise NothingToCapture(f"Payment {payment.pk} is being let go.")
    if payment.capture_requested_at is None:
        payment.capture_requested_at = now
        payment.save(update_fields=["capture_requested_at", "changed_at"])
    return payment


def record_cash_collected(order_id: int, *, now: datetime) -> Payment:
    """Record that the carrier has the cash of an order; a second time is nothing to do.

    Raises NothingToCapture if the order is not paid at the door.
    """
    payment = (
        Payment.objects.filter(
            order_id=order_id,
            status__in=[S.AUTHORISED, S.CAPTURED],
            method__gateway=Gateway.CASH_ON_DELIVERY,
        )
        .select_related("method")
        .first()
    )
    if payment is None:
        raise NothingToCapture(f"Order {order_id} is not paid at the door.")
    if payment.status == S.CAPTURED:
        return payment
    return record_state(
        payment.pk, GatewayState(S.CAPTURED, captured=payment.amount.amount), now=now
    )


def confirm_bank_transfer(order_id: int, *, amount: Money, now: datetime) -> Payment:
    """Record that the transfer of an order has come; a second time is nothing to do.

    A transfer that comes after the payment was given up counts, unless the order is cancelled or
    paid otherwise: then it is marked to be paid back. Raises NothingToConfirm, and AmountMismatch
    for any amount but the order's.
    """
    payment = _find_transfer(order_id)
    due = payment.amount
    if amount != due:
        raise AmountMismatch(expected=due.amount, found=amount.amount, currency=due.currency.code)
    if payment.status == S.CAPTURED:
        return payment
    return record_state(payment.pk, GatewayState(S.CAPTURED, captured=due.amount), now=now)


@transaction.atomic(durable=True)
def _find_transfer(order_id: int) -> Payment:
    order = lock_order(order_id)
    transfers = Payment.objects.filter(
        order=order, method__gateway=Gateway.BANK_TRANSFER
    ).select_related("method")
    payment = (
        transfers.filter(captured__gt=0).first()
        or transfers.exclude(status=S.CREATED).order_by("-id").first()
    )
    if payment is None:
        raise NothingToConfirm(f"Order {order.number} waits for no transfer.")
    return payment
