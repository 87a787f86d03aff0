"""A document as a page and as a PDF file, PDF/A-3 with the e-invoice inside where there is one."""

from typing import Any, NoReturn

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import override

from orders.models import Invoice
from storefront.documents.document import Document, read_document
from storefront.documents.einvoice import embed_einvoice, write_einvoice
from storefront.documents.pango import PdfUnavailable

STYLESHEET = "storefront/css/document.css"


def render_html(invoice: Invoice, *, page: Any = None) -> str:
    """Write a document as HTML in its own language; `page` is what stands around it on screen."""
    return _html(invoice, read_document(invoice), page=page)


def render_pdf(invoice: Invoice) -> bytes:
    """Write a document as PDF/A-3; takes about a second. Raises PdfUnavailable.

    Where an e-invoice exists it is embedded (Factur-X, also called ZUGFeRD).
    """
    weasyprint = _weasyprint()
    document = read_document(invoice)
    sheet = weasyprint.CSS(filename=finders.find(STYLESHEET), url_fetcher=_refuse)
    html = weasyprint.HTML(string=_html(invoice, document, page=None), url_fetcher=_refuse)
    pdf: bytes = html.write_pdf(
        stylesheets=[sheet],
        pdf_variant="pdf/a-3u",
        pdf_tags=True,
        pdf_identifier=invoice.reference.encode(),
    )
    xml = write_einvoice(invoice)
    return (
        embed_einvoice(pdf, xml, document=document, seller=invoice.seller["name"]) if xml else pdf
    )


def _html(invoice: Invoice, document: Document, *, page: Any) -> str:
    with override(invoice.language):
        return render_to_string("documents/invoice.html", {"document": document, "page": page})


def _weasyprint() -> Any:
    """Import what opens the system's libraries only when a PDF is asked for."""
    try:
        import weasyprint
    except OSError as error:  # What cffi raises for a library that is not there.
        raise PdfUnavailable(str(error).splitlines()[0]) from error
    return weasyprint


def _refuse(url: str, *args: Any, **kwargs: Any) -> NoReturn:
    """A document holds all it needs; nothing in it may make the server fetch anything."""
    raise ValueError(f"Documents load nothing: {url}")
