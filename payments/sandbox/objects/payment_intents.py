"""PaymentIntents: one payment from first try to last capture."""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.ids import new_id, random_text
from payments.sandbox.objects.events import record_event
from payments.sandbox.store import Record


def insert_intent(
    account: Account,
    *,
    amount: int,
    currency: str,
    types: list[str],
    params: dict[str, Any],
    private: dict[str, Any],
) -> Record:
    """Store a new intent over `amount` minor units, with what `params` says of it."""
    id = new_id("pi")
    intent = account.store.insert(
        {
            "id": id,
            "object": "payment_intent",
            "allowed_payment_method_types": params.get("allowed_payment_method_types"),
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": params.get("automatic_payment_methods"),
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": params.get("capture_method", "automatic_async"),
            "client_secret": f"{id}_secret_{random_text(25)}",
            "confirmation_method": "automatic",
            "created": account.now(),
            "currency": currency,
            "customer": None,
            "customer_account": None,
            "description": params.get("description"),
            "excluded_payment_method_types": params.get("excluded_payment_method_types"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": params.get("metadata", {}),
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": params.get("payment_method_options", {}),
            "payment_method_types": types,
            "processing": None,
            "receipt_email": params.get("receipt_email"),
            "review": None,
            "setup_future_usage": params.get("setup_future_usage"),
            "shipping": params.get("shipping"),
            "statement_descriptor": params.get("statement_descriptor"),
            "statement_descriptor_suffix": params.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
        },
        private=private,
    )
    record_event(account, type="payment_intent.created", about=intent)
    return intent


def captures_manually(intent: Record, *, type: str) -> bool:
    """Tell whether a payment by `type` is authorised first and captured later."""
    own = intent.data["payment_method_options"].get(type, {}).get("capture_method")
    return "manual" in (own, intent.data["capture_method"])
