"""What time does: sessions, vouchers and holds end, pending refunds arrive."""

from __future__ import annotations

from payments.sandbox.account import Account
from payments.sandbox.transitions.attempts import fail
from payments.sandbox.transitions.captures import void_intent
from payments.sandbox.transitions.refunds import settle_refund
from payments.sandbox.transitions.session_expiry import expire_session

# Wallets confirm a refund within minutes; nobody wants to wait that long here.
PENDING_REFUND_SECONDS = 5
_KEYS_LIVE_SECONDS = 24 * 3600


def sweep(account: Account) -> None:
    """Apply everything whose moment has come by the account's clock."""
    now = account.now()
    store = account.store
    with store.transaction():
        for session in store.list("checkout.session", where={"status": "open"}):
            if session.data["expires_at"] <= now:
                expire_session(account, session)
        for intent in store.list("payment_intent", where={"status": "requires_action"}):
            if intent.private.get("voucher_number") and (
                intent.private["voucher_expires_at"] <= now
            ):
                expire_voucher(account, intent.id)
        for intent in store.list("payment_intent", where={"status": "requires_capture"}):
            if intent.private["capture_before"] <= now:
                void_intent(account, intent, reason="automatic", is_expiry=True)
        for refund in store.list("refund", where={"status": "pending"}):
            if refund.data["created"] + PENDING_REFUND_SECONDS <= now:
                settle_refund(account, refund)
        store.execute(
            "DELETE FROM idempotency WHERE created_at < ?", account.clock() - _KEYS_LIVE_SECONDS
        )


def expire_voucher(account: Account, intent_id: str) -> None:
    """Let a voucher or QR code run out unpaid."""
    intent = account.get("payment_intent", id=intent_id)
    fail(
        account,
        intent,
        code="payment_intent_payment_attempt_expired",
        is_charged=False,
        message="The payment attempt expired before the customer paid.",
    )
