"""Tell the shop what happened: signed, in order, again until it listens."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from payments.sandbox.account import Account

# Quick at first because a developer is waiting, then about three days like Stripe.
RETRY_DELAYS_SECONDS: tuple[float, ...] = (
    1, 2, 5, 10, 30, 60, 300, 900, 3600, *([4 * 3600] * 17),
)  # fmt: skip
_TIMEOUT_SECONDS = 20.0
_IDLE_SECONDS = 1.0


def signature_header(body: str, *, secret: str, timestamp: int) -> str:
    """Sign a body the way Stripe does; the timestamp in Unix seconds is part of it."""
    signed = f"{timestamp}.{body}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Deliverer:
    """A thread that posts due events to the account's webhook address, one at a time."""

    def __init__(
        self,
        account: Account,
        *,
        secret: str,
        retry_delays: Sequence[float],
        log: Callable[[str], None],
    ) -> None:
        self._account = account
        self._secret = secret
        self._retry_delays = retry_delays
        self._log = log
        self._wake = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the delivery under way, if any."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join(timeout=_TIMEOUT_SECONDS + 5)

    def wake(self) -> None:
        """Look for due deliveries now."""
        self._wake.set()

    def redeliver(self, event_id: str) -> None:
        """Make an event due again, delivered or not."""
        store = self._account.store
        with store.transaction():
            event = self._account.get("event", id=event_id)
            store.execute(
                "INSERT INTO deliveries (event_id, seq, due_at) VALUES (?, ?, 0) "
                "ON CONFLICT (event_id) DO UPDATE SET requests = requests + 1, due_at = 0, "
                "attempts = 0, delivered_at = NULL",
                event_id,
                event.seq,
            )
        self.wake()

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            pause = self._deliver_next()
            if pause:
                self._wake.wait(pause)

    def _deliver_next(self) -> float:
        """Deliver the next due event; returns the seconds until another may be due."""
        url = self._account.webhook_url
        if url is None:
            return _IDLE_SECONDS
        store = self._account.store
        with store.transaction():
            rows = store.execute(
                "SELECT event_id, requests, attempts, due_at FROM deliveries "
                "WHERE due_at IS NOT NULL ORDER BY due_at, seq LIMIT 1"
            )
            if not rows:
                return _IDLE_SECONDS
            event_id, requests, attempts, due_at = rows[0]
            wait: float = due_at - time.time()
            if wait > 0:
                return min(wait, _IDLE_SECONDS)
            event = self._account.get("event", id=event_id).data
        error = self._post(event, url=url)
        self._record(event, requests=requests, attempts=attempts + 1, error=error)
        return 0

    def _record(
        self, event: dict[str, Any], *, requests: int, attempts: int, error: str | None
    ) -> None:
        store = self._account.store
        now = time.time()
        due_at = None
        if error is not None and attempts <= len(self._retry_delays):
            due_at = now + self._retry_delays[attempts - 1]
        with store.transaction():
            store.execute(
                "UPDATE deliveries SET attempts = ?, due_at = ?, delivered_at = ?, last_error = ? "
                "WHERE event_id = ? AND requests = ?",
                attempts,
                due_at,
                now if error is None else None,
                error,
                event["id"],
                # Asked for once more in the meantime, it stays due.
                requests,
            )
            if error is None:
                record = self._account.get("event", id=event["id"])
                record.data["pending_webhooks"] = 0
                store.save(record)
        outcome = error or "delivered"
        self._log(f"webhook {event['type']} {event['id']} attempt {attempts}: {outcome}")

    def _post(self, event: dict[str, Any], *, url: str) -> str | None:
        """Post one event; returns what went wrong, or None."""
        body = json.dumps(event, indent=2, ensure_ascii=False)
        header = signature_header(body, secret=self._secret, timestamp=int(time.time()))
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else (http.client.HTTPConnection)
        )
        connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(
                "POST",
                parts.path + (f"?{parts.query}" if parts.query else "") or "/",
                body.encode(),
                {
                    "Content-Type": "application/json; charset=utf-8",
                    "Stripe-Signature": header,
                    "User-Agent": "Stripe/1.0 (payment sandbox)",
                },
            )
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            connection.close()
        return None if 200 <= status < 300 else f"HTTP {status}"
