"""Charges: one attempt to take money."""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.ids import new_id
from payments.sandbox.objects.payment_methods import Instrument, charge_details
from payments.sandbox.store import Record

AUTHORISED = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 12,
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def insert_charge(
    account: Account,
    intent: Record,
    *,
    instrument: Instrument,
    status: str,
    is_captured: bool,
    three_d_secure: dict[str, Any] | None = None,
) -> Record:
    """Store a charge over the whole intent and point the intent at it.

    `status` is succeeded, pending or failed. The store refuses a second one that did not fail.
    """
    data = intent.data
    paid = status == "succeeded"
    charge = account.store.insert(
        {
            "id": new_id("ch"),
            "object": "charge",
            "amount": data["amount"],
            "amount_captured": data["amount"] if paid and is_captured else 0,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": {
                "address": None,
                "email": intent.private.get("email") or data["receipt_email"],
                "name": None,
                "phone": None,
                "tax_id": None,
            },
            "calculated_statement_descriptor": data["statement_descriptor"] or "SANDBOX",
            "captured": is_captured and status != "failed",
            "created": account.now(),
            "currency": data["currency"],
            "customer": None,
            "description": data["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "fraud_details": {},
            "livemode": False,
            "metadata": data["metadata"],
            "on_behalf_of": None,
            "outcome": AUTHORISED if status != "failed" else None,
            "paid": paid,
            "payment_intent": intent.id,
            "payment_method": data["payment_method"] or new_id("pm"),
            "payment_method_details": charge_details(
                instrument,
                amount=data["amount"],
                voucher_number=intent.private.get("voucher_number"),
                capture_before=None if is_captured else intent.private.get("capture_before"),
                three_d_secure=three_d_secure,
            ),
            "radar_options": {},
            "receipt_email": data["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": data["shipping"],
            "source_transfer": None,
            "statement_descriptor": data["statement_descriptor"],
            "statement_descriptor_suffix": data["statement_descriptor_suffix"],
            "status": status,
            "transfer_data": None,
            "transfer_group": None,
        }
    )
    data["latest_charge"] = charge.id
    account.store.save(intent)
    return charge


def mark_failed(
    account: Account, charge: Record, *, code: str, message: str, decline_code: str | None
) -> None:
    """Write down why a charge failed."""
    charge.data.update(
        status="failed",
        paid=False,
        captured=False,
        failure_code=code,
        failure_message=message,
        outcome={
            "advice_code": "try_again_later" if decline_code else None,
            "network_advice_code": None,
            "network_decline_code": "05" if decline_code else None,
            "network_status": "declined_by_network",
            "reason": decline_code,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": message,
            "type": "issuer_declined",
        },
    )
    account.store.save(charge)
