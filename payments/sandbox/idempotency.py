"""Same key, same answer: what an idempotency key remembers."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.errors import ApiError
from payments.sandbox.form import Form

MAX_KEY_LENGTH = 255


class KeysInUse:
    """The keys whose requests are being answered right now.

    Held in memory on purpose: a request that dies with the process has done nothing, since its
    effects and its stored answer share one transaction.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[str] = set()

    @contextmanager
    def hold(self, key: str | None) -> Iterator[None]:
        """Keep the key for one request; raises ApiError 409 while another has it."""
        if key is None:
            yield
            return
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            raise ApiError(f"Idempotency keys hold 1 to {MAX_KEY_LENGTH} characters.")
        with self._lock:
            if key in self._keys:
                raise ApiError(
                    "There is currently another in-progress request using this Idempotent Key. "
                    "Please try again later.",
                    status=409,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)


def fingerprint(method: str, *, path: str, form: Form) -> str:
    """Digest a request, whatever the order of its parameters."""
    canonical = json.dumps([method, path, form], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def find_answer(
    account: Account, *, key: str, fingerprint: str
) -> tuple[int, dict[str, Any]] | None:
    """Return the remembered status and body; raises ApiError when they answer other parameters."""
    rows = account.store.execute(
        "SELECT fingerprint, status, body FROM idempotency WHERE key = ?", key
    )
    if not rows:
        return None
    known, status, body = rows[0]
    if known != fingerprint:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same endpoint and parameters "
            "they were first used with. Try using a key other than "
            f"'{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return status, json.loads(body)


def store_answer(
    account: Account, *, key: str, fingerprint: str, status: int, body: dict[str, Any]
) -> None:
    """Remember an answer in the transaction of what it tells of."""
    account.store.execute(
        "INSERT INTO idempotency (key, fingerprint, status, body, created_at) "
        "VALUES (?, ?, ?, ?, ?)",
        key,
        fingerprint,
        status,
        json.dumps(body),
        account.clock(),
    )
