"""The document that belongs to a letter, in it."""

import logging
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.utils import timezone

from orders.invoices import NoLegalEntity, find_invoice
from orders.models import Invoice, OrderEvent
from storefront.documents.following import follow_dispatch, follow_refund
from storefront.documents.pango import PdfUnavailable
from storefront.documents.rendering import render_pdf

logger = logging.getLogger(__name__)


def attach_documents(mail: EmailMessage, event: OrderEvent) -> None:
    """Attach the documents that an event calls for, issuing them if need be.

    The first parcel's letter brings the invoice and the notes of what was paid back before it
    left. A letter goes out without them where there are none, or no PDF can be written: the
    order's page has them.
    """
    try:
        for issued in _issued_for(event):
            document = find_invoice(issued.reference)
            if document is not None:
                mail.attach(f"{document.reference}.pdf", render_pdf(document), "application/pdf")
    except (NoLegalEntity, PdfUnavailable) as error:
        logger.warning("The letter of event %s goes without its document: %s", event.pk, error)


def _issued_for(event: OrderEvent) -> Sequence[Invoice]:
    if event.kind == "shipment_dispatched" and not _is_later_parcel(event):
        return follow_dispatch(event, now=timezone.now())
    if event.kind == "refund_succeeded":
        note = follow_refund(event, now=timezone.now())
        return [note] if note else []
    return []


def _is_later_parcel(event: OrderEvent) -> bool:
    """The invoice went out with the letter of the first parcel."""
    parcels = OrderEvent.objects.filter(order=event.order_id, kind=event.kind)
    return parcels.order_by("occurred_at", "id").values_list("pk", flat=True)[0] != event.pk
