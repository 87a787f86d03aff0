"""The document that belongs to a letter, in it."""

import logging

from django.core.mail import EmailMessage
from django.utils import timezone

from orders.invoices import NoLegalEntity, find_invoice
from orders.models import OrderEvent
from storefront.documents.following import follow_dispatch, follow_refund
from storefront.documents.pango import PdfUnavailable
from storefront.documents.rendering import render_pdf

logger = logging.getLogger(__name__)
_FOLLOW = {"shipment_dispatched": follow_dispatch, "refund_succeeded": follow_refund}


def attach_documents(mail: EmailMessage, event: OrderEvent) -> None:
    """Attach the invoice or the credit note that an event calls for, issuing it if need be.

    A letter goes out without it where there is none, or no PDF can be written: the order's page
    has it.
    """
    follow = _FOLLOW.get(event.kind)
    if follow is None or _is_later_parcel(event):
        return
    try:
        issued = follow(event, now=timezone.now())
        invoice = find_invoice(issued.reference) if issued else None
        if invoice is not None:
            mail.attach(f"{invoice.reference}.pdf", render_pdf(invoice), "application/pdf")
    except (NoLegalEntity, PdfUnavailable) as error:
        logger.warning("The letter of event %s goes without its document: %s", event.pk, error)


def _is_later_parcel(event: OrderEvent) -> bool:
    """The invoice went out with the letter of the first parcel."""
    if event.kind != "shipment_dispatched":
        return False
    parcels = OrderEvent.objects.filter(order=event.order_id, kind=event.kind)
    return parcels.order_by("occurred_at", "id").values_list("pk", flat=True)[0] != event.pk
