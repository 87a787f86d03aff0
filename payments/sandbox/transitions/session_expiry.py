"""End a session that was not paid."""

from __future__ import annotations

from payments.sandbox.account import Account
from payments.sandbox.errors import wrong_state
from payments.sandbox.objects.checkout_sessions import expire
from payments.sandbox.store import Record
from payments.sandbox.transitions.captures import void_intent


def expire_session(account: Account, session: Record) -> None:
    """Expire an open session and give up its unfinished intent."""
    if session.data["status"] != "open":
        raise wrong_state(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session.data['status']}`.",
            code="checkout_session_unexpected_state",
        )
    expire(account, session)
    if session.data["payment_intent"] is not None:
        intent = account.get("payment_intent", id=session.data["payment_intent"])
        void_intent(account, intent, reason="automatic")
