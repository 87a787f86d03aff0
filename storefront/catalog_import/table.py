"""A CSV file as records with the lines that they begin on, whatever is wrong with some."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from storefront.catalog_import.rows import RowError

MAX_BYTES = 50_000_000
_MAX_CELL = 200_000
_DELIMITERS = ",;\t"


class FileRefused(Exception):
    """A file that cannot be read as a catalogue at all; the message says why in plain words."""


@dataclass(frozen=True)
class Record:
    line: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """Give a cell without spaces around it; "" where the file has no such column."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    errors: tuple[RowError, ...]


def read_table(path: Path) -> Table:
    """Read a file; its columns' names in small letters.

    Rows that are broken (quotes, number of cells, characters) are errors and the rest is read.
    Raises FileRefused.
    """
    lines = _lines(path)
    if not lines:
        raise FileRefused("The file is empty.")
    found = _split(lines, delimiter=max(_DELIMITERS, key=lines[0].count))
    first = next(found)
    if isinstance(first, RowError):
        raise FileRefused(f"The header cannot be read: {first.reason}.")
    columns = tuple(" ".join(name.split()).lower() for name in first[1])
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise FileRefused(f"The header names a column twice: {', '.join(twice)}.")
    records: list[Record] = []
    errors: list[RowError] = []
    for row in found:
        record = row if isinstance(row, RowError) else _record(*row, columns=columns)
        if isinstance(record, RowError):
            errors.append(record)
        elif any(record.cells.values()):
            records.append(record)
    return Table(columns, tuple(records), tuple(errors))


def _lines(path: Path) -> list[str]:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileRefused(
                f"The file has {size:,} bytes; at most {MAX_BYTES:,} are read. Split it."
            )
        raw = path.read_bytes()
    except OSError as error:
        raise FileRefused(f"The file cannot be read: {error.strerror}.") from error
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("The file is UTF-16; save it as CSV in UTF-8.")
    # Bytes that are no UTF-8 are kept as surrogates, which name the row that they stand in.
    text = raw.decode("utf-8-sig", errors="surrogateescape")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _split(lines: list[str], *, delimiter: str) -> Iterator[tuple[int, list[str]] | RowError]:
    """Split lines into rows; after a broken row go on with the line below its first one.

    An open quote would otherwise swallow all that follows.
    """
    start = 0
    while start < len(lines):
        reader = csv.reader(_following(lines, start), delimiter=delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error as error:
            yield RowError(start + 1, "", f"quoting is broken: {_explain(error)}")
            start += 1
        else:
            yield start + 1, cells
            start += reader.line_num


def _following(lines: list[str], start: int) -> Iterator[str]:
    characters = 0
    for line in islice(lines, start, None):
        yield f"{line}\n"
        characters += len(line)
        if characters > _MAX_CELL:
            return  # A quote that is still open here was never meant to be.


def _explain(error: csv.Error) -> str:
    message = str(error)
    if "unexpected end of data" in message or "field larger" in message:
        return "a quote is opened and not closed"
    if "expected after" in message:
        return "text follows a closing quote; a quote inside a text is written twice"
    return message


def _record(line: int, cells: list[str], *, columns: tuple[str, ...]) -> Record | RowError:
    if len(cells) != len(columns):
        if not any(cells):
            return Record(line, {})
        return RowError(line, "", f"has {len(cells)} cells where the header has {len(columns)}")
    for column, cell in zip(columns, cells, strict=True):
        if "\0" in cell:
            return RowError(line, column, "holds a NUL character")
        if any("\udc80" <= character <= "\udcff" for character in cell):
            return RowError(line, column, "is not UTF-8; save the file as UTF-8")
    return Record(line, dict(zip(columns, cells, strict=True)))
