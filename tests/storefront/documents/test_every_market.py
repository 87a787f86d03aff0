"""From basket to credit note, wherever it goes: the same amounts all the way."""

from decimal import Decimal

import pytest

from markets.money import quantise_for_gateway
from orders.invoices import issue_credit_note, issue_invoice, sum_by_rate
from orders.models import Address, Invoice, Order
from storefront.documents.document import read_document
from storefront.documents.einvoice import write_einvoice
from tests.factories import NOW
from tests.orders.invoicing import SUPPLIED, kept_of_order
from tests.storefront.documents.schematron import broken_rules
from tests.storefront.stalls import open_stall, places
from tests.storefront.test_landed_cost import buy, fill

pytestmark = pytest.mark.django_db(transaction=True)


def check_einvoice(invoice: Invoice) -> bool:
    xml = write_einvoice(invoice)
    if xml is not None:
        assert broken_rules(xml) == [], invoice.seller
    return xml is not None


def take_back_in_thirds(order: Order) -> list[Invoice]:
    third = quantise_for_gateway(order.gross / 3, order.currency)
    notes = [
        issue_credit_note(order.pk, amount, operation_key=f"{order.pk}:{n}", now=NOW)
        for n, amount in enumerate([third, third, order.gross - 2 * third])
    ]
    return [note for note in notes if note is not None]


def test_basket_is_invoice_and_credit_notes_take_all_of_it_back() -> None:
    stall = open_stall()
    regimes: dict[str, bool] = {}
    for market in stall.markets:
        for country, state in places(market):
            found = fill(stall, market, country=country, state=state, option="standard")
            if found is None:
                continue
            cart, quote = found
            address = Address.objects.create(
                country=country, country_area=state, name="Ada", street_address="1 Quay",
                city="Harbour", postal_code="1000",
            )  # fmt: skip
            order = buy(cart, quote, address)

            invoice = issue_invoice(order.pk, supplied_on=SUPPLIED, now=NOW)

            assert invoice.gross == quote.total
            rates = sum_by_rate(invoice.lines.all())
            assert sum((row.tax for row in rates), Decimal(0)) == order.tax
            assert len(read_document(invoice).rows) >= order.lines.count()
            # Documents of one way of being taxed are alike: the rules are asked once.
            ways = "+".join(sorted({line.regime for line in invoice.lines.all()}))
            known = ways in regimes
            if not known:
                regimes[ways] = check_einvoice(invoice)
            notes = take_back_in_thirds(order)
            if not known:
                check_einvoice(notes[0])
            assert kept_of_order(order) == 0
            assert sum((note.tax for note in notes), Decimal(0)) == order.tax
    assert Invoice.objects.filter(kind="invoice").count() > 30
    assert {ways for ways, has_einvoice in regimes.items() if has_einvoice} == {
        "domestic+ioss", "ioss+oss",
    }  # fmt: skip
