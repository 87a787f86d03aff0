"""Dated rows of law from CSV files: whole files or nothing, and what is wrong by line and column.

The first line names the columns as the tables do. Days are written 2026-07-01, yes and no as
such, a market by its code; an empty cell is the column's default.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from markets.models.dated import Dated
from markets.models.duties import (
    CustomsTerritory,
    DutyRate,
    ImportFee,
    ImportRule,
    IncotermRule,
)
from markets.models.market import Market

# Each table's file, and the columns within which no two rows are in force at a time.
TABLES: dict[str, tuple[type[Dated], tuple[str, ...]]] = {
    "customs_territories": (CustomsTerritory, ("country",)),
    "import_rules": (ImportRule, ("destination", "origin_group")),
    "duty_rates": (
        DutyRate,
        ("destination", "hs_prefix", "origin", "stack_group", "scheme"),
    ),
    "import_fees": (ImportFee, ("destination", "kind")),
    "incoterms": (IncotermRule, ("market", "origin", "destination")),
}
_KEYS = dict(TABLES.values())


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file: line 1 names the columns, the column is "" for the whole line."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = _("line %(line)d") % {"line": self.line}
        if self.column:
            where += f", {self.column}"
        return f"{where}: {self.message}"


class BadFile(ValueError):
    """A file that was not taken, none of it; `problems` are in the order of its lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Imported:
    """How many rows were added, changed where they stood, and ended by one that follows."""

    added: int = 0
    changed: int = 0
    ended: int = 0


@dataclass(frozen=True)
class _Read:
    line: int
    row: Dated


@transaction.atomic
def import_rows(table: str, lines: Iterable[str]) -> Imported:
    """Take a file's rows over into a table; raise BadFile and take none if one of them is bad.

    A row that begins on the day of one already there replaces it. A row that begins later ends
    the open one before it on that day: so a change of law is a line that is added. Any other
    overlap is bad.
    """
    model, key = TABLES[table]
    read, problems = _parse(model, lines)
    if problems:
        raise BadFile(problems)
    there = _by_key(model._default_manager.select_for_update(), key)
    added, changed, ended = 0, 0, 0
    for found in sorted(read, key=lambda found: found.row.valid_from):
        row, others = found.row, there.setdefault(_key(found.row, key), [])
        same = next((other for other in others if other.valid_from == row.valid_from), None)
        if same is not None:
            row.pk = same.pk
            others.remove(same)
        before = next(
            (o for o in others if o.valid_to is None and o.valid_from < row.valid_from), None
        )
        if before is not None:
            before.valid_to = row.valid_from
            before.save(update_fields=["valid_to"])
            ended += 1
        if any(_overlap(row, other) for other in others):
            problems.append(
                Problem(found.line, "valid_from", _("Another row is in force in this time."))
            )
            continue
        row.save(force_insert=same is None, force_update=same is not None)
        others.append(row)
        added, changed = added + (same is None), changed + (same is not None)
    if problems:
        raise BadFile(sorted(problems, key=lambda problem: problem.line))
    return Imported(added=added, changed=changed, ended=ended)


@transaction.atomic
def add_missing(table: str, lines: Iterable[str]) -> int:
    """Add the rows whose time no row covers yet, in part or in whole; give how many were added.

    So what staff has changed stays. Lines of markets that are not there are left out. Raises
    BadFile and adds none if a row is bad.
    """
    model, key = TABLES[table]
    read, problems = _parse(model, lines, skip_unknown_markets=True)
    if problems:
        raise BadFile(problems)
    there = _by_key(model._default_manager.all(), key)
    new = [
        found.row
        for found in read
        if not any(_overlap(found.row, other) for other in there.get(_key(found.row, key), ()))
    ]
    return len(model._default_manager.bulk_create(new))


def read_lines(file: IO[bytes]) -> list[str]:
    """Read an uploaded file's lines; raise BadFile where it is no UTF-8 text."""
    try:
        return file.read().decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise BadFile([Problem(1, "", _("The file is no UTF-8 text."))]) from error


def _parse(
    model: type[Dated], lines: Iterable[str], *, skip_unknown_markets: bool = False
) -> tuple[list[_Read], list[Problem]]:
    reader = csv.reader(lines)
    names = next(reader, [])
    if problems := _bad_header(model, names):
        return [], problems
    markets = {market.code: market for market in Market.objects.all()} if "market" in names else {}
    read: list[_Read] = []
    for cells in reader:
        if not any(cells):
            continue
        line = reader.line_num
        if len(cells) != len(names):
            problems.append(
                Problem(line, "", _("It has %(found)d columns, not %(wanted)d.")
                        % {"found": len(cells), "wanted": len(names)})
            )  # fmt: skip
            continue
        named = dict(zip(names, cells, strict=True))
        if skip_unknown_markets and named.get("market", "") not in {"", *markets}:
            continue
        row, bad = _make(model, named, markets=markets, line=line)
        problems.extend(bad)
        if row is not None:
            read.append(_Read(line=line, row=row))
    problems.extend(_repeated(read, _KEYS[model]))
    return read, sorted(problems, key=lambda problem: problem.line)


def _bad_header(model: type[Dated], names: list[str]) -> list[Problem]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    known = {field.name for field in fields}
    problems = [
        Problem(1, name, _("There is no such column.")) for name in names if name not in known
    ]
    problems += [
        Problem(1, name, _("The column is there twice."))
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    needed = {
        field.name
        for field in fields
        if not field.has_default() and not (field.blank or field.null)
    }
    return problems + [
        Problem(1, name, _("The column is missing.")) for name in sorted(needed - set(names))
    ]


def _make(
    model: type[Dated], cells: dict[str, str], *, markets: dict[str, Market], line: int
) -> tuple[Dated | None, list[Problem]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, cell in cells.items():
        field: Any = model._meta.get_field(name)
        try:
            if (value := _value(field, cell.strip(), markets)) is not _DEFAULT:
                values[name] = value
        except ValueError as error:
            problems.append(Problem(line, name, str(error)))
    if problems:
        return None, problems
    row = model(**values)
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            column = name if _is_column(model, name) else ""
            problems += [Problem(line, column, message) for message in messages]
        return None, problems
    return row, []


_DEFAULT = object()


def _value(field: "models.Field[Any, Any]", cell: str, markets: dict[str, Market]) -> Any:
    if isinstance(field, models.ForeignKey):
        if cell not in markets:
            raise ValueError(_("There is no such market."))
        return markets[cell]
    if not cell:
        return _DEFAULT
    if isinstance(field, models.BooleanField):
        if cell not in ("yes", "no"):
            raise ValueError(_("Write yes or no."))
        return cell == "yes"
    if isinstance(field, models.DateField):
        try:
            return date.fromisoformat(cell)
        except ValueError:
            raise ValueError(_("Write a day as 2026-07-01.")) from None
    if isinstance(field, models.JSONField):
        try:
            return json.loads(cell)
        except ValueError:
            raise ValueError(_("This is no JSON.")) from None
    return cell


def _is_column(model: type[Dated], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _repeated(read: Sequence[_Read], key: tuple[str, ...]) -> Iterator[Problem]:
    first: dict[tuple[Any, ...], int] = {}
    for found in read:
        same = (*_key(found.row, key), found.row.valid_from)
        if same in first:
            yield Problem(
                found.line, "valid_from",
                _("Line %(line)d begins on the same day.") % {"line": first[same]},
            )  # fmt: skip
        first.setdefault(same, found.line)


def _by_key(rows: Iterable[Dated], key: tuple[str, ...]) -> dict[tuple[Any, ...], list[Dated]]:
    found: dict[tuple[Any, ...], list[Dated]] = {}
    for row in rows:
        found.setdefault(_key(row, key), []).append(row)
    return found


def _key(row: Dated, names: tuple[str, ...]) -> tuple[Any, ...]:
    names = tuple("market_id" if name == "market" else name for name in names)
    return tuple(getattr(row, name) for name in names)


def _overlap(one: Dated, other: Dated) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )
