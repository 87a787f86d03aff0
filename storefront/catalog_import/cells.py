"""Collecting what is wrong with a row instead of stopping at the first cell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from storefront.catalog_import.rows import BadValue, RowError
from storefront.catalog_import.table import Record

T = TypeVar("T")
LONGEST_OPTION = 80


@dataclass
class Cells:
    """The cells of one row; `errors` grows by each that cannot be used."""

    record: Record
    errors: list[RowError] = field(default_factory=list)

    def read(self, column: str, reader: Callable[[str], T]) -> T | None:
        """Read a cell that may be empty; None when it is or when it cannot be used."""
        cell = self.record.get(column)
        return self._try(column, cell, reader) if cell else None

    def require(self, column: str, reader: Callable[[str], T], *, missing: str) -> T | None:
        """Read a cell that must not be empty; `missing` is what to say when it is."""
        cell = self.record.get(column)
        if not cell:
            self.refuse(column, missing)
            return None
        return self._try(column, cell, reader)

    def refuse(self, column: str, reason: str) -> None:
        self.errors.append(RowError(self.record.line, column, reason))

    def _try(self, column: str, cell: str, reader: Callable[[str], T]) -> T | None:
        try:
            return reader(cell)
        except BadValue as bad:
            self.refuse(column, str(bad))
            return None


def read_options(cells: Cells, columns: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Read pairs of an option's name and value; a pair of empty cells is no option."""
    found = []
    for name_column, value_column in columns:
        name, value = cells.record.get(name_column), cells.record.get(value_column)
        if bool(name) != bool(value):
            cells.refuse(value_column if name else name_column, "is missing")
        elif max(len(name), len(value)) > LONGEST_OPTION:
            cells.refuse(value_column, f"is too long; at most {LONGEST_OPTION} characters fit")
        elif name:
            found.append((name, value))
    return tuple(found)
