"""The e-invoice of EN 16931, in the syntax of Factur-X (ZUGFeRD 2), profile EN 16931.

It is written for what the standard is for: documents of a seller in the EU, with one VAT on each
line. Import taxes, and taxes of places beyond the EU, are no VAT of the standard.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from markets.money import exponent
from markets.tax import Regime
from orders.invoices import sum_by_rate
from orders.invoices.notes import INTRA_EU
from orders.models import Invoice, InvoiceLine
from storefront.documents.document import Document

FILE_NAME = "factur-x.xml"
PIECE = "H87"  # UN/ECE recommendation 20
NAMELESS = "–"  # Where nothing that can be said is left of a text.
_PREFIXED = re.compile(r"[A-Z]{2}[0-9A-Z]")
_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EU_REGIMES = {
    Regime.DOMESTIC, Regime.OSS, Regime.ORIGIN, Regime.IOSS, Regime.REVERSE_CHARGE, Regime.EXPORT,
}  # fmt: skip


@dataclass(frozen=True)
class Category:
    """How EN 16931 classes what is taxed; `reason` is a code of VATEX where there is no VAT."""

    code: str
    reason: str = ""


STANDARD, ZERO = Category("S"), Category("Z")
INTRA_COMMUNITY = Category("K", "VATEX-EU-IC")
EXPORTED = Category("G", "VATEX-EU-G")


def has_einvoice(invoice: Invoice) -> bool:
    """Tell whether a document is one that the standard can say."""
    seller = invoice.seller
    return (
        seller.get("area") == "EU"
        and _is_vat_id(seller["tax_id"])
        and exponent(invoice.currency) <= 2
        and all(_is_sayable(line, invoice) for line in invoice.lines.all())
    )


def write_einvoice(invoice: Invoice) -> bytes | None:
    """Write a document's XML, checked against the official schema; None if it can have none."""
    if not has_einvoice(invoice):
        return None
    from facturx import generate_cii_xml

    with override(invoice.language):
        facts = _readable(_facts(invoice))
    xml: bytes = generate_cii_xml(facts, level="en16931", check_xsd=True, check_schematron=False)
    return xml


def embed_einvoice(pdf: bytes, xml: bytes, *, document: Document, seller: str) -> bytes:
    """Put an e-invoice into its PDF/A-3."""
    from facturx import generate_from_binary

    title = f"{document.title} {document.reference}"
    whole: bytes = generate_from_binary(
        pdf,
        xml,
        flavor="factur-x",
        level="en16931",
        check_xsd=False,
        lang=document.tag,
        afrelationship="alternative",
        pdf_metadata={"author": seller, "title": title, "subject": title, "keywords": "Factur-X"},
    )
    return whole


def _is_vat_id(number: str) -> bool:
    """Tell a VAT id, which begins with its country, from another number of a business."""
    return _PREFIXED.match(number) is not None


def _readable(facts: Any) -> Any:
    """Leave out what XML cannot say, such as control characters that came with a name."""
    match facts:
        case str():
            return _UNSAYABLE.sub("", facts) or NAMELESS
        case dict():
            return {key: _readable(value) for key, value in facts.items()}
        case list():
            return [_readable(value) for value in facts]
    return facts


def _is_sayable(line: InvoiceLine, invoice: Invoice) -> bool:
    return (
        line.regime in _EU_REGIMES
        and len(line.parts) < 2
        and line.percent == round(line.percent, 2)
        and (line.regime != Regime.REVERSE_CHARGE or _is_intra_eu(invoice))
    )


def _is_intra_eu(invoice: Invoice) -> bool:
    return any(note["code"] == INTRA_EU for note in invoice.notes)


def _category(regime: str, percent: Decimal) -> Category:
    if percent:
        return STANDARD
    return {Regime.REVERSE_CHARGE: INTRA_COMMUNITY, Regime.EXPORT: EXPORTED}.get(
        Regime(regime), ZERO
    )


