"""What taking a file over would change: computed before anything is, and shown to who decides."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from markets.law_files.problems import Problem
from markets.law_files.rows import Read, Reading, make_row, row_problems
from markets.law_files.tables import LawTable
from markets.models.dated import Dated

_DAY = timedelta(days=1)
_TIME = {"valid_from", "valid_to", "source"}
# What these say is for people; another wording changes no amount.
_WORDS = {"source", "name", "label", "description"}


class Kind(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    ENDED = "ended"


@dataclass(frozen=True)
class Change:
    """A row that is added, changed where it stands, or ended by one that follows.

    `differences` are a column with what it says now and then. The past is rewritten where a day
    before today would be answered otherwise than it was.
    """

    kind: Kind
    row: models.Model
    line: int
    differences: tuple[tuple[str, Any, Any], ...] = ()
    rewrites_past: bool = False
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything that a file would do to a table; with problems it does nothing."""

    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rewrites_past(self) -> bool:
        """Say whether a day before today would be answered otherwise than it was."""
        return any(change.rewrites_past for change in self.changes)

    def count(self, kind: Kind) -> int:
        """Give how many rows are of a kind."""
        return sum(change.kind is kind for change in self.changes)

    @property
    def fingerprint(self) -> str:
        """Give a digest that two plans share only if they do the same."""
        digest = hashlib.sha256()
        for change in self.changes:
            row = change.row
            values = [getattr(row, column.attname) for column in row._meta.concrete_fields]
            digest.update(repr((change.kind, values, change.differences)).encode())
        return digest.hexdigest()


@dataclass
class _Item:
    """A row on a key's line of time; `was` is the row as it stands in the table."""

    row: Dated
    was: Dated | None = None
    read: Read | None = None
    ended_by: int = 0  # The line of the file whose row follows.


@dataclass
class _Planning:
    table: LawTable
    today: date
    source: str
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unchanged: int = 0


def plan_rows(
    table: LawTable, reading: Reading, rows: Iterable[Dated], *, today: date, source: str
) -> Plan:
    """Plan what a file would change of the rows that are there.

    A row that begins on the day of one of the same key changes that one. A row that begins while
    another holds ends it on the day before, and an open row ends before the next that is there.
    `source` is noted where the file names none.
    """
    planning = _Planning(table, today, source, problems=list(reading.problems))
    there: dict[tuple[Any, ...], list[Dated]] = {}
    for row in rows:
        there.setdefault(table.key_of(row), []).append(row)
    asked: dict[tuple[Any, ...], list[Read]] = {}
    for read in reading.reads:
        probe = make_row(table, read, None)
        if not isinstance(read.values.get("valid_from"), date):
            problem = Problem(read.line, "valid_from", _("Write a day as 2026-07-01."))
            planning.problems.append(problem)
            continue
        asked.setdefault(table.key_of(probe), []).append(read)
    for key, reads in asked.items():
        items = _merge(planning, there.get(key, []), reads)
        _settle(planning, items)
        _tell(planning, items)
    return Plan(
        changes=tuple(sorted(planning.changes, key=lambda change: (change.line, change.kind))),
        unchanged=planning.unchanged,
        problems=tuple(sorted(planning.problems, key=lambda problem: problem.line)),
        notes=tuple(reading.notes),
    )


def _merge(planning: _Planning, rows: list[Dated], reads: list[Read]) -> list[_Item]:
    """Put the file's rows among those that are there, in the order in which they begin."""
    items = {row.valid_from: _Item(_copy(row), was=row) for row in rows}
    for read in sorted(reads, key=lambda read: (read.values["valid_from"], read.line)):
        begins = read.values["valid_from"]
        item = items.get(begins)
        if item is not None and item.read is not None:
            message = _("Line %(line)d begins on the same day.") % {"line": item.read.line}
            planning.problems.append(Problem(read.line, "valid_from", message))
            continue
        if read.yields and item is None and _already_so(items, read):
            planning.unchanged += 1
            continue
        row = make_row(planning.table, read, item.row if item else None)
        if not row.source:
            row.source = (item.row.source if item else "") or planning.source
        if read.yields and item is not None:
            _keep_words(row, item.row)
        problems = row_problems(planning.table, row, read.line)
        planning.problems += problems
        if not problems:
            items[begins] = _Item(row, was=item.was if item else None, read=read)
    return [items[begins] for begins in sorted(items)]


