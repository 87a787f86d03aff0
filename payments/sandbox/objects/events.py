"""Events: what happened, as the webhook endpoint is told."""

from __future__ import annotations

from payments.sandbox.account import API_VERSION, Account, current_request
from payments.sandbox.ids import new_id
from payments.sandbox.store import Record


def record_event(account: Account, *, type: str, about: Record) -> Record:
    """Record what happened to `about`, in the transaction that made it happen.

    Where a webhook address is set, its delivery is due at once.
    """
    request = current_request.get()
    event = account.store.insert(
        {
            "id": new_id("evt"),
            "object": "event",
            "account": None,
            "api_version": API_VERSION,
            "context": None,
            "created": account.now(),
            "data": {"object": about.data},
            "livemode": False,
            "pending_webhooks": 0 if account.webhook_url is None else 1,
            "request": {
                "id": request[0] if request else None,
                "idempotency_key": request[1] if request else None,
            },
            "type": type,
        }
    )
    if account.webhook_url is not None:
        account.store.execute(
            "INSERT INTO deliveries (event_id, seq, due_at) VALUES (?, ?, 0)", event.id, event.seq
        )
    return event
