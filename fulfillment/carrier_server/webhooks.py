"""Tell the shop what happened: signed, again until it listens, twice or backwards if asked to."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from fulfillment.carrier_server.network import Network
from fulfillment.carrier_server.store import Row
from fulfillment.carrier_server.tracking import event_body

RETRY_DELAYS_SECONDS: tuple[float, ...] = (
    1, 2, 5, 10, 30, 60, 300, 900, 3600, *([4 * 3600] * 17),
)  # fmt: skip
HEADER = "Carrier-Signature"
_TIMEOUT_SECONDS = 20.0
_IDLE_SECONDS = 1.0


def sign(body: str, *, secret: str, timestamp: int) -> str:
    """Sign a body; the timestamp in Unix seconds is part of what is signed."""
    signed = f"{timestamp}.{body}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Deliverer:
    """A thread that posts due events to the shop, one at a time."""

    def __init__(
        self,
        network: Network,
        *,
        secret: str,
        retry_delays: Sequence[float],
        log: Callable[[str], None],
    ) -> None:
        self._network = network
        self._secret = secret
        self._retry_delays = retry_delays
        self._log = log
        self._wake = threading.Event()
        self._answered = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="carrier-webhooks", daemon=True)

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

    def wait_until_told(self, *, timeout_seconds: float) -> bool:
        """Wait until no delivery is due or put off any more; False when that takes too long."""
        with self._answered:
            return self._answered.wait_for(self._is_told, timeout=timeout_seconds)

    def _is_told(self) -> bool:
        with self._network.store.transaction():
            return not self._network.store.execute(
                "SELECT 1 FROM events WHERE due_at IS NOT NULL LIMIT 1"
            )

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            pause = self._deliver_next()
            if pause:
                self._wake.wait(pause)

    def _deliver_next(self) -> float:
        """Deliver the next due event; returns the seconds until another may be due."""
        url = self._network.webhook_url
        if url is None:
            return _IDLE_SECONDS
        store = self._network.store
        with store.transaction():
            event = store.find(
                "SELECT * FROM events WHERE due_at IS NOT NULL"
                " ORDER BY due_at, place_in_line, seq LIMIT 1"
            )
        if event is None:
            return _IDLE_SECONDS
        wait: float = event["due_at"] - time.time()
        if wait > 0:
            return min(wait, _IDLE_SECONDS)
        self._record(event, error=self._post(event, url=f"{url.rstrip('/')}/{event['carrier']}/"))
        return 0

    def _record(self, event: Row, *, error: str | None) -> None:
        attempts, times = event["attempts"] + 1, event["times"]
        due_at: float | None = None
        if error is None:
            times -= 1
            due_at = 0 if times > 0 else None
        elif attempts <= len(self._retry_delays):
            due_at = time.time() + self._retry_delays[attempts - 1]
        outcome = error or f"delivered, attempt {attempts}"
        store = self._network.store
        with store.transaction():
            store.execute(
                "UPDATE events SET attempts = ?, due_at = ?, times = ?, outcome = ? WHERE id = ?",
                attempts,
                due_at,
                max(times, 1),
                outcome,
                event["id"],
            )
        with self._answered:
            self._answered.notify_all()
        self._log(f"webhook {event['kind']} {event['number']}: {outcome}")

    def _post(self, event: Row, *, url: str) -> str | None:
        """Post one event; returns what went wrong, or None."""
        body = json.dumps(event_body(event))
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(
                "POST",
                parts.path,
                body.encode(),
                {
                    "Content-Type": "application/json; charset=utf-8",
                    HEADER: sign(body, secret=self._secret, timestamp=int(time.time())),
                    "User-Agent": "SimulatedCarriers/1",
                },
            )
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            connection.close()
        return None if 200 <= status < 300 else f"HTTP {status}"
