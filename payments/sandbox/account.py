"""The merchant's account: what every operation needs at hand."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from payments.sandbox.errors import missing_resource
from payments.sandbox.store import Record, Store

# Follows `stripe._api_version` of the pinned SDK; a test compares the two.
API_VERSION = "2026-10-28.endive"

# Id and idempotency key of the API request that is being answered, for the events it causes.
current_request: ContextVar[tuple[str, str | None] | None] = ContextVar(
    "current_request", default=None
)


@dataclass
class Account:
    """The store, the clock and the addresses of one sandbox."""

    store: Store
    clock: Callable[[], float]
    base_url: str = ""
    webhook_url: str | None = None

    def now(self) -> int:
        """Return the moment in Unix seconds."""
        return int(self.clock())

    def get(self, kind: str, *, id: str, param: str = "id") -> Record:
        """Return the object; raises ApiError 404 when there is none."""
        record = self.store.find(kind, id=id)
        if record is None:
            raise missing_resource(kind.replace(".", " "), id=id, param=param)
        return record
