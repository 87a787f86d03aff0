"""A table of law as a file that can be imported again after work in a spreadsheet."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

from django.db import models

from markets.law_files.sheets import FORMULA_STARTS
from markets.law_files.tables import LAW_TABLES
from markets.law_files.taking import HS_CODES
from markets.models.duties import HsCode

# Spreadsheets take a file for UTF-8 only if it begins so.
BYTE_ORDER_MARK = "\ufeff"


def export_lines(table: str) -> Iterator[str]:
    """Give a table's lines, the columns' names first."""
    if table == HS_CODES:
        codes = HsCode.objects.order_by("code").values_list("code", "description")
        yield from _lines(("code", "description"), codes)
        return
    columns = LAW_TABLES[table].columns
    rows = LAW_TABLES[table].model._default_manager.order_by(*LAW_TABLES[table].key, "valid_from")
    related = [column.name for column in columns if column.is_relation]
    yield from _lines(
        [column.name for column in columns],
        ([_cell(column, row) for column in columns] for row in rows.select_related(*related)),
    )


def _lines(names: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    for cells in (names, *rows):
        line = StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(map(_safe, cells))
        yield line.getvalue()


def _cell(column: "models.Field[Any, Any]", row: models.Model) -> str:
    value = getattr(row, column.name)
    if value is None:
        return ""
    if isinstance(column, models.ForeignKey):
        return str(value.code)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(column, models.JSONField):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
