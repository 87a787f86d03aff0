"""Refunds: money on its way back."""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.ids import new_id, random_digits
from payments.sandbox.store import Record

BANK_DETAILS_DAYS = 45


def insert_refund(
    account: Account,
    charge: Record,
    *,
    amount: int,
    status: str,
    params: dict[str, Any],
) -> Record:
    """Store a refund of `amount` minor units of the charge."""
    type = charge.data["payment_method_details"]["type"]
    refund = {
        "id": new_id("pyr" if type != "card" else "re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge.id,
        "created": account.now(),
        "currency": charge.data["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": _destination(type),
        "metadata": params.get("metadata", {}),
        "payment_intent": charge.data["payment_intent"],
        "payment_method": charge.data["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }
    if status == "pending":
        refund["pending_reason"] = "processing"
    if status == "requires_action":
        email = params.get("instructions_email") or charge.data["billing_details"]["email"]
        refund["instructions_email"] = email
        refund["next_action"] = {
            "type": "display_details",
            "display_details": {
                "email_sent": {"email_sent_at": account.now(), "email_sent_to": email},
                "expires_at": account.now() + BANK_DETAILS_DAYS * 86_400,
            },
        }
    return account.store.insert(refund)


def _destination(type: str) -> dict[str, Any]:
    if type == "konbini":
        return {"type": "jp_bank_transfer", "jp_bank_transfer": {}}
    if type != "card":
        return {"type": type}
    card = {
        "reference": random_digits(23),
        "reference_status": "available",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {"type": "card", "card": card}
