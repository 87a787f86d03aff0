"""Stripe through its official SDK: a hosted page, then the state of its PaymentIntent."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import stripe

from markets.money import from_gateway, to_gateway
from payments.errors import GatewayRefused
from payments.gateways.base import (
    GatewayState,
    Opened,
    PaymentRef,
    RefundRequest,
    RefundState,
    SessionRequest,
)
from payments.gateways.stripe_client import get_client, our_errors
from payments.gateways.stripe_session import session_params
from payments.models import Payment, Refund

# Where the shopper's bank has to be asked for, the gateway does it by e-mail.
ASKS_BANK_DETAILS = frozenset({"konbini"})
_REFUND_STATUS = {
    "succeeded": Refund.Status.SUCCEEDED,
    "failed": Refund.Status.FAILED,
    "canceled": Refund.Status.FAILED,
}


class StripeGateway:
    """Idempotency keys are made of the payment's operation key: `<key>:session`, `<key>:capture`.

    Letting go needs none: both of its calls change nothing the second time.
    """

    def open(self, request: SessionRequest, *, now: datetime) -> Opened:
        params = cast(Any, session_params(request))
        with our_errors():
            session = get_client().v1.checkout.sessions.create(
                params, {"idempotency_key": f"{request.operation_key}:session"}
            )
        return Opened(session.id, session.url or "", read_session(session))

    def fetch(self, payment: PaymentRef, *, now: datetime) -> GatewayState:
        if not payment.session:
            # It was refused or given up before a session was made: there is nothing to look at.
            return GatewayState(payment.status)
        return read_session(_retrieve(payment.session))

    def capture(self, payment: PaymentRef) -> GatewayState:
        with our_errors():
            get_client().v1.payment_intents.capture(
                payment.payment,
                {"amount_to_capture": to_gateway(payment.amount, payment.currency)},
                {"idempotency_key": f"{payment.operation_key}:capture"},
            )
        return read_session(_retrieve(payment.session))

    def void(self, payment: PaymentRef, *, now: datetime) -> GatewayState:
        """Expire the session, cancel the intent; what was captured meanwhile is for a refund."""
        session = _retrieve(payment.session)
        if session.status == "open":
            session = self._expire(payment)
        intent = _intent(session)
        if intent is not None and intent.status in _CANCELLABLE:
            session = self._cancel(payment, intent.id)
        state = read_session(session)
        is_over = state.status == Payment.Status.FAILED
        return GatewayState(Payment.Status.VOIDED) if is_over else state

    def _expire(self, payment: PaymentRef) -> stripe.checkout.Session:
        try:
            with our_errors():
                get_client().v1.checkout.sessions.expire(payment.session)
        except GatewayRefused:
            # The shopper was faster: the session says how it ended.
            pass
        return _retrieve(payment.session)

    def _cancel(self, payment: PaymentRef, intent_id: str) -> stripe.checkout.Session:
        try:
            with our_errors():
                get_client().v1.payment_intents.cancel(intent_id)
        except GatewayRefused:
            # It was captured or cancelled between the two calls.
            pass
        return _retrieve(payment.session)

    def refund(self, request: RefundRequest) -> RefundState:
        params: dict[str, Any] = {
            "payment_intent": request.payment.payment,
            "amount": to_gateway(request.amount, request.payment.currency),
            "metadata": {
                "refund": request.operation_key,
                "attempt": str(request.attempt),
                "payment": request.payment.operation_key,
            },
        }
        if request.method.gateway_type in ASKS_BANK_DETAILS:
            params["instructions_email"] = request.email
        key = f"{request.payment.operation_key}:refund:{request.operation_key}:{request.attempt}"
        with our_errors():
            refund = get_client().v1.refunds.create(cast(Any, params), {"idempotency_key": key})
        return read_refund(refund)

    def fetch_refund(self, gateway_refund: str) -> RefundState:
        with our_errors():
            return read_refund(get_client().v1.refunds.retrieve(gateway_refund))

    def find_refund(self, request: RefundRequest) -> RefundState | None:
        with our_errors():
            refunds = get_client().v1.refunds.list(
                {"payment_intent": request.payment.payment, "limit": 100}
            )
            for refund in refunds.auto_paging_iter():
                state = read_refund(refund)
                if (state.operation_key, state.attempt) == (
                    request.operation_key,
                    request.attempt,
                ):
                    return state
        return None


_CANCELLABLE = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"}
)


def _retrieve(session_id: str) -> stripe.checkout.Session:
    with our_errors():
        return get_client().v1.checkout.sessions.retrieve(
            session_id, {"expand": ["payment_intent"]}
        )


def _intent(session: stripe.checkout.Session) -> stripe.PaymentIntent | None:
    intent = session.payment_intent
    return intent if isinstance(intent, stripe.PaymentIntent) else None


def read_session(session: stripe.checkout.Session) -> GatewayState:
    """Read where a payment stands from a session with its intent inside.

    A decline does not end a payment while its page is open, for there the shopper may try again.
    """
    intent = _intent(session)
    if intent is None:
        return _without_money(session, failure="")
    match intent.status:
        case "succeeded":
            taken = from_gateway(intent.amount_received, intent.currency.upper())
            return GatewayState(Payment.Status.CAPTURED, captured=taken, gateway_payment=intent.id)
        case "requires_capture":
            return GatewayState(Payment.Status.AUTHORISED, gateway_payment=intent.id)
        case "processing":
            return GatewayState(Payment.Status.PROCESSING, gateway_payment=intent.id)
        case "canceled":
            if session.status == "expired":
                return _without_money(session, failure="", gateway_payment=intent.id)
            return GatewayState(
                Payment.Status.VOIDED,
                failure=intent.cancellation_reason or "",
                gateway_payment=intent.id,
            )
        case "requires_action" if session.status == "complete":
            return _voucher(intent)
        case _:
            return _without_money(session, failure=_failure(intent), gateway_payment=intent.id)


def _without_money(
    session: stripe.checkout.Session, *, failure: str, gateway_payment: str = ""
) -> GatewayState:
    if session.status == "expired":
        return GatewayState(
            Payment.Status.FAILED, failure=failure or "expired", gateway_payment=gateway_payment
        )
    is_over = session.status == "complete" and bool(gateway_payment)
    return GatewayState(
        Payment.Status.FAILED if is_over else Payment.Status.REQUIRES_ACTION,
        failure=failure,
        gateway_payment=gateway_payment,
        expires_at=None if is_over else _moment(session.expires_at),
    )


def _failure(intent: stripe.PaymentIntent) -> str:
    if intent.last_payment_error is None:
        return ""
    # The SDK knows these as attributes only where the answer had them.
    error = intent.last_payment_error.to_dict()
    return error.get("decline_code") or error.get("code") or ""


def _voucher(intent: stripe.PaymentIntent) -> GatewayState:
    """Read what the shopper was given to pay with: a slip for a shop, a code for a bank's app."""
    action = intent.next_action
    details: dict[str, Any] = {}
    if action is not None:
        details = action.to_dict().get(action.type) or {}
    expires_at = _moment(details.get("expires_at") or details.get("expires_after"))
    url = details.get("hosted_voucher_url") or details.get("hosted_instructions_url") or ""
    instructions = {"kind": "voucher", "url": url}
    if details.get("number"):
        instructions["number"] = str(details["number"])
    if expires_at is not None:
        instructions["expires_at"] = expires_at.isoformat()
    return GatewayState(
        Payment.Status.PROCESSING,
        gateway_payment=intent.id,
        expires_at=expires_at,
        instructions=instructions,
    )


def read_refund(refund: stripe.Refund) -> RefundState:
    """Read where a refund stands; statuses that are new to us count as pending."""
    metadata = refund.to_dict().get("metadata") or {}
    intent = refund.payment_intent
    amount: Decimal = from_gateway(refund.amount, refund.currency.upper())
    return RefundState(
        _REFUND_STATUS.get(refund.status or "", Refund.Status.PENDING),
        gateway_refund=refund.id,
        gateway_payment=intent if isinstance(intent, str) else intent.id if intent else "",
        amount=amount,
        operation_key=metadata.get("refund", ""),
        attempt=int(metadata.get("attempt", 1)),
        failure=refund.to_dict().get("failure_reason") or "",
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
