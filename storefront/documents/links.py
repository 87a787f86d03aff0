"""Where an order's documents are, for the pages and letters that lead to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from orders.invoices import list_invoices
from orders.models import Order


@dataclass(frozen=True)
class DocumentLink:
    """`kind` is invoice or credit_note."""

    kind: str
    reference: str
    day: date
    page_url: str
    pdf_url: str


def list_documents(order: Order) -> Sequence[DocumentLink]:
    """List an order's documents with their addresses in the active shop; one query."""
    return [
        DocumentLink(
            kind=invoice.kind,
            reference=invoice.reference,
            day=invoice.issued_on,
            page_url=reverse("documents:page", args=[order.token, invoice.reference]),
            pdf_url=reverse("documents:pdf", args=[order.token, invoice.reference]),
        )
        for invoice in list_invoices(order)
    ]
