"""The simulated carriers as one object: start them, look into them, let them fail, stop them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from fulfillment.carrier_server.http_server import HttpServer
from fulfillment.carrier_server.labels import label_body
from fulfillment.carrier_server.network import Network
from fulfillment.carrier_server.store import Store
from fulfillment.carrier_server.tracking import (
    event_body,
    move_parcel,
    send_again,
    set_webhooks,
)
from fulfillment.carrier_server.webhooks import RETRY_DELAYS_SECONDS, Deliverer

LOOPBACK = "127.0.0.1"
DEFAULT_KEY = "carrier_test_key"
DEFAULT_SECRET = "carrier_test_secret"  # noqa: S105 -- signs events between two local processes


class CarrierServer:
    """Simulated carriers on the loopback address, with their state in `state_dir`.

    `port` 0 takes a free one. `clock` gives Unix seconds and stamps what happens. Events go to
    `webhook_url` with the carrier's code behind it; nothing is delivered while it is None.
    """

    def __init__(
        self,
        state_dir: Path | str,
        *,
        port: int = 0,
        key: str = DEFAULT_KEY,
        webhook_url: str | None = None,
        webhook_secret: str = DEFAULT_SECRET,
        retry_delays: Sequence[float] = RETRY_DELAYS_SECONDS,
        clock: Callable[[], float] = time.time,
        log: Callable[[str], None] | None = None,
    ) -> None:
        directory = Path(state_dir)
        directory.mkdir(parents=True, exist_ok=True)
        log = log or (lambda line: None)
        self._network = Network(
            Store(directory / "carriers.sqlite3"), clock, key, webhook_url=webhook_url
        )
        self._deliverer = Deliverer(
            self._network, secret=webhook_secret, retry_delays=retry_delays, log=log
        )
        try:
            self._http = HttpServer(
                (LOOPBACK, port), self._network, after_change=self._deliverer.wake, log=log
            )
        except OSError:
            self._network.store.close()
            raise
        self._network.url = self.url
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            name="carrier-http",
            kwargs={"poll_interval": 0.05},
            daemon=True,
        )

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def webhook_url(self) -> str | None:
        return self._network.webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self._network.webhook_url = url
        self._deliverer.wake()

    def start(self) -> CarrierServer:
        """Serve and deliver in threads of their own."""
        self._thread.start()
        self._deliverer.start()
        return self

    def stop(self) -> None:
        """Stop all threads and close the state; what was answered is kept."""
        self._network.stopping.set()
        self._http.shutdown()
        self._http.close_connections()
        self._http.server_close()
        self._thread.join()
        self._deliverer.stop()
        self._network.store.close()

    def __enter__(self) -> CarrierServer:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def trouble(self, carrier: str, trouble: str, *, slow_seconds: float | None = None) -> None:
        """Let a carrier fail in one of the ways of TROUBLES from now on; "none" mends it."""
        with self._network.store.transaction():
            self._network.set_trouble(carrier, trouble, slow_seconds=slow_seconds)

    def webhooks(self, carrier: str, manner: str) -> None:
        """Deliver a carrier's events "once", "doubled" or "held"; held ones go newest first."""
        with self._network.store.transaction():
            set_webhooks(self._network, carrier, manner)
        self._deliverer.wake()

    def move(self, number: str, kind: str, *, expected_on: date | None = None) -> dict[str, Any]:
        """Let something happen to a parcel and give the event that tells of it."""
        with self._network.store.transaction():
            event = event_body(move_parcel(self._network, number, kind, expected_on=expected_on))
        self._deliverer.wake()
        return event

    def send_again(self, event_id: str) -> None:
        """Deliver an event once more."""
        with self._network.store.transaction():
            send_again(self._network, event_id)
        self._deliverer.wake()

    def wait_until_told(self, *, timeout_seconds: float = 30) -> bool:
        """Wait until the shop has taken every event that is not held back."""
        return self._deliverer.wait_until_told(timeout_seconds=timeout_seconds)

    def labels(self, *, carrier: str | None = None, status: str = "made") -> list[dict[str, Any]]:
        """List the labels so far, oldest first."""
        with self._network.store.transaction():
            rows = self._network.store.execute(
                "SELECT * FROM labels WHERE status = ?1 AND (?2 IS NULL OR carrier = ?2)"
                " ORDER BY seq",
                status,
                carrier,
            )
        return [label_body(row) for row in rows]

    def events(self) -> list[dict[str, Any]]:
        """List the events so far, oldest first."""
        with self._network.store.transaction():
            rows = self._network.store.execute("SELECT * FROM events ORDER BY seq")
        return [event_body(row) for row in rows]
