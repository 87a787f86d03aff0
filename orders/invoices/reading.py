from orders.models import Invoice, Order


def find_invoice(reference: str, *, order: Order | None = None) -> Invoice | None:
    """Find a document by its number, of one order if that is given; its lines come with it."""
    rows = Invoice.objects.select_related("order__market", "corrects").prefetch_related("lines")
    if order is not None:
        rows = rows.filter(order=order)
    return rows.filter(reference=reference).first()


def list_invoices(order: Order) -> list[Invoice]:
    """List an order's documents as they were issued: the invoice, then its credit notes."""
    return list(order.invoices.order_by("issued_at", "id"))
