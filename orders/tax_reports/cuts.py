"""Where returns were cut when they were filed: what was issued later counts later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from orders.models import FiledReturn
from orders.tax_reports.periods import Period, period_of


@dataclass(frozen=True)
class Cuts:
    """The filed periods of one report, company and length, with the last document of each."""

    months: int
    last: Mapping[Period, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.last)

    def with_cut(self, period: Period, document: int) -> "Cuts":
        return Cuts(self.months, {**self.last, period: document})

    def counts_from(self, on: date, *, document: int, issued_on: date) -> date:
        """Give the day from which a document counts that would count from `on`.

        A period that was filed without it is closed: then it is the day of issue, at the
        earliest the first day after that period.
        """
        while document > self.last.get(period := period_of(on, months=self.months), document):
            on = max(issued_on, period.next().first)
        return on


def read_cuts(report: str, *, entity_id: int, months: int) -> Cuts:
    """Read where a company's returns of a length were cut; one query."""
    filed = FiledReturn.objects.filter(report=report, legal_entity=entity_id, months=months)
    return Cuts(
        months,
        {
            Period(first, months): last or 0
            for first, last in filed.values_list("first_day", "last_document_id")
        },
    )
