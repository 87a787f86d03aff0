"""Cells to rows of a table of law, and what is wrong with them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from catalog.models import TaxCategory
from markets.law_files.problems import Problem
from markets.law_files.sheets import Sheet
from markets.law_files.tables import LawTable
from markets.models.dated import Dated
from markets.models.market import Market

_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_DECIMAL_COMMA = re.compile(r"\d+,\d+")
_YES, _NO = {"yes", "true", "1"}, {"no", "false", "0"}


@dataclass(frozen=True)
class Read:
    """A line of a file as values of columns; those that the file does not name are not in it.

    A row that `yields` is of a list that confirms what it finds: where its rate holds already it
    is not added, and what it begins ends when that which it follows would have.
    """

    line: int
    values: dict[str, Any]
    yields: bool = False
    note: str = ""


@dataclass
class Reading:
    """What a file says, in the order of its lines."""

    reads: list[Read] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_rows(table: LawTable, sheet: Sheet, *, skip_unknown_markets: bool = False) -> Reading:
    """Read a file in the table's own columns."""
    if problems := _bad_header(table, sheet.names):
        return Reading(problems=problems)
    reading = Reading(problems=list(sheet.problems))
    related = _related(sheet.names)
    fields = {column.name: column for column in table.columns}
    for record in sheet.records:
        if skip_unknown_markets and record.cells.get("market", "") not in {"", *related["market"]}:
            continue
        values: dict[str, Any] = {}
        for name, cell in record.cells.items():
            try:
                values[name] = _value(fields[name], cell, related, commas=sheet.has_decimal_commas)
            except ValueError as error:
                reading.problems.append(Problem(record.line, name, str(error)))
        if len(values) == len(record.cells):
            reading.reads.append(Read(record.line, values))
    return reading


def make_row(table: LawTable, read: Read, base: Dated | None) -> Dated:
    """Make an unsaved row: what the line says, over a row that is there or the defaults."""
    row = table.model()
    if base is not None:
        for column in table.model._meta.concrete_fields:
            setattr(row, column.attname, getattr(base, column.attname))
    for name, value in read.values.items():
        setattr(row, name, value)
    return row


def row_problems(table: LawTable, row: Dated, line: int) -> list[Problem]:
    """List what the table's own rules have against a row; it gets its columns' types by that."""
    try:
        row.full_clean(
            exclude=[column.name for column in table.columns if column.is_relation],  # Looked up.
            validate_unique=False,
            validate_constraints=False,
        )
        for constraint in table.model._meta.constraints:
            if table.asks_database and isinstance(constraint, models.CheckConstraint):
                constraint.validate(table.model, row)
    except ValidationError as error:
        by_column = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return [
            Problem(line, name if _is_column(table, name) else "", message)
            for name, messages in by_column.items()
            for message in messages
        ]
    return [
        Problem(line, column.name, _(
            "An HS code has an even number of digits; a spreadsheet may have dropped its first 0."
        ))
        for column in table.columns
        if column.name == "hs_prefix" and len(getattr(row, column.name)) in (3, 5, 7)
    ]  # fmt: skip


def _related(names: tuple[str, ...]) -> dict[str, Mapping[str, models.Model]]:
    related: dict[str, Mapping[str, models.Model]] = {"market": {}, "category": {}}
    if "market" in names:
        related["market"] = {market.code: market for market in Market.objects.all()}
    if "category" in names:
        related["category"] = TaxCategory.objects.in_bulk()
    return related


def _bad_header(table: LawTable, names: tuple[str, ...]) -> list[Problem]:
    columns = table.columns
    known = {column.name for column in columns}
    problems = [
        Problem(1, name, _("There is no such column.")) for name in names if name not in known
    ]
    problems += [
        Problem(1, name, _("The column is there twice."))
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    missing = {column.name for column in columns if is_needed(column)} - set(names)
    return problems + [Problem(1, name, _("The column is missing.")) for name in sorted(missing)]


def is_needed(column: "models.Field[Any, Any]") -> bool:
    """Say whether a file must have the column."""
    return not column.has_default() and not (column.blank or column.null)


def _value(
    column: "models.Field[Any, Any]",
    cell: str,
    related: dict[str, Mapping[str, models.Model]],
    *,
    commas: bool,
) -> Any:
    if isinstance(column, models.ForeignKey):
        if cell not in related[column.name]:
            raise ValueError(
                _("There is no such market.")
                if column.name == "market"
                else _("There is no such tax category.")
            )
        return related[column.name][cell]
    if not cell:
        return column.get_default()
    if isinstance(column, models.BooleanField):
        if cell.lower() not in _YES | _NO:
            raise ValueError(_("Write yes or no."))
        return cell.lower() in _YES
    if isinstance(column, models.DateField):
        return read_day(cell)
    if isinstance(column, models.JSONField):
        try:
            return json.loads(cell)
        except ValueError:
            raise ValueError(_("This is no JSON.")) from None
    if isinstance(column, models.DecimalField) and commas and _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    try:
        return column.to_python(cell)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from None


def read_day(cell: str) -> date:
    """Read 2026-07-01 or 01.07.2026; raise ValueError at what could be two days."""
    try:
        if found := _GERMAN_DAY.fullmatch(cell):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if len(cell) == 10:
            return date.fromisoformat(cell)
    except ValueError:
        pass
    raise ValueError(_("Write a day as 2026-07-01."))


def _is_column(table: LawTable, name: str) -> bool:
    try:
        table.model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
