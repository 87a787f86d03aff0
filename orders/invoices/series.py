"""Numbers without a gap: taken in the transaction that writes the document, or not at all."""

from dataclasses import dataclass

from django.db import connection

from markets.models import LegalEntity
from orders.models import InvoiceKind

# The row stays locked until the transaction ends, so that the next one waits: what is rolled
# back gives its number to whoever comes after. The company is locked with it, shared: while one
# of its returns is being filed, no document is on its way.
_TAKE = """
WITH company AS (SELECT id FROM markets_legalentity WHERE id = %s FOR SHARE)
INSERT INTO orders_invoiceseries AS series (legal_entity_id, year, kind, last_number)
SELECT id, %s, %s, 1 FROM company
ON CONFLICT (legal_entity_id, year, kind)
DO UPDATE SET last_number = series.last_number + 1
RETURNING id, last_number
"""
_MARKS = {InvoiceKind.INVOICE: "", InvoiceKind.CREDIT_NOTE: "C-"}


@dataclass(frozen=True)
class TakenNumber:
    series_id: int
    number: int
    reference: str


def take_number(entity: LegalEntity, kind: InvoiceKind, *, year: int) -> TakenNumber:
    """Take the next number of a company's documents of a kind in a year.

    Locks the series until the caller's transaction ends: take it last, after the order's lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [entity.pk, year, str(kind)])
        series_id, number = cursor.fetchone()
    return TakenNumber(
        series_id, number, f"{entity.invoice_prefix}-{_MARKS[kind]}{year}-{number:06d}"
    )
