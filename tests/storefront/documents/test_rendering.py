"""Documents as PDF: read as they are meant to be, with the e-invoice inside."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from orders.invoices import issue_invoice
from orders.models import Invoice
from storefront.documents import checks, rendering, views
from storefront.documents.pango import PACKAGES, PdfUnavailable, missing_libraries
from storefront.documents.rendering import render_html, render_pdf
from tests.browser import chromium_program
from tests.factories import NOW, make_address, make_market
from tests.orders.invoicing import (
    SUPPLIED,
    TEAPOT,
    Part,
    make_entity,
    make_eu,
    make_taxed_order,
)

pytestmark = [
    pytest.mark.django_db,
    # WeasyPrint leaves the file of its colour profile to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
]


@pytest.fixture
def pango() -> None:
    if missing_libraries():
        chromium_program()  # Pango comes with it.
    if missing_libraries():
        pytest.fail(f"PDF needs libraries of the system: {PACKAGES}", pytrace=False)


def issue(part: Part = TEAPOT, **fields: Any) -> Invoice:
    order = make_taxed_order([part], component={"regime": "oss"}, **fields)
    return issue_invoice(order.pk, supplied_on=SUPPLIED, now=NOW)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


@pytest.mark.usefixtures("pango")
def test_pdf_holds_its_einvoice_and_can_be_archived() -> None:
    make_eu("NL", "DE")
    reader = read(render_pdf(issue()))
    assert list(reader.attachments) == ["factur-x.xml"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice NL-2026-000001"
    xmp = str(reader.root_object["/Metadata"].get_object().get_data())  # type: ignore[union-attr]
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "EN 16931" in xmp


@pytest.mark.usefixtures("pango")
def test_pdf_without_einvoice_holds_nothing() -> None:
    reader = read(render_pdf(issue()))
    assert list(reader.attachments) == []
    assert str(reader.root_object["/Lang"]) == "en-GB"


@pytest.mark.usefixtures("pango")
@pytest.mark.parametrize(
    ("country", "currency", "language", "locale", "label"),
    [
        ("AE", "AED", "ar", "ar_AE", "إبريق شاي من الحديد الزهر، اللون: نيلي"),
        ("JP", "JPY", "ja", "ja_JP", "南部鉄器の急須、色：藍"),
        ("CN", "CNY", "zh-hans", "zh_Hans_CN", "铸铁茶壶，颜色：靛蓝"),
    ],
)
def test_pdf_reads_in_order(
    country: str, currency: str, language: str, locale: str, label: str
) -> None:
    market = make_market(
        country.lower(), countries=[country], currency=currency, legal_entity=make_entity()
    )
    part = Part("9000", "900", percent="10", label=label)
    pdf = render_pdf(issue(part, market=market, language=language, locale=locale))
    assert label in read(pdf).pages[0].extract_text()


@pytest.mark.usefixtures("pango")
def test_long_document_goes_on_with_its_table_head() -> None:
    order = make_taxed_order([Part("10.00", "1.90", label=f"Good {n}") for n in range(24)])
    invoice = issue_invoice(order.pk, supplied_on=SUPPLIED, now=NOW)
    pages = read(render_pdf(invoice)).pages
    assert len(pages) == 2
    assert all("Description" in page.extract_text() for page in pages)
    assert all(invoice.reference in page.extract_text() for page in pages)
    assert "Good 23" in pages[1].extract_text()


def test_page_escapes_what_people_typed() -> None:
    html = render_html(issue(Part("10.00", "1.90", label="<script>alert(1)</script>")))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_missing_libraries_are_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "missing_libraries", lambda: ["pango-1.0"])
    [warning] = checks.pdf_can_be_written()
    assert "pango-1.0" in warning.msg
    assert "libpango-1.0-0" in str(warning.hint)


def test_without_libraries_the_page_is_shown_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unavailable() -> None:
        raise PdfUnavailable("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(rendering, "_weasyprint", unavailable)
    response = views._pdf(issue(), views.Surroundings(back_url="/back/"))
    assert response["Content-Type"].startswith("text/html")
    assert "cannot write PDF files" in response.content.decode()


@pytest.mark.usefixtures("pango")
def test_any_name_can_be_printed() -> None:
    make_eu("NL", "DE")
    address = make_address("DE", name="Müller & <Söhne>\x0b\x01")
    page = read(render_pdf(issue(billing_address=address))).pages[0]
    text = page.extract_text().replace("\0", "")  # pypdf shows some fonts as UTF-16.
    assert "Müller & <Söhne>" in text
