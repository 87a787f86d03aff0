"""Bytes to named cells: encodings and separators as spreadsheets write them."""

import codecs
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

from markets.law_files.problems import BadFile, Problem

MOST_BYTES = 10_000_000
MOST_LINES = 50_000
_SEPARATORS = (",", ";", "\t")
# What a spreadsheet would take for a formula; such text is written with an apostrophe before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Record:
    """A line of a file: the line's number, and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A file's columns and lines; `problems` are lines of another length than the first."""

    names: tuple[str, ...]
    records: tuple[Record, ...]
    problems: tuple[Problem, ...]
    has_decimal_commas: bool = False


def read_text(content: bytes) -> str:
    """Decode a file; raise BadFile where it is too large, no UTF-8 text or no text at all."""
    if len(content) > MOST_BYTES:
        message = _("The file is larger than %(most)d MB.")
        raise BadFile([Problem(1, "", message % {"most": MOST_BYTES // 1_000_000})])
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("The file is no UTF-8 text. Save it from the spreadsheet as “CSV UTF-8”.")
        raise BadFile([Problem(1, "", message)]) from error
    if "\0" in text:
        raise BadFile([Problem(1, "", _("The file is no text. Save it as “CSV UTF-8”."))])
    return text


def read_sheet(text: str | Iterable[str]) -> Sheet:
    """Read a file's cells; the separator is the one that its first line has most of.

    Raises BadFile where nothing can be read of it.
    """
    text = text if isinstance(text, str) else "".join(text)
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        names = tuple(name.strip().lower() for name in next(reader, []))
        while names and not names[-1]:
            names = names[:-1]  # Spreadsheets leave empty columns at the end.
        records, problems = _records(reader, names)
    except csv.Error as error:
        message = _("A quotation mark is left open, or the line is too long.")
        raise BadFile([Problem(reader.line_num, "", message)]) from error
    return Sheet(names, tuple(records), tuple(problems), has_decimal_commas=separator == ";")


def _records(reader: Any, names: tuple[str, ...]) -> tuple[list[Record], list[Problem]]:
    records: list[Record] = []
    problems: list[Problem] = []
    begin = reader.line_num + 1
    for cells in reader:
        line, begin = begin, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(names):
            message = _("It has %(found)d columns, not %(wanted)d.")
            found = {"found": len(cells), "wanted": len(names)}
            problems.append(Problem(line, "", message % found))
            continue
        if len(records) >= MOST_LINES:
            message = _("The file has more than %(most)d lines.")
            raise BadFile([Problem(line, "", message % {"most": MOST_LINES})])
        records.append(Record(line, dict(zip(names, map(_plain, cells), strict=True))))
    return records, problems


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell
