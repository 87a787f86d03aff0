"""Beginning a payment: a row first, the gateway's session after commit."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from markets.money import InexactAmount
from orders.models import Order
from orders.transitions import lock_order
from payments.errors import AlreadyPaid, GatewayRefused, OrderNotPayable
from payments.following import (
    record_opened,
    record_payment_event,
    record_state,
    update_order,
)
from payments.gateways import get_gateway
from payments.gateways.base import GatewayState, SessionLine, SessionRequest, ShippingTo
from payments.locking import lock_payment
from payments.methods import day_in, get_offer, keep_nothing_to_pay
from payments.models import MethodOffer, Payment, PaymentMethod
from payments.sending import send_later
from payments.statuses import CHARGES, OPEN

# The gateway wants half an hour at least; the rest is for tries that come late. Units should be
# held a little longer than that.
SESSION_LIFETIME = timedelta(minutes=40)
PAYABLE = frozenset({Order.Status.PLACED, Order.Status.ON_HOLD})
S = Payment.Status


def create_payment(order: Order, method: PaymentMethod, *, now: datetime) -> Payment:
    """Write the row of a payment over an order's total, in the caller's transaction.

    Locks the order. Earlier payments that are still open are let go: a shopper who comes back
    and chooses another method must not pay twice. An order that costs nothing is paid with it, at
    once. Raises AlreadyPaid, OrderNotPayable and MethodNotOffered.
    """
    locked = lock_order(order.pk)
    if locked.status not in PAYABLE or locked.gross < 0:
        raise OrderNotPayable(f"Order {order.number} is {locked.status}, {locked.total}.")
    earlier = list(Payment.objects.select_for_update().filter(order=locked).order_by("id"))
    if any(payment.status in CHARGES for payment in earlier):
        raise AlreadyPaid(f"Order {order.number} has a charge.")
    today = day_in(locked.market, now=now)
    if locked.gross == 0:
        return _pay_nothing(locked, keep_nothing_to_pay(method, today=today), now=now)
    get_offer(
        method,
        locked.market,
        country=locked.billing_address.country,
        amount=locked.total,
        today=today,
    )
    for payment in earlier:
        if payment.status in OPEN and payment.void_requested_at is None:
            payment.void_requested_at = now
            payment.failure = "superseded"
            payment.save(update_fields=["void_requested_at", "failure", "changed_at"])
            send_later("payments.tasks.finish_void", payment.pk)
    total: Any = locked.total  # The column's own type is hidden from the checker.
    return Payment.objects.create(order=locked, method=method, amount=total)


def _pay_nothing(order: Order, method: PaymentMethod, *, now: datetime) -> Payment:
    total: Any = order.total
    payment = Payment.objects.create(order=order, method=method, amount=total, status=S.CAPTURED)
    # A moment later, so that the timeline shows the order before its payment.
    record_payment_event(order, payment, "payment_captured", now=now + timedelta(microseconds=1))
    update_order(order)
    return payment


def open_payment(
    payment_id: int, *, success_url: str, cancel_url: str, now: datetime
) -> str | None:
    """Open a payment at its gateway and say where to send the shopper; None is nowhere.

    For after the commit of `create_payment`; makes its call outside of any transaction. Again and
    again is the same session, with the addresses of the first time. Raises GatewayUnavailable
    (the sweep tries again) and GatewayRefused (the payment has failed, another may be made).
    """
    if not _begin(payment_id, success_url=success_url, cancel_url=cancel_url, now=now):
        payment = Payment.objects.get(pk=payment_id)
        waits = payment.status == S.REQUIRES_ACTION and payment.void_requested_at is None
        return payment.redirect_url or None if waits else None
    payment = reopen_payment(payment_id, now=now)
    return payment.redirect_url or None if payment.status == S.REQUIRES_ACTION else None


def reopen_payment(payment_id: int, *, now: datetime) -> Payment:
    """Call the gateway for a payment that was begun, whether or not it was called before."""
    payment = Payment.objects.select_related("method", "order__market").get(pk=payment_id)
    gateway = get_gateway(payment.method.gateway)
    try:
        opened = gateway.open(session_request(payment), now=now)
    except (GatewayRefused, InexactAmount) as error:
        record_state(payment_id, GatewayState(S.FAILED, failure=str(error)), now=now)
        raise GatewayRefused(str(error), code=getattr(error, "code", "")) from error
    return record_opened(payment_id, opened, now=now)


@transaction.atomic(durable=True)
def _begin(payment_id: int, *, success_url: str, cancel_url: str, now: datetime) -> bool:
    """Decide under the lock whether to call the gateway, and with what."""
    order, payment = lock_payment(payment_id)
    if payment.status != S.CREATED or payment.void_requested_at is not None:
        return False
    if order.status not in PAYABLE:
        return False
    if not payment.success_url:
        payment.success_url, payment.cancel_url = success_url, cancel_url
        payment.expires_at = now + SESSION_LIFETIME
        payment.save(update_fields=["success_url", "cancel_url", "expires_at", "changed_at"])
    return True


def session_request(payment: Payment) -> SessionRequest:
    """Write down what is asked of the gateway; the same for a payment whenever it is asked."""
    order = payment.order
    to = order.shipping_address
    expires_at = payment.expires_at
    assert expires_at is not None, "the payment was not begun"  # noqa: S101 - for the type
    return SessionRequest(
        operation_key=str(payment.operation_key),
        order_number=order.number,
        method=payment.method,
        lines=_lines(order),
        amount=payment.amount.amount,
        currency=order.currency,
        email=order.email,
        locale=order.locale,
        success_url=payment.success_url,
        cancel_url=payment.cancel_url,
        expires_at=expires_at,
        shipping=ShippingTo(
            name=to.name,
            country=to.country,
            street_address=to.street_address,
            city=to.city,
            country_area=to.country_area,
            postal_code=to.postal_code,
        ),
        payee=_payee(payment),
    )


def _lines(order: Order) -> list[SessionLine]:
    """List what is paid, in gross; one line with the order's number if the rows do not add up."""
    lines = [
        SessionLine(
            f"{line.title}, {line.options}" if line.options else line.title,
            line.quantity,
            line.gross,
        )
        for line in order.lines.order_by("id")
    ]
    lines += [
        SessionLine(charge.label, 1, charge.gross)
        for charge in order.charges.order_by("id")
        if charge.gross
    ]
    if sum(line.amount for line in lines) == order.gross:
        return lines
    with translation.override(order.language):
        name = gettext("Order %(number)s") % {"number": order.number}
    return [SessionLine(name, 1, order.gross)]


def _payee(payment: Payment) -> str:
    offer = MethodOffer.objects.filter(
        method=payment.method, market_id=payment.order.market_id
    ).first()
    return offer.payee if offer is not None else ""
