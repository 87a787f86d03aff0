"""The invoices and credit notes behind a row of a report."""

from collections.abc import Sequence
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

    A correction's row is named by its period and member state.
    """
    facts = [fact for fact in report.facts if _is_in(report, fact, row)]
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


def _is_in(report: Report, fact: TaxFact, row: str) -> bool:
    if fact.on not in report.period:
        return False
    columns = row.split(_SEPARATOR) if row else []
    if len(columns) == 2 and report.name in ("oss", "ioss"):
        earlier, country = columns
        return fact.sale_on in parse_period(earlier) and fact.country == country
    if not row:
        return True
    is_own = report.name not in ("oss", "ioss") or fact.sale_on in report.period
    return is_own and row_id(row_of(report.name, fact)) == row
