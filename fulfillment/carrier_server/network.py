"""What every operation needs at hand: the store, the clock, the addresses, the troubles."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from fulfillment.carrier_server.errors import ApiError
from fulfillment.carrier_server.store import Row, Store

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

# What may be wrong with a carrier, and how the page says it.
TROUBLES = {
    "none": "works",
    "down": "is down: 503 to everything",
    "slow": "is slow: does it, then answers late",
    "twice": "makes two labels for one request",
    "forgets": "forgets its idempotency keys",
    "fails": "makes the label, then answers 500",
    "refuses": "refuses every label",
}
WEBHOOKS = {
    "once": "once, in order",
    "doubled": "each one twice",
    "held": "held back; newest first when let go",
}


@dataclass
class Network:
    """The carriers of one server; a carrier is there as soon as it is named."""

    store: Store
    clock: Callable[[], float]
    key: str
    url: str = ""
    webhook_url: str | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def carrier(self, code: str) -> Row:
        """Give a carrier's row, inside the caller's transaction; ApiError 404 for no code."""
        if not CODE.fullmatch(code):
            raise ApiError(404, "no_such_carrier", f"{code!r} is no carrier's code.")
        self.store.execute("INSERT INTO carriers (code) VALUES (?) ON CONFLICT DO NOTHING", code)
        row = self.store.find("SELECT * FROM carriers WHERE code = ?", code)
        assert row is not None  # noqa: S101 - it was just made
        return row

    def set_trouble(self, code: str, trouble: str, *, slow_seconds: float | None = None) -> None:
        """Let a carrier fail in one of the ways of TROUBLES from now on."""
        if trouble not in TROUBLES:
            raise ApiError(400, "no_such_trouble", f"{trouble!r} is none of {sorted(TROUBLES)}.")
        self.carrier(code)
        self.store.execute(
            "UPDATE carriers SET trouble = ?, slow_seconds = coalesce(?, slow_seconds)"
            " WHERE code = ?",
            trouble,
            slow_seconds,
            code,
        )
