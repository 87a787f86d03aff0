"""The sandbox as one object: start it, look into it, stop it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.http_server import HttpServer
from payments.sandbox.store import Store
from payments.sandbox.transitions.expiry import sweep
from payments.sandbox.webhooks import RETRY_DELAYS_SECONDS, Deliverer

LOOPBACK = "127.0.0.1"
DEFAULT_SECRET = "whsec_sandbox"  # noqa: S105 -- signs events between two local processes
_SWEEP_SECONDS = 1.0


class SandboxServer:
    """A payment sandbox on the loopback address, with its state in `state_dir`.

    `port` 0 takes a free one. `clock` gives Unix seconds and decides what has expired.
    Nothing is delivered for events recorded while `webhook_url` is None.
    """

    def __init__(
        self,
        state_dir: Path | str,
        *,
        port: int = 0,
        webhook_url: str | None = None,
        webhook_secret: str = DEFAULT_SECRET,
        retry_delays: Sequence[float] = RETRY_DELAYS_SECONDS,
        clock: Callable[[], float] = time.time,
        log: Callable[[str], None] | None = None,
    ) -> None:
        directory = Path(state_dir)
        directory.mkdir(parents=True, exist_ok=True)
        self.webhook_secret = webhook_secret
        self._log = log or (lambda line: None)
        self._account = Account(
            Store(directory / "sandbox.sqlite3"), clock, webhook_url=webhook_url
        )
        self._deliverer = Deliverer(
            self._account, secret=webhook_secret, retry_delays=retry_delays, log=self._log
        )
        try:
            self._http = HttpServer(
                (LOOPBACK, port), self._account, after_change=self._deliverer.wake, log=self._log
            )
        except OSError:
            self._account.store.close()
            raise
        self._account.base_url = self.url
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._http.serve_forever,
                name="sandbox-http",
                kwargs={"poll_interval": 0.05},
                daemon=True,
            ),
            threading.Thread(target=self._sweep_on, name="sandbox-sweep", daemon=True),
        ]

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """The address to give to the SDK as `base_addresses={"api": url}`."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def webhook_url(self) -> str | None:
        return self._account.webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self._account.webhook_url = url
        self._deliverer.wake()

    def start(self) -> SandboxServer:
        """Serve, deliver and sweep in threads of their own."""
        for thread in self._threads:
            thread.start()
        self._deliverer.start()
        return self

    def stop(self) -> None:
        """Stop all threads and close the state; what was answered is kept."""
        self._stopping.set()
        self._http.shutdown()
        self._http.close_connections()
        self._http.server_close()
        for thread in self._threads:
            thread.join()
        self._deliverer.stop()
        self._account.store.close()

    def __enter__(self) -> SandboxServer:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def sweep(self) -> None:
        """Expire and settle now what the clock says is due."""
        sweep(self._account)
        self._deliverer.wake()

    def events(self, type: str | None = None) -> list[dict[str, Any]]:
        """List the events so far, oldest first, of one type if given."""
        return self._list("event", where={} if type is None else {"type": type})

    def charges(self, *, payment_intent: str | None = None) -> list[dict[str, Any]]:
        """List the charges so far, oldest first; failed tries are among them."""
        where = {} if payment_intent is None else {"payment_intent": payment_intent}
        return self._list("charge", where=where)

    def refunds(self) -> list[dict[str, Any]]:
        """List the refunds so far, oldest first."""
        return self._list("refund", where={})

    def sessions(self) -> list[dict[str, Any]]:
        """List the Checkout Sessions so far, oldest first."""
        return self._list("checkout.session", where={})

    def payment_intents(self) -> list[dict[str, Any]]:
        """List the PaymentIntents so far, oldest first."""
        return self._list("payment_intent", where={})

    def redeliver(self, event_id: str) -> None:
        """Send an event to the webhook address once more."""
        self._deliverer.redeliver(event_id)

    def _list(self, kind: str, *, where: dict[str, str]) -> list[dict[str, Any]]:
        with self._account.store.transaction():
            records = self._account.store.list(kind, where=where)
        return [record.data for record in reversed(records)]

    def _sweep_on(self) -> None:
        while not self._stopping.wait(_SWEEP_SECONDS):
            try:
                self.sweep()
            except Exception as error:
                self._log(f"sweep failed: {type(error).__name__}: {error}")
