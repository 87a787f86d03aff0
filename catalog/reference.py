"""Tables that seldom change and that every quote needs, read together and kept for a moment.

A room names such a table with `keep` and reads it through `reference`. All of them come in one
statement: a process that has read nothing yet pays one query for them, and an answer never mixes
what was read at two moments. How stale a kept reading may be, and why that cannot change what
anybody pays, is in docs/decisions/0008-reference-cache.md.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import Any, TypeVar, TypeVarTuple

from django.db import connection, transaction
from django.db.models import Field, Model
from django.db.models.signals import post_delete, post_save

# How long a process that does not hear of a change goes on with what it has read.
KEPT_SECONDS = 5.0

_M = TypeVar("_M", bound=Model)
_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")
_Rows = dict[type[Model], list[dict[str, Any]]]


class Reference:
    """One reading of the kept tables, and what was derived from it. Whoever reads never changes it.

    It is shared by all threads of the process.
    """

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows
        self._derived: dict[Any, Any] = {}

    def rows(self, model: type[_M], **where: object) -> list[_M]:
        """Give the rows of a kept table, in no order, that have these values in these columns."""
        fields = _fields(model)
        names = [field.attname for field in fields]
        return [
            model.from_db(None, names, [field.to_python(row[field.attname]) for field in fields])
            for row in self._rows[model]
            if all(row[column] == value for column, value in where.items())
        ]

    def derive(self, make: Callable[["Reference", *_Arguments], _T], *arguments: *_Arguments) -> _T:
        """Give what a function makes of this reading; it is called once for the same arguments.

        The arguments are hashable, and few: what is made is kept as long as the reading.
        """
        key = (make, arguments)
        try:
            made: _T = self._derived[key]
        except KeyError:
            made = self._derived[key] = make(self, *arguments)
        return made


@dataclass(frozen=True)
class _Kept:
    reference: Reference
    read_at: float  # monotonic


_columns: dict[type[Model], frozenset[str]] = {}
_kept: _Kept | None = None
_changes = 0
_pinned: ContextVar[Reference | None] = ContextVar("reference", default=None)


def keep(model: type[Model], *columns: str) -> None:
    """Keep a small table that seldom changes, or some columns of it.

    Call it once, where the module that reads the table is imported.
    """
    _columns[model] = frozenset(columns)
    forget()
    for changed in (post_save, post_delete):
        changed.connect(_forget_on_commit, sender=model, dispatch_uid="reference")


def reference() -> Reference:
    """Give the kept tables as they were at most `KEPT_SECONDS` ago.

    In a transaction they are read anew and not kept: whoever decides something there decides on
    what stands, and nobody else sees what may yet be rolled back.
    """
    global _kept
    pinned = _pinned.get()
    if pinned is not None:
        return pinned
    if connection.in_atomic_block:
        return _read()
    kept, began, changes = _kept, monotonic(), _changes
    if kept is None or began - kept.read_at >= KEPT_SECONDS:
        kept = _Kept(_read(), began)
        if changes == _changes:  # Else it may be older than what was changed meanwhile.
            _kept = kept
    return kept.reference


@contextmanager
def one_reference(*, fresh: bool = False) -> Iterator[Reference]:
    """Answer everything inside the block from one reading; a `fresh` one is made for the block."""
    pinned = _read() if fresh else reference()
    token = _pinned.set(pinned)
    try:
        yield pinned
    finally:
        _pinned.reset(token)


def forget() -> None:
    """Read anew from now on, in this process."""
    global _kept, _changes
    _changes += 1
    _kept = None


def _forget_on_commit(*, using: str, **_signal: object) -> None:
    transaction.on_commit(forget, using=using)


def _read() -> Reference:
    models = list(_columns)
    if not models:
        return Reference({})
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(_select, range(len(models)), models)))
        found = dict(cursor.fetchall())
    # No binary fraction on the way: an amount is a Decimal from its digits on.
    read = partial(json.loads, parse_float=Decimal)
    return Reference({model: read(found[number]) for number, model in enumerate(models)})


def _select(number: int, model: type[Model]) -> str:
    columns = ", ".join(f'"{field.column}" AS "{field.attname}"' for field in _fields(model))
    return (
        f"SELECT {number}, coalesce(json_agg(kept), '[]')::text"  # noqa: S608 - our own names
        f' FROM (SELECT {columns} FROM "{model._meta.db_table}") AS kept'
    )


def _fields(model: type[Model]) -> "list[Field[Any, Any]]":
    wanted = _columns[model]
    return [field for field in model._meta.concrete_fields if not wanted or field.attname in wanted]
