"""Take or let go what was authorised."""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.amounts import check_granularity
from payments.sandbox.errors import wrong_state
from payments.sandbox.objects.checkout_sessions import session_of
from payments.sandbox.objects.events import record_event
from payments.sandbox.store import Record
from payments.sandbox.transitions.attempts import unexpected_state
from payments.sandbox.transitions.sessions import follow_intent

_ENDED = ("succeeded", "canceled")


def capture_intent(
    account: Account, intent: Record, *, amount: int | None, params: dict[str, Any]
) -> None:
    """Capture `amount` minor units of an authorised intent, all by default; the rest is let go."""
    if intent.data["status"] != "requires_capture":
        raise unexpected_state(intent, verb="captured")
    capturable: int = intent.data["amount_capturable"]
    taken = capturable if amount is None else amount
    if taken > capturable:
        raise wrong_state(
            f"The remaining amount on this PaymentIntent that can be captured is {capturable}, "
            f"less than {taken}.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    check_granularity(taken, currency=intent.data["currency"], param="amount_to_capture")
    charge = account.get("charge", id=intent.data["latest_charge"])
    # As Stripe does: what was not captured counts as given back on the charge, without a Refund.
    charge.data.update(captured=True, amount_captured=taken, amount_refunded=capturable - taken)
    intent.data.update(
        {name: params[name] for name in _CHANGED_BY_CAPTURE if name in params},
        status="succeeded",
        amount_capturable=0,
        amount_received=taken,
    )
    account.store.save(charge)
    account.store.save(intent)
    record_event(account, type="charge.captured", about=charge)
    record_event(account, type="payment_intent.succeeded", about=intent)
    follow_intent(account, intent)


_CHANGED_BY_CAPTURE = ("metadata", "statement_descriptor", "statement_descriptor_suffix")


def cancel_intent(account: Account, intent: Record, *, reason: str | None) -> None:
    """Cancel on the merchant's wish; raises ApiError where nothing is left to cancel."""
    if intent.data["status"] in (*_ENDED, "processing"):
        raise unexpected_state(intent, verb="canceled")
    session = session_of(account, intent)
    if session is not None and session.data["status"] == "open":
        raise wrong_state(
            "You cannot cancel the PaymentIntent of an open Checkout Session. Expire the Checkout "
            "Session instead.",
            code="payment_intent_unexpected_state",
        )
    void_intent(account, intent, reason=reason)


def void_intent(
    account: Account, intent: Record, *, reason: str | None, is_expiry: bool = False
) -> None:
    """End an intent that has not ended; what it held is let go."""
    if intent.data["status"] in _ENDED:
        return
    held = None
    if intent.data["status"] == "requires_capture":
        held = account.get("charge", id=intent.data["latest_charge"])
        held.data.update(amount_refunded=held.data["amount"], refunded=True)
        account.store.save(held)
    intent.data.update(
        status="canceled",
        canceled_at=account.now(),
        cancellation_reason=reason,
        amount_capturable=0,
        next_action=None,
    )
    account.store.save(intent)
    if held is not None:
        kind = "charge.expired" if is_expiry else "charge.refunded"
        record_event(account, type=kind, about=held)
    record_event(account, type="payment_intent.canceled", about=intent)
