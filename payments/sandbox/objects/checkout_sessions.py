"""Checkout Sessions: a hosted page that leads to one payment."""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.ids import new_id
from payments.sandbox.objects.events import record_event
from payments.sandbox.objects.payment_intents import insert_intent
from payments.sandbox.store import Record


def insert_session(
    account: Account,
    *,
    lines: list[dict[str, Any]],
    total: int,
    currency: str,
    types: list[str],
    params: dict[str, Any],
) -> Record:
    """Store a new open session over `total` minor units; its intent comes with the first try."""
    id = new_id("cs_test", length=58)
    now = account.now()
    return account.store.insert(
        {
            "id": id,
            "object": "checkout.session",
            "adaptive_pricing": {"enabled": False},
            "after_expiration": None,
            "allow_promotion_codes": None,
            "allowed_payment_method_types": params.get("allowed_payment_method_types"),
            "amount_subtotal": total,
            "amount_total": total,
            "automatic_tax": {
                "enabled": False,
                "liability": None,
                "provider": None,
                "status": None,
            },
            "billing_address_collection": None,
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "client_secret": None,
            "collected_information": None,
            "consent": None,
            "consent_collection": None,
            "created": now,
            "currency": currency,
            "currency_conversion": None,
            "custom_fields": [],
            "custom_text": {
                "after_submit": None,
                "shipping_address": None,
                "submit": None,
                "terms_of_service_acceptance": None,
            },
            "customer": None,
            "customer_account": None,
            "customer_creation": "if_required",
            "customer_details": None,
            "customer_email": params.get("customer_email"),
            "discounts": [],
            "excluded_payment_method_types": params.get("excluded_payment_method_types"),
            "expires_at": params.get("expires_at", now + 24 * 3600),
            "invoice": None,
            "invoice_creation": {
                "enabled": False,
                "invoice_data": {
                    "account_tax_ids": None,
                    "custom_fields": None,
                    "description": None,
                    "footer": None,
                    "issuer": None,
                    "metadata": {},
                    "rendering_options": None,
                },
            },
            "livemode": False,
            "locale": params.get("locale"),
            "metadata": params.get("metadata", {}),
            "mode": "payment",
            "origin_context": None,
            "payment_intent": None,
            "payment_link": None,
            "payment_method_collection": "if_required",
            "payment_method_configuration_details": None,
            "payment_method_options": params.get("payment_method_options", {}),
            "payment_method_types": types,
            "payment_status": "unpaid",
            "permissions": None,
            "phone_number_collection": {"enabled": False},
            "recovered_from": None,
            "saved_payment_method_options": None,
            "setup_intent": None,
            "shipping_address_collection": None,
            "shipping_cost": None,
            "shipping_options": [],
            "status": "open",
            "submit_type": params.get("submit_type"),
            "subscription": None,
            "success_url": params["success_url"],
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "hosted_page",
            "url": f"{account.base_url}/pay/{id}",
        },
        private={"lines": lines, "intent_params": _intent_params(params)},
    )


def _intent_params(params: dict[str, Any]) -> dict[str, Any]:
    return {
        **params.get("payment_intent_data", {}),
        "payment_method_options": params.get("payment_method_options", {}),
    }


def intent_of(account: Account, session: Record) -> Record:
    """Return the session's intent, making it for the first try."""
    data = session.data
    if data["payment_intent"] is not None:
        return account.get("payment_intent", id=data["payment_intent"])
    intent = insert_intent(
        account,
        amount=data["amount_total"],
        currency=data["currency"],
        types=data["payment_method_types"],
        params=session.private["intent_params"],
        private={"session": session.id, "email": data["customer_email"]},
    )
    data["payment_intent"] = intent.id
    account.store.save(session)
    return intent


def session_of(account: Account, intent: Record) -> Record | None:
    """Return the session that made the intent, if one did."""
    id = intent.private.get("session")
    return account.get("checkout.session", id=id) if id else None


def complete(account: Account, session: Record, *, is_paid: bool) -> None:
    """Close the session after the customer did their part."""
    email = session.data["customer_email"]
    session.data.update(
        status="complete",
        payment_status="paid" if is_paid else "unpaid",
        url=None,
        customer_details={
            "address": None,
            "business_name": None,
            "email": email,
            "individual_name": None,
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    )
    account.store.save(session)
    record_event(account, type="checkout.session.completed", about=session)


def expire(account: Account, session: Record) -> None:
    """Close a session that nobody paid."""
    session.data.update(status="expired", url=None)
    account.store.save(session)
    record_event(account, type="checkout.session.expired", about=session)


def success_url(session: Record) -> str:
    """Return where the customer goes after paying."""
    url: str = session.data["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session.id)
