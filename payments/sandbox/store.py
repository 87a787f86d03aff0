"""State in one SQLite file, so that a killed process loses nothing."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    private TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_intent
    ON objects (kind, json_extract(data, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_status ON objects (kind, json_extract(data, '$.status'));
-- The last line of defence: whatever the code does, an intent is charged once.
CREATE UNIQUE INDEX IF NOT EXISTS one_paid_charge_per_intent
    ON objects (json_extract(data, '$.payment_intent'))
    WHERE kind = 'charge' AND json_extract(data, '$.status') <> 'failed';
CREATE TABLE IF NOT EXISTS deliveries (
    event_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    requests INTEGER NOT NULL DEFAULT 1,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL,
    delivered_at REAL,
    last_error TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at REAL NOT NULL
);
"""


@dataclass
class Record:
    """One stored object: `data` is what the API shows, `private` what only we know."""

    seq: int
    id: str
    kind: str
    data: dict[str, Any]
    private: dict[str, Any]


class Store:
    """The database; every use happens inside `transaction()`, one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing; holds the one lock until committed. Nests."""
        with self._lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth = 0

    @contextmanager
    def savepoint(self) -> Iterator[Savepoint]:
        """Offer to take back what was written since, inside a transaction."""
        self._connection.execute("SAVEPOINT step")
        try:
            yield Savepoint(self._connection)
        finally:
            self._connection.execute("RELEASE step")

    def execute(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement inside the caller's transaction."""
        return self._connection.execute(sql, parameters).fetchall()

    def insert(self, data: dict[str, Any], *, private: dict[str, Any] | None = None) -> Record:
        """Store a new object under its own `id` and `object`."""
        record = Record(0, data["id"], data["object"], data, private or {})
        cursor = self._connection.execute(
            "INSERT INTO objects (id, kind, data, private) VALUES (?, ?, ?, ?)",
            (record.id, record.kind, json.dumps(data), json.dumps(record.private)),
        )
        record.seq = cursor.lastrowid or 0
        return record

    def save(self, record: Record) -> None:
        """Write an object back."""
        self._connection.execute(
            "UPDATE objects SET data = ?, private = ? WHERE id = ?",
            (json.dumps(record.data), json.dumps(record.private), record.id),
        )

    def find(self, kind: str, *, id: str) -> Record | None:
        """Return the object, or None."""
        rows = self.execute(
            "SELECT seq, id, kind, data, private FROM objects WHERE kind = ? AND id = ?", kind, id
        )
        return _record(rows[0]) if rows else None

    def list(
        self,
        kind: str,
        *,
        where: Mapping[str, object] | None = None,
        created: Mapping[str, int] | None = None,
        before_seq: int | None = None,
        after_seq: int | None = None,
        limit: int | None = None,
    ) -> list[Record]:
        """List objects, newest first; `where` compares fields of the API's object.

        With `after_seq` the ones nearest above it are taken.
        """
        clauses, parameters = ["kind = ?"], [kind]  # type: tuple[list[str], list[object]]
        for name, value in (where or {}).items():
            clauses.append(f"json_extract(data, '$.{name}') = ?")
            parameters.append(value)
        for name, moment in (created or {}).items():
            clauses.append(f"json_extract(data, '$.created') {_COMPARE[name]} ?")
            parameters.append(moment)
        if before_seq is not None:
            clauses.append("seq < ?")
            parameters.append(before_seq)
        if after_seq is not None:
            clauses.append("seq > ?")
            parameters.append(after_seq)
        order = "ASC" if after_seq is not None else "DESC"
        rows = self.execute(
            "SELECT seq, id, kind, data, private FROM objects "  # noqa: S608 -- our own words
            f"WHERE {' AND '.join(clauses)} ORDER BY seq {order} LIMIT ?",
            *parameters,
            -1 if limit is None else limit,
        )
        records = [_record(row) for row in rows]
        return records[::-1] if after_seq is not None else records


class Savepoint:
    """A point to come back to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def undo(self) -> None:
        self._connection.execute("ROLLBACK TO step")


_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}


def _record(row: tuple[Any, ...]) -> Record:
    seq, id, kind, data, private = row
    return Record(seq, id, kind, json.loads(data), json.loads(private))
