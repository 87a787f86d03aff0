"""Let a session follow the intent it made."""

from __future__ import annotations

from payments.sandbox.account import Account
from payments.sandbox.objects.checkout_sessions import complete, session_of
from payments.sandbox.objects.events import record_event
from payments.sandbox.store import Record

_CUSTOMER_IS_DONE = ("succeeded", "requires_capture", "processing")


def follow_intent(account: Account, intent: Record, *, customer_is_done: bool = False) -> None:
    """Bring the intent's session, if it has one, to where the intent is.

    `customer_is_done` closes the session although the intent still waits for money, as with a
    voucher that was handed out.
    """
    session = session_of(account, intent)
    if session is None:
        return
    status = intent.data["status"]
    if session.data["status"] == "open":
        if customer_is_done or status in _CUSTOMER_IS_DONE:
            complete(account, session, is_paid=status == "succeeded")
    elif session.data["payment_status"] == "unpaid" and status == "succeeded":
        session.data["payment_status"] = "paid"
        account.store.save(session)
        if not intent.private.get("was_authorised"):
            record_event(account, type="checkout.session.async_payment_succeeded", about=session)
    elif session.data["status"] == "complete" and status == "requires_payment_method":
        record_event(account, type="checkout.session.async_payment_failed", about=session)
