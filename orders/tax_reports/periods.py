"""Calendar months, quarters and years, as returns are made for them: pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_WRITTEN = re.compile(r"([12]\d{3})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
LENGTHS = (1, 3, 12)


@dataclass(frozen=True, order=True)
class Period:
    """A number of calendar months, 1, 3 or 12, that divides the year evenly."""

    first: date
    months: int

    def __post_init__(self) -> None:
        whole = self.months in LENGTHS and (self.first.month - 1) % self.months == 0
        if not whole or self.first.day != 1:
            raise ValueError(f"{self.months} months do not begin on {self.first}")

    @property
    def last(self) -> date:
        return self.next().first - timedelta(days=1)

    def next(self) -> "Period":
        return Period(add_months(self.first, self.months), self.months)

    def previous(self) -> "Period":
        return Period(add_months(self.first, -self.months), self.months)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        """Write it so that `parse_period` reads it: 2026, 2026-Q1, 2026-01."""
        match self.months:
            case 12:
                return f"{self.first.year:04}"
            case 3:
                return f"{self.first.year:04}-Q{(self.first.month + 2) // 3}"
            case _:
                return f"{self.first.year:04}-{self.first.month:02}"


def period_of(day: date, *, months: int) -> Period:
    """Give the month, quarter or year that a day is in."""
    return Period(date(day.year, (day.month - 1) // months * months + 1, 1), months)


def parse_period(text: str) -> Period:
    """Read 2026, 2026-Q1 or 2026-01. Raises ValueError."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no period")
    year, quarter, month = found.groups()
    if quarter:
        return Period(date(int(year), int(quarter) * 3 - 2, 1), 3)
    return Period(date(int(year), int(month or 1), 1), 1 if month else 12)


def add_months(day: date, months: int) -> date:
    """Give the same day of another month; the first days of months only, which all have."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, day.day)
