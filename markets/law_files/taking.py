"""Taking a file of law over into its table: looked at first, then all of it or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from catalog.reference import forget
from markets.law_files.nomenclature import plan_nomenclature
from markets.law_files.plans import Change, Kind, Plan, plan_rows
from markets.law_files.problems import BadFile, Problem
from markets.law_files.rows import Reading, make_row, read_rows, row_problems
from markets.law_files.sheets import read_sheet, read_text
from markets.law_files.tables import LAW_TABLES, LawTable
from markets.law_files.vat_rates import (
    HISTORY_COLUMNS,
    read_current,
    read_history,
    read_vat_list,
)
from markets.models.dated import Dated
from markets.models.duties import HsCode

HS_CODES = "hs_codes"
TABLE_NAMES = (*LAW_TABLES, HS_CODES)


class PlanChanged(Exception):
    """The table has changed since the plan was shown; nothing was taken."""


class PastRewritten(Exception):
    """The file changes what was in force before today, and nobody agreed; nothing was taken."""


@dataclass(frozen=True)
class LawFile:
    """A file for a table; `on` is the day that a list of current rates begins, `source` where
    it is from as far as its lines do not say."""

    table: str
    content: bytes
    source: str = ""
    on: date | None = None


def plan_file(file: LawFile, *, today: date) -> Plan:
    """Say what a file would change, without changing it; problems are in the plan."""
    try:
        text = read_text(file.content)
        if file.table == HS_CODES:
            return plan_nomenclature(read_sheet(text))
        table = LAW_TABLES[file.table]
        reading = _read(table, text, on=file.on or None, today=today)
    except BadFile as error:
        return Plan(problems=error.problems)
    rows = table.model._default_manager.all()
    return plan_rows(table, reading, rows, today=today, source=file.source)


@transaction.atomic(durable=True)
def take_file(
    file: LawFile, *, today: date, fingerprint: str | None = None, rewrite_past: bool = False
) -> Plan:
    """Take a file over; give what was done.

    Locks the table against others who write. Raises BadFile, PlanChanged where the plan is not
    the one of the fingerprint, and PastRewritten where days before today would change and that was
    not agreed to; nothing is taken then.
    """
    model: type[models.Model] = HsCode if file.table == HS_CODES else LAW_TABLES[file.table].model
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
    plan = plan_file(file, today=today)
    if plan.problems:
        raise BadFile(plan.problems)
    if fingerprint is not None and fingerprint != plan.fingerprint:
        raise PlanChanged
    if plan.rewrites_past and not rewrite_past:
        raise PastRewritten
    try:
        _write(model, plan.changes)
    except IntegrityError as error:
        message = _("The database refuses the rows: %(reason)s")
        reason = str(error).split("\n", 1)[0]
        raise BadFile([Problem(1, "", message % {"reason": reason})]) from error
    transaction.on_commit(forget)
    return plan


@transaction.atomic
def add_missing(table: LawTable, lines: Iterable[str]) -> int:
    """Add the rows whose time no row covers yet, in part or in whole; give how many were added.

    So what staff has changed stays. Lines of markets that are not there are left out. Raises
    BadFile and adds none if a row is bad.
    """
    reading = read_rows(table, read_sheet(lines), skip_unknown_markets=True)
    problems = list(reading.problems)
    there: dict[tuple[object, ...], list[Dated]] = {}
    for row in table.model._default_manager.all():
        there.setdefault(table.key_of(row), []).append(row)
    new: list[Dated] = []
    for read in reading.reads:
        row = make_row(table, read, None)
        problems += row_problems(table, row, read.line)
        if not any(_overlap(row, other) for other in there.get(table.key_of(row), ())):
            new.append(row)
    if problems:
        raise BadFile(problems)
    return len(table.model._default_manager.bulk_create(new))


def _read(table: LawTable, text: str, *, on: date | None, today: date) -> Reading:
    is_rates = table.name == "tax_rates"
    if is_rates and text.lstrip().startswith("{"):
        listed = read_vat_list(text)
        return read_current(listed, on=on or listed.on or today)
    sheet = read_sheet(text)
    if is_rates and set(sheet.names) >= HISTORY_COLUMNS:
        return read_history(sheet)
    return read_rows(table, sheet)


def _write(model: type[models.Model], changes: Iterable[Change]) -> None:
    """Write what changes; rows that end do so before those that follow them begin."""
    new = [change.row for change in changes if change.kind is Kind.NEW]
    old = [change for change in changes if change.kind is not Kind.NEW]
    columns = [column.name for column in model._meta.concrete_fields if not column.primary_key]
    manager = model._default_manager
    for kind in (Kind.ENDED, Kind.CHANGED):
        rows = [change.row for change in old if change.kind is kind]
        manager.bulk_update(rows, columns, batch_size=500)
    manager.bulk_create(new, batch_size=2000)


def _overlap(one: Dated, other: Dated) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )
