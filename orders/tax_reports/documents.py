"""The invoices and credit notes behind a row of a report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from orders.tax_reports.facts import Amounts, TaxFact, amounts_of, grouped
from orders.tax_reports.periods import parse_period
from orders.tax_reports.reports import Report, row_of

_SEPARATOR = "~"


@dataclass(frozen=True)
class Document:
    """What one document has in a row; credit notes are negative."""

    order_id: int
    order: str
    reference: str
    is_credit: bool
    on: date
    amounts: Amounts


def row_id(columns: Sequence[str]) -> str:
    """Name a row in an address."""
    return _SEPARATOR.join(columns)


def list_documents(report: Report, *, row: str = "") -> list[Document]:
    """List what a row is the sum of, or the whole report without one.

    A correction's row is named by its period and member state. Raises ValueError for a row that
    names no period there.
    """
    belongs = _test_of(report, row)
    facts = [fact for fact in report.facts if fact.on in report.period and belongs(fact)]
    documents = [
        Document(
            order_id=group[0].order_id,
            order=group[0].order,
            reference=reference,
            is_credit=group[0].is_credit,
            on=group[0].on,
            amounts=amounts_of(group)[0],
        )
        for reference, group in grouped(facts, lambda fact: fact.document).items()
    ]
    return sorted(documents, key=lambda document: (document.on, document.reference))


def _test_of(report: Report, row: str) -> Callable[[TaxFact], bool]:
    """Give what tells whether a fact is in a row."""
    if not row:
        return lambda fact: True
    columns = row.split(_SEPARATOR)
    is_return = report.name in ("oss", "ioss")
    if is_return and len(columns) == 2:
        earlier, country = parse_period(columns[0]), columns[1]
        return lambda fact: fact.sale_on in earlier and fact.country == country

    def is_own(fact: TaxFact) -> bool:
        named = row_id(row_of(report.name, fact)) == row
        return named and (not is_return or fact.sale_on in report.period)

    return is_own