def _facts(invoice: Invoice) -> dict[str, Any]:
    """Name a document's facts by their terms in EN 16931 (BT and BG)."""
    lines = list(invoice.lines.all())
    facts: dict[str, Any] = {
        "BT-1": invoice.reference,
        "BT-2": invoice.issued_on,
        "BT-3": "381" if invoice.is_credit_note else "380",
        "BT-5": invoice.currency,
        "BT-14": invoice.order.number,
        "BT-20": _("As agreed with the order."),
        "BT-72": invoice.supplied_on,
        "BG-1": [{"BT-22": note["text"]} for note in invoice.notes],
        "BG-4": _seller(invoice.seller),
        "BG-7": _buyer(invoice.buyer),
        "BG-13": _ship_to(invoice.buyer),
        "BG-23": _breakdown(lines, invoice),
        "BG-25": [_line(line, invoice) for line in lines],
        "BT-106": _amount(invoice.net, invoice),
        "BT-109": _amount(invoice.net, invoice),
        "BT-110": _amount(invoice.tax, invoice),
        "BT-112": _amount(invoice.gross, invoice),
        "BT-115": _amount(invoice.gross, invoice),
    }
    if invoice.corrects is not None:
        facts["BG-3"] = [{"BT-25": invoice.corrects.reference, "BT-26": invoice.corrects.issued_on}]
    if invoice.tax_converted is not None:
        facts["BT-6"] = invoice.tax_currency
        facts["BT-111"] = f"{invoice.tax_converted:.{exponent(invoice.tax_currency)}f}"
    return facts


def _seller(seller: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": seller["name"],
        "vat_identifier": seller["tax_id"],
        "country_code": seller["country"],
        **{f"addr_l{n}": line for n, line in enumerate(seller["lines"][:3], start=1)},
        **({"contacts": [{"email": seller["email"]}]} if seller["email"] else {}),
    }


def _buyer(buyer: dict[str, Any]) -> dict[str, Any]:
    facts = {"name": buyer["company"] or buyer["name"], **_place(buyer["address"])}
    if _is_vat_id(buyer["tax_id"]):
        facts["vat_identifier"] = buyer["tax_id"]
    if buyer["company"] and buyer["name"]:
        facts["contacts"] = [{"name": buyer["name"]}]
    return facts


def _ship_to(buyer: dict[str, Any]) -> dict[str, Any]:
    address = (buyer["ship_to"] or buyer)["address"]
    return {"name": address["name"], **_place(address)}


def _place(address: dict[str, str]) -> dict[str, Any]:
    streets = [line for line in address["street"].splitlines() if line.strip()]
    facts = {
        "country_code": address["country"],
        "city": address["city"],
        "postcode": address["postal_code"],
        "country_subdivision": address["area"],
        **{f"addr_l{n}": line for n, line in enumerate(streets[:3], start=1)},
    }
    return {key: value for key, value in facts.items() if value}


def _breakdown(lines: Sequence[InvoiceLine], invoice: Invoice) -> list[dict[str, str]]:
    """Add up by category and rate: two countries' VAT of one rate are one row of the standard."""
    sums: dict[tuple[Category, Decimal], tuple[Decimal, Decimal]] = {}
    for row in sum_by_rate(lines):
        key = (_category(row.regime, row.percent), row.percent)
        net, tax = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = (net + row.net, tax + row.tax)
    return [
        {
            "BT-116": _amount(net, invoice),
            "BT-117": _amount(tax, invoice),
            "BT-118": category.code,
            "BT-119": _percent(percent),
            **({"BT-121": category.reason} if category.reason else {}),
        }
        for (category, percent), (net, tax) in sums.items()
    ]


def _line(line: InvoiceLine, invoice: Invoice) -> dict[str, str]:
    """Price a line as its net for all its units: a net price of one unit need not be exact."""
    quantity = line.quantity or 1
    return {
        "BT-126": str(line.position),
        "BT-129": str(quantity),
        "BT-130": PIECE,
        "BT-131": _amount(line.net, invoice),
        "BT-146": _amount(line.net, invoice),
        "BT-149": str(quantity),
        "BT-151": _category(line.regime, line.percent).code,
        "BT-152": _percent(line.percent),
        "BT-153": line.label,
        **({"BT-155": line.sku} if line.sku else {}),
    }


def _amount(value: Decimal, invoice: Invoice) -> str:
    return f"{value:.{exponent(invoice.currency)}f}"


def _percent(value: Decimal) -> str:
    return f"{value.normalize():f}"
