"""/v1/payment_intents"""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.amounts import check_charge_amount, check_currency
from payments.sandbox.api.common import (
    ADDRESS,
    EXPAND,
    METADATA,
    RETRIEVE,
    SHIPPING,
    answer,
    list_answer,
    listing,
)
from payments.sandbox.api.method_params import (
    CAPTURE_METHOD,
    TYPE,
    TYPES,
    choose_types,
    method_options,
)
from payments.sandbox.api.routes import Params, Route
from payments.sandbox.errors import ApiError, invalid, wrong_state
from payments.sandbox.fields import Boolean, Choice, Field, Integer, Nested, Text, Url
from payments.sandbox.methods import METHODS, Flow
from payments.sandbox.objects.checkout_sessions import session_of
from payments.sandbox.objects.payment_intents import insert_intent
from payments.sandbox.objects.payment_methods import Instrument, instrument_for
from payments.sandbox.store import Record
from payments.sandbox.transitions.actions import qr_action, redirect_action, voucher_action
from payments.sandbox.transitions.attempts import (
    begin_attempt,
    decline,
    require_action,
    start_processing,
    succeed,
)
from payments.sandbox.transitions.captures import cancel_intent, capture_intent

_METHOD_DATA = Nested(
    {
        "billing_details": Nested(
            {"address": ADDRESS, "email": Text(), "name": Text(), "phone": Text()}
        ),
        "metadata": METADATA,
        "type": TYPE,
    },
    required=("type",),
)
_PAYING: dict[str, Field] = {
    **EXPAND,
    "off_session": Boolean(),
    "payment_method": Text(),
    "payment_method_data": _METHOD_DATA,
    "return_url": Url(),
}
CREATE = Nested(
    {
        **_PAYING,
        "allowed_payment_method_types": TYPES,
        "amount": Integer(),
        "automatic_payment_methods": Nested(
            {"allow_redirects": Choice(("always", "never")), "enabled": Boolean()},
            required=("enabled",),
        ),
        "capture_method": CAPTURE_METHOD,
        "confirm": Boolean(),
        "currency": Text(),
        "description": Text(),
        "excluded_payment_method_types": TYPES,
        "metadata": METADATA,
        "payment_method_options": method_options(),
        "receipt_email": Text(),
        "setup_future_usage": Choice(("off_session", "on_session")),
        "shipping": SHIPPING,
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
    },
    required=("amount", "currency"),
)
CONFIRM = Nested(_PAYING)
CAPTURE = Nested(
    {
        **EXPAND,
        "amount_to_capture": Integer(minimum=1),
        "final_capture": Boolean(),
        "metadata": METADATA,
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
    }
)
CANCEL = Nested(
    {
        **EXPAND,
        "cancellation_reason": Choice(
            ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
        ),
    }
)
LIST = listing()


def create_intent(account: Account, id: str, params: Params) -> dict[str, Any]:
    currency = check_currency(params["currency"], param="currency")
    check_charge_amount(params["amount"], currency=currency, param="amount")
    types = choose_types(
        params,
        amount=params["amount"],
        currency=currency,
        capture=params.get("capture_method", "automatic"),
    )
    intent = insert_intent(
        account,
        amount=params["amount"],
        currency=currency,
        types=types,
        params=params,
        private={"email": params.get("receipt_email")},
    )
    if params.get("confirm"):
        _pay(account, intent, params=params)
    elif "payment_method" in params or "payment_method_data" in params:
        begin_attempt(account, intent, instrument=_instrument(intent, params=params))
    return answer(account, intent, params=params)


def confirm_intent(account: Account, id: str, params: Params) -> dict[str, Any]:
    intent = account.get("payment_intent", id=id)
    if session_of(account, intent) is not None:
        raise wrong_state(
            "You cannot confirm the PaymentIntent of a Checkout Session.",
            code="payment_intent_unexpected_state",
        )
    _pay(account, intent, params=params)
    return answer(account, intent, params=params)


