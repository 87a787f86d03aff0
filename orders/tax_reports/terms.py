"""How a scheme wants its returns: dated rows that are read from this package's `data`."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from orders.tax_reports.periods import Period, add_months, period_of

UNION_OSS = "union_oss"
IOSS = "ioss"
SCHEME_OF = {"oss": UNION_OSS, "ioss": IOSS}  # By the report's name.
_ROWS = Path(__file__).resolve().parent / "data" / "return_terms.csv"


@dataclass(frozen=True)
class ReturnTerms:
    """From `valid_from` to the day before `valid_to`; None is open."""

    scheme: str
    months: int
    currency: str
    due_months: int
    correction_years: int
    valid_from: date
    valid_to: date | None
    source: str

    def counts_from(self, *, sale_on: date, issued_on: date) -> date:
        """Give the day from which a sale counts: its own while its return can still be filed.

        One that was invoiced later is told as a correction in the return of that time.
        """
        return sale_on if issued_on <= self.due_on(self.period_of(sale_on)) else issued_on

    def period_of(self, day: date) -> Period:
        return period_of(day, months=self.months)

    def due_on(self, period: Period) -> date:
        """Give the last day on which a period's return can be filed in time."""
        return add_months(period.next().first, self.due_months) - timedelta(days=1)

    def correctable_until(self, period: Period) -> date:
        """Give the last day on which a later return may still correct a period."""
        after = add_months(period.next().first, self.due_months + 12 * self.correction_years)
        return after - timedelta(days=1)


def find_terms(scheme: str, *, on: date) -> ReturnTerms | None:
    """Give how a scheme wants the return of a period that ends on a day."""
    for row in list_terms():
        if row.scheme == scheme and row.valid_from <= on < (row.valid_to or date.max):
            return row
    return None


@lru_cache(maxsize=1)
def list_terms() -> tuple[ReturnTerms, ...]:
    with _ROWS.open(encoding="utf-8", newline="") as rows:
        return tuple(
            ReturnTerms(
                scheme=row["scheme"],
                months=int(row["months"]),
                currency=row["currency"],
                due_months=int(row["due_months"]),
                correction_years=int(row["correction_years"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                source=row["source"],
            )
            for row in csv.DictReader(rows)
        )
