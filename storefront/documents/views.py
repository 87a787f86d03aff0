from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from orders.invoices import find_invoice
from orders.models import Invoice, Order
from storefront.documents.access import sees_documents
from storefront.documents.einvoice import has_einvoice, write_einvoice
from storefront.documents.pango import PdfUnavailable, missing_libraries
from storefront.documents.rendering import render_html, render_pdf


@dataclass(frozen=True)
class Surroundings:
    """What stands around a document on the screen."""

    back_url: str = ""
    pdf_url: str = ""
    xml_url: str = ""
    message: str = ""


@require_safe
def page(request: HttpRequest, token: str, reference: str) -> HttpResponse:
    invoice = _of_order(token, reference)
    return _page(invoice, _around(invoice, "documents:", token, reference))


@require_safe
def pdf(request: HttpRequest, token: str, reference: str) -> HttpResponse:
    invoice = _of_order(token, reference)
    return _pdf(invoice, _around(invoice, "documents:", token, reference))


@require_safe
def xml(request: HttpRequest, token: str, reference: str) -> HttpResponse:
    return _xml(_of_order(token, reference))


@require_safe
@sees_documents
def staff_page(request: HttpRequest, reference: str) -> HttpResponse:
    invoice = _of_staff(reference)
    return _page(invoice, _around(invoice, "staff-documents:", reference))


@require_safe
@sees_documents
def staff_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    invoice = _of_staff(reference)
    return _pdf(invoice, _around(invoice, "staff-documents:", reference))


@require_safe
@sees_documents
def staff_xml(request: HttpRequest, reference: str) -> HttpResponse:
    return _xml(_of_staff(reference))


def _of_order(token: str, reference: str) -> Invoice:
    """Find a document of an order by the order's token: who has that may see all of the order."""
    order = get_object_or_404(Order, token=token)
    return _found(find_invoice(reference, order=order))


def _of_staff(reference: str) -> Invoice:
    return _found(find_invoice(reference))


def _found(invoice: Invoice | None) -> Invoice:
    if invoice is None:
        raise Http404
    return invoice


def _around(invoice: Invoice, space: str, *args: str) -> Surroundings:
    for_shopper = space == "documents:"
    return Surroundings(
        back_url=reverse("shop:order", args=args[:1])
        if for_shopper
        else reverse("staff:order", args=[invoice.order.number]),
        pdf_url="" if missing_libraries() else reverse(f"{space}pdf", args=args),
        xml_url=reverse(f"{space}xml", args=args) if has_einvoice(invoice) else "",
    )


def _page(invoice: Invoice, around: Surroundings) -> HttpResponse:
    response = HttpResponse(render_html(invoice, page=around))
    response["Content-Language"] = invoice.language
    return _private(response)


def _pdf(invoice: Invoice, around: Surroundings) -> HttpResponse:
    """Give the file, or the page with the reason where this server cannot write one."""
    try:
        content = render_pdf(invoice)
    except PdfUnavailable:
        with override(invoice.language):
            message = _("This server cannot write PDF files. Please print this page instead.")
        return _page(invoice, Surroundings(around.back_url, "", around.xml_url, message))
    return _file(content, f"{invoice.reference}.pdf", "application/pdf")


def _xml(invoice: Invoice) -> HttpResponse:
    content = write_einvoice(invoice)
    if content is None:
        raise Http404
    return _file(content, f"{invoice.reference}.xml", "application/xml")


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    return response
