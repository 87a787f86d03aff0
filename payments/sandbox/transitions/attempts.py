"""One try to pay an intent: begin, ask for an action, then succeed, process or fail."""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.errors import ApiError
from payments.sandbox.ids import random_digits
from payments.sandbox.methods import METHODS
from payments.sandbox.objects.charges import insert_charge, mark_failed
from payments.sandbox.objects.events import record_event
from payments.sandbox.objects.payment_intents import captures_manually
from payments.sandbox.objects.payment_methods import Instrument, as_json, new_payment_method_id
from payments.sandbox.store import Record
from payments.sandbox.transitions.sessions import follow_intent

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")

DECLINE_MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "fraudulent": "Your card was declined.",
    "generic_decline": "Your card was declined.",
}


def unexpected_state(intent: Record, *, verb: str) -> ApiError:
    """Make the refusal of `verb` in the intent's present state; it carries the intent."""
    return ApiError(
        f"This PaymentIntent could not be {verb} because it has a status of "
        f"{intent.data['status']}.",
        code="payment_intent_unexpected_state",
        is_stored=True,
        details={"payment_intent": intent.data},
    )


def begin_attempt(account: Account, intent: Record, *, instrument: Instrument) -> None:
    """Attach what the customer pays with; whatever was asked of them before is off."""
    if intent.data["status"] not in _OPEN:
        raise unexpected_state(intent, verb="confirmed")
    intent.private["instrument"] = as_json(instrument)
    for name in ("voucher_number", "voucher_expires_at", "voucher_type"):
        intent.private.pop(name, None)
    intent.data.update(
        status="requires_confirmation",
        payment_method=new_payment_method_id(),
        next_action=None,
        last_payment_error=None,
    )
    account.store.save(intent)


def instrument_of(intent: Record) -> Instrument:
    """Return what the customer pays with."""
    return Instrument(**intent.private["instrument"])


def require_action(account: Account, intent: Record, *, next_action: dict[str, Any]) -> None:
    """Wait for the customer to authenticate, scan or pay a voucher."""
    intent.data.update(status="requires_action", next_action=next_action)
    account.store.save(intent)
    record_event(account, type="payment_intent.requires_action", about=intent)


def succeed(
    account: Account, intent: Record, *, three_d_secure: dict[str, Any] | None = None
) -> None:
    """Charge the intent: captured, or only authorised where capture is manual."""
    if intent.data["status"] not in (*_OPEN, "processing"):
        raise unexpected_state(intent, verb="confirmed")
    instrument = instrument_of(intent)
    is_manual = captures_manually(intent, type=instrument.type)
    if is_manual:
        hold = METHODS[instrument.type].hold_days * 86_400
        intent.private.update(capture_before=account.now() + hold, was_authorised=True)
    if intent.data["status"] == "processing":
        charge = account.get("charge", id=intent.data["latest_charge"])
        charge.data.update(
            status="succeeded", paid=True, captured=True, amount_captured=charge.data["amount"]
        )
        account.store.save(charge)
    else:
        charge = insert_charge(
            account,
            intent,
            instrument=instrument,
            status="succeeded",
            is_captured=not is_manual,
            three_d_secure=three_d_secure,
        )
    amount = intent.data["amount"]
    intent.data.update(
        status="requires_capture" if is_manual else "succeeded",
        amount_capturable=amount if is_manual else 0,
        amount_received=0 if is_manual else amount,
        next_action=None,
        processing=None,
        last_payment_error=None,
    )
    account.store.save(intent)
    record_event(account, type="charge.succeeded", about=charge)
    kind = "amount_capturable_updated" if is_manual else "succeeded"
    record_event(account, type=f"payment_intent.{kind}", about=intent)
    follow_intent(account, intent)


def start_processing(account: Account, intent: Record) -> None:
    """Hand a direct debit to the bank; its answer comes in days."""
    charge = insert_charge(
        account, intent, instrument=instrument_of(intent), status="pending", is_captured=True
    )
    intent.data.update(status="processing", next_action=None)
    account.store.save(intent)
    record_event(account, type="charge.pending", about=charge)
    record_event(account, type="payment_intent.processing", about=intent)
    follow_intent(account, intent)


def decline(account: Account, intent: Record) -> None:
    """Let the issuer say no to the attempt."""
    reason = instrument_of(intent).decline_code or "generic_decline"
    fail(
        account, intent, code="card_declined", decline_code=reason, message=DECLINE_MESSAGES[reason]
    )


def fail(
    account: Account,
    intent: Record,
    *,
    code: str,
    message: str,
    decline_code: str | None = None,
    is_charged: bool = True,
) -> None:
    """End the attempt without money; the intent may be tried again.

    `is_charged` says whether the attempt came as far as a charge, which then failed.
    """
    if intent.data["status"] not in (*_OPEN, "processing"):
        raise unexpected_state(intent, verb="failed")
    charge = None
    if intent.data["status"] == "processing":
        charge = account.get("charge", id=intent.data["latest_charge"])
    elif is_charged:
        charge = insert_charge(
            account, intent, instrument=instrument_of(intent), status="failed", is_captured=False
        )
    if charge is not None:
        mark_failed(account, charge, code=code, message=message, decline_code=decline_code)
    error = {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}",
        "message": message,
        "type": "card_error" if decline_code else "invalid_request_error",
    }
    if charge is not None:
        error["charge"] = charge.id
    if decline_code:
        error["decline_code"] = decline_code
    intent.data.update(
        status="requires_payment_method",
        last_payment_error=error,
        next_action=None,
        payment_method=None,
        processing=None,
    )
    account.store.save(intent)
    if charge is not None:
        record_event(account, type="charge.failed", about=charge)
    record_event(account, type="payment_intent.payment_failed", about=intent)
    follow_intent(account, intent)


def authenticated(*, is_challenge: bool = True) -> dict[str, Any]:
    """Build what a charge keeps of a passed 3-D Secure."""
    return {
        "authentication_flow": "challenge" if is_challenge else "frictionless",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": random_digits(20),
        "version": "2.2.0",
    }
