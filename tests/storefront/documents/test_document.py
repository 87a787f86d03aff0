"""What stands on a document, in the words and formats of its order."""

from collections.abc import Sequence
from copy import copy
from typing import Any

import pytest

from orders.invoices import issue_credit_note, issue_invoice
from orders.models import Invoice
from storefront.documents.document import Document, read_document
from tests.factories import NOW, make_address, make_market
from tests.orders.invoicing import (
    DELIVERY,
    SUPPLIED,
    TEA,
    TEAPOT,
    D,
    Part,
    make_entity,
    make_taxed_order,
)

pytestmark = pytest.mark.django_db
ISOLATES = str.maketrans("", "", "\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}")


def issue(parts: Sequence[Part] = (TEAPOT, TEA, DELIVERY), **fields: Any) -> Invoice:
    order = make_taxed_order(parts, **fields)
    return issue_invoice(order.pk, supplied_on=SUPPLIED, now=NOW)


def plain(text: str) -> str:
    return text.translate(ISOLATES).replace("\N{NO-BREAK SPACE}", " ")


def sums(document: Document) -> list[tuple[str, str]]:
    return [(plain(fact.label), plain(fact.value)) for fact in document.sums]


def test_document_says_amounts_as_its_locale_writes_them() -> None:
    document = read_document(issue(language="de", locale="de_DE"))

    assert [
        (
            plain(row.label),
            row.quantity,
            plain(row.unit_price),
            plain(row.discount),
            plain(row.amount),
        )
        for row in document.rows
    ] == [
        ("Teapot", "2", "50,00 €", "", "100,00 €"),
        ("Sencha", "3", "4,00 €", "-2,00 €", "10,00 €"),
        ("Standard delivery", "", "", "", "4,90 €"),
    ]
    assert plain(document.total.value) == "114,90 €"
    assert [value for _label, value in sums(document)] == ["97,50 €", "16,75 €", "0,65 €"]
    assert "MwSt 19 %" in sums(document)[1][0]
    assert (document.tag, document.is_rtl) == ("de-DE", False)
    assert "24. November 2026" in [plain(fact.value) for fact in document.facts]


def test_document_in_arabic_runs_from_right_to_left() -> None:
    market = make_market("ae", countries=["AE"], currency="AED", legal_entity=make_entity())
    document = read_document(issue(market=market, language="ar", locale="ar_AE"))
    assert (document.tag, document.is_rtl) == ("ar-AE", True)
    # What runs the other way is kept together.
    assert (
        document.facts[0].value
        == "\N{FIRST STRONG ISOLATE}NL-2026-000001\N{POP DIRECTIONAL ISOLATE}"
    )


def test_amounts_without_tax_are_shown_where_prices_are() -> None:
    market = make_market(
        "us", countries=["US"], currency="USD", prices_include_tax=False, legal_entity=make_entity()
    )
    document = read_document(issue([TEAPOT], market=market, locale="en_US"))
    assert [plain(row.amount) for row in document.rows] == ["$84.03"]
    assert document.amount_title == "Amount without tax"
    assert plain(document.total.value) == "$100.00"


def test_parts_of_a_line_in_two_parcels_are_one_row() -> None:
    invoice = issue([TEAPOT])
    line = invoice.lines.get()
    # As a second component of the same line would be.
    invoice._prefetched_objects_cache = {"lines": [line, line]}  # type: ignore[attr-defined]
    [row] = read_document(invoice).rows
    assert (row.quantity, plain(row.amount)) == ("4", "€200.00")


def test_untaxed_document_still_names_its_rate() -> None:
    document = read_document(issue([Part("100.00", "0", percent="0", tax_name="VAT")]))
    assert sums(document) == [("Total without tax", "€100.00"), ("VAT 0% on €100.00", "€0.00")]


def test_schemes_of_one_country_are_one_sum_and_what_is_untaxed_is_told() -> None:
    order = make_taxed_order([TEAPOT])
    invoice = issue_invoice(order.pk, supplied_on=SUPPLIED, now=NOW)
    lines = [copy(invoice.lines.get()) for _n in range(3)]
    lines[0].regime, lines[1].regime = "oss", "ioss"
    lines[2].percent, lines[2].tax, lines[2].tax_name = D(0), D(0), ""
    invoice._prefetched_objects_cache = {"lines": lines}  # type: ignore[attr-defined]
    assert sums(read_document(invoice))[1:] == [
        ("VAT 19% on €168.06", "€31.94"),
        ("Tax 0% on €84.03", "€0.00"),
    ]


def test_both_addresses_are_shown_where_they_differ() -> None:
    document = read_document(
        issue(billing_address=make_address(city="Kiel"), buyer_company="Ada GmbH")
    )
    assert plain(document.buyer[0]) == "Ada GmbH"
    assert "20457 HAMBURG" in [plain(line) for line in document.ship_to]


def test_credit_note_names_its_invoice() -> None:
    invoice = issue()
    note = issue_credit_note(invoice.order_id, D(5), operation_key="refund:1", now=NOW)
    assert note is not None
    document = read_document(note)
    assert document.title == "Credit note"
    assert plain(document.facts[2].value) == "NL-2026-000001 of 24 November 2026"
    assert not document.has_prices