def _settle(planning: _Planning, items: list[_Item]) -> None:
    """End each row where the next begins; what no line explains is a problem."""
    for number, (before, item) in enumerate(pairwise(items), start=2):
        after = items[number] if number < len(items) else None
        ends = before.row.valid_to
        if ends is not None and ends <= item.row.valid_from:
            continue
        is_stated = before.read is not None and before.read.values.get("valid_to") is not None
        if is_stated:
            planning.problems.append(_overlap(before, item))
            continue
        if item.read is None:  # An open row of the file ends where one that is there begins.
            before.row.valid_to = item.row.valid_from
            continue
        if _leaves_gap(item.row, after.row if after else None, ends=ends):
            message = _(
                "The row before it goes on after that day: write a line for the time after, too."
            )
            planning.problems.append(Problem(item.read.line, "valid_to", message))
            continue
        if item.read.yields and after is None and item.row.valid_to is None:
            item.row.valid_to = ends
        before.row.valid_to = item.row.valid_from
        before.ended_by = item.read.line


def _leaves_gap(row: Dated, after: Dated | None, *, ends: date | None) -> bool:
    if row.valid_to is None or (ends is not None and row.valid_to >= ends):
        return False
    return after is None or after.valid_from > row.valid_to


def _overlap(item: _Item, other: _Item) -> Problem:
    line = item.read.line if item.read else 0
    days = {"begins": other.row.valid_from.isoformat()}
    if other.row.valid_to:
        days["ends"] = (other.row.valid_to - _DAY).isoformat()
        message = _("Another row is in force from %(begins)s to %(ends)s.") % days
    else:
        message = _("Another row is in force from %(begins)s on.") % days
    return Problem(line, "valid_to", message)


def _tell(planning: _Planning, items: list[_Item]) -> None:
    for item in items:
        if item.read is None and not item.ended_by:
            continue
        differences = tuple(_differences(planning.table, item))
        line, note = item.ended_by, ""
        if item.read is not None:
            line, note = item.read.line, item.read.note
        if item.was is None:
            kind = Kind.NEW
            is_past = item.row.valid_from < planning.today
        elif not differences:
            planning.unchanged += 1
            continue
        elif item.read is None or (
            {name for name, *_was in differences} == {"valid_to"} and (item.ended_by)
        ):
            kind, line = Kind.ENDED, item.ended_by
            is_past = _past(item, differences, planning.today)
        else:
            kind, is_past = Kind.CHANGED, _past(item, differences, planning.today)
        planning.changes.append(Change(kind, item.row, line, differences, is_past, note))


def _past(item: _Item, differences: Iterable[tuple[str, Any, Any]], today: date) -> bool:
    changed = {name for name, *_was in differences} - _WORDS
    if changed - {"valid_to"}:
        return item.row.valid_from < today
    if not changed or item.was is None:
        return False
    # From the earlier of both ends on another answer is given.
    ends = [day for day in (item.was.valid_to, item.row.valid_to) if day is not None]
    return min(ends) < today


def _differences(table: LawTable, item: _Item) -> Iterator[tuple[str, Any, Any]]:
    if item.was is None:
        return
    for column in table.columns:
        was, now = getattr(item.was, column.attname), getattr(item.row, column.attname)
        if was != now:
            yield column.name, was, now


def _already_so(items: dict[date, _Item], read: Read) -> bool:
    """Say whether the row in force on the day that a rate begins has that rate already."""
    begins = read.values["valid_from"]
    for item in items.values():
        row = item.row
        if row.valid_from <= begins and (row.valid_to is None or row.valid_to > begins):
            later = [day for day in items if row.valid_from < day <= begins]
            return not later and getattr(row, "percent", None) == read.values.get("percent")
    return False


def _keep_words(row: Dated, was: Dated) -> None:
    """Leave the wording of a row whose rate a list merely confirms."""
    if getattr(row, "percent", None) == getattr(was, "percent", None):
        for name in _WORDS:
            if hasattr(row, name):
                setattr(row, name, getattr(was, name))


def _copy(row: Dated) -> Dated:
    made = type(row)()
    for column in row._meta.concrete_fields:
        setattr(made, column.attname, getattr(row, column.attname))
    return made
