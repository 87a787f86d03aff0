"""State in one SQLite file, so that a killed process loses nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Row = sqlite3.Row

_SCHEMA = """
CREATE TABLE IF NOT EXISTS carriers (
    code TEXT PRIMARY KEY,
    trouble TEXT NOT NULL DEFAULT 'none',
    slow_seconds REAL NOT NULL DEFAULT 20,
    webhooks TEXT NOT NULL DEFAULT 'once'
);
CREATE TABLE IF NOT EXISTS labels (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    carrier TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL DEFAULT 'made',
    parcel TEXT NOT NULL,
    cost TEXT NOT NULL,
    document BLOB NOT NULL,
    made_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS labels_key ON labels (carrier, key);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    carrier TEXT NOT NULL,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    occurred_at REAL NOT NULL,
    expected_on TEXT,
    due_at REAL,
    place_in_line INTEGER NOT NULL DEFAULT 0,
    times INTEGER NOT NULL DEFAULT 1,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS events_number ON events (number, seq);
CREATE INDEX IF NOT EXISTS events_due ON events (due_at) WHERE due_at IS NOT NULL;
"""


class Store:
    """The database; every use happens inside `transaction()`, one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
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

    def execute(self, sql: str, *parameters: object) -> list[Row]:
        """Run one statement inside the caller's transaction."""
        return self._connection.execute(sql, parameters).fetchall()

    def find(self, sql: str, *parameters: object) -> Row | None:
        """Give the first row of a statement, or None."""
        rows = self.execute(sql, *parameters)
        return rows[0] if rows else None