def _pay(account: Account, intent: Record, *, params: Params) -> None:
    instrument = _instrument(intent, params=params)
    begin_attempt(account, intent, instrument=instrument)
    intent.private["return_url"] = params.get("return_url")
    flow = METHODS[instrument.type].flow
    if flow is Flow.DEBIT:
        start_processing(account, intent)
    elif flow is Flow.VOUCHER:
        action = voucher_action(account, intent, type=instrument.type)
        require_action(account, intent, next_action=action)
    elif flow is Flow.QR:
        require_action(account, intent, next_action=qr_action(account, intent))
    elif flow is Flow.REDIRECT or needs_three_d_secure(intent, instrument=instrument):
        action = redirect_action(account, intent, return_url=params.get("return_url"))
        require_action(account, intent, next_action=action)
    elif instrument.decline_code is not None:
        decline(account, intent)
        raise _declined(intent)
    else:
        succeed(account, intent)


def needs_three_d_secure(intent: Record, *, instrument: Instrument) -> bool:
    """Tell whether issuer or merchant wants the customer to authenticate."""
    wish = intent.data["payment_method_options"].get("card", {}).get("request_three_d_secure")
    return instrument.asks_three_d_secure or wish in ("any", "challenge")


def _instrument(intent: Record, *, params: Params) -> Instrument:
    if "payment_method_data" in params:
        instrument = Instrument(params["payment_method_data"]["type"])
    elif "payment_method" in params:
        instrument = instrument_for(params["payment_method"])
    elif intent.data["status"] == "requires_confirmation":
        return Instrument(**intent.private["instrument"])
    else:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            param="payment_method",
            code="payment_intent_incompatible_payment_method",
        )
    if instrument.type not in intent.data["payment_method_types"]:
        allowed = ", ".join(intent.data["payment_method_types"])
        raise invalid(
            f"The PaymentMethod provided ({instrument.type}) is not allowed for this "
            f"PaymentIntent. Allowed: {allowed}.",
            param="payment_method",
            code="payment_intent_incompatible_payment_method",
        )
    return instrument


def _declined(intent: Record) -> ApiError:
    error = intent.data["last_payment_error"]
    return ApiError(
        error["message"],
        status=402,
        kind="card_error",
        code=error["code"],
        param="",
        is_stored=True,
        keeps_effects=True,
        details={
            "charge": error["charge"],
            "decline_code": error["decline_code"],
            "payment_intent": intent.data,
        },
    )


def retrieve_intent(account: Account, id: str, params: Params) -> dict[str, Any]:
    return answer(account, account.get("payment_intent", id=id), params=params)


def capture(account: Account, id: str, params: Params) -> dict[str, Any]:
    if not params.get("final_capture", True):
        raise invalid("This PaymentIntent is not eligible for multicapture.", param="final_capture")
    intent = account.get("payment_intent", id=id)
    capture_intent(account, intent, amount=params.get("amount_to_capture"), params=params)
    return answer(account, intent, params=params)


def cancel(account: Account, id: str, params: Params) -> dict[str, Any]:
    intent = account.get("payment_intent", id=id)
    cancel_intent(account, intent, reason=params.get("cancellation_reason"))
    return answer(account, intent, params=params)


def list_intents(account: Account, id: str, params: Params) -> dict[str, Any]:
    return list_answer(account, kind="payment_intent", url="/v1/payment_intents", params=params)


_RETRIEVE = Nested({**RETRIEVE.fields, "client_secret": Text()})
ROUTES = (
    Route("POST", "/v1/payment_intents", CREATE, create_intent),
    Route("GET", "/v1/payment_intents", LIST, list_intents),
    Route("GET", "/v1/payment_intents/{id}", _RETRIEVE, retrieve_intent),
    Route("POST", "/v1/payment_intents/{id}/confirm", CONFIRM, confirm_intent),
    Route("POST", "/v1/payment_intents/{id}/capture", CAPTURE, capture),
    Route("POST", "/v1/payment_intents/{id}/cancel", CANCEL, cancel),
)
