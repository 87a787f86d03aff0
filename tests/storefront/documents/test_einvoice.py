"""E-invoices keep the official rules of EN 16931, whatever is on them."""

from datetime import timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from markets.models import ExchangeRate
from orders.invoices import issue_credit_note, issue_invoice
from orders.models import Invoice
from storefront.documents.einvoice import has_einvoice, write_einvoice
from tests.factories import NOW, make_address, make_market
from tests.orders.invoicing import (
    DELIVERY,
    SUPPLIED,
    TEA,
    TEAPOT,
    D,
    Part,
    make_entity,
    make_eu,
    make_taxed_order,
)
from tests.storefront.documents.schematron import broken_rules

pytestmark = pytest.mark.django_db
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


@pytest.fixture(autouse=True)
def _eu() -> None:
    make_eu("NL", "DE")


def issue(*parts: Part, regime: str = "oss", taxed_in: str = "DE", **fields: Any) -> Invoice:
    order = make_taxed_order(
        parts or (TEAPOT, TEA, DELIVERY),
        component={"regime": regime, "jurisdiction": taxed_in},
        **fields,
    )
    return issue_invoice(order.pk, supplied_on=SUPPLIED, now=NOW)


def written(invoice: Invoice | None) -> bytes:
    assert invoice is not None
    xml = write_einvoice(invoice)
    assert xml is not None
    return xml


def said(xml: bytes, name: str) -> list[str]:
    return [str(node.text) for node in fromstring(xml).iter(f"{RAM}{name}")]


def test_invoice_keeps_the_rules_and_says_what_it_is() -> None:
    xml = written(issue())
    assert broken_rules(xml) == []
    assert said(xml, "GrandTotalAmount") == ["114.90"]
    assert said(xml, "DuePayableAmount") == ["114.90"]
    assert said(xml, "CalculatedAmount") == ["16.75", "0.65"]
    assert said(xml, "CountryID") == ["NL", "DE", "DE"]


def test_credit_note_keeps_the_rules_and_names_its_invoice() -> None:
    invoice = issue()
    note = issue_credit_note(invoice.order_id, D("33.33"), operation_key="refund:1", now=NOW)
    xml = written(note)
    assert broken_rules(xml) == []
    assert said(xml, "TypeCode")[0] == "381"
    assert invoice.reference in said(xml, "IssuerAssignedID")


def test_reverse_charge_is_an_intra_community_supply() -> None:
    invoice = issue(
        Part("100.00", "0", percent="0"), regime="reverse_charge", buyer_company="Ada GmbH",
        buyer_tax_id="DE136695976",
    )  # fmt: skip
    xml = written(invoice)
    assert broken_rules(xml) == []
    assert set(said(xml, "ExemptionReasonCode")) == {"VATEX-EU-IC"}
    assert set(said(xml, "CategoryCode")) == {"K"}


def test_export_is_untaxed() -> None:
    market = make_market("us", countries=["US"], currency="USD", legal_entity=make_entity())
    xml = written(issue(Part("100.00", "0", percent="0"), regime="export", market=market))
    assert broken_rules(xml) == []
    assert set(said(xml, "ExemptionReasonCode")) == {"VATEX-EU-G"}


def test_zero_rate_at_home_keeps_the_rules() -> None:
    assert broken_rules(written(issue(TEAPOT, Part("5.00", "0", percent="0")))) == []


def test_currency_without_decimals_keeps_the_rules() -> None:
    market = make_market("jp", countries=["JP"], currency="JPY", legal_entity=make_entity())
    xml = written(issue(Part("9000", "900", percent="10", quantity=2), market=market))
    assert broken_rules(xml) == []
    assert said(xml, "GrandTotalAmount") == ["9900"]


def test_tax_in_the_money_of_the_authority_is_said() -> None:
    ExchangeRate.objects.create(
        provider="ecb", base="EUR", quote="GBP", rate=D("0.85"), as_of=SUPPLIED,
        fetched_at=NOW - timedelta(hours=1),
    )  # fmt: skip
    market = make_market("gb", countries=["GB"], currency="GBP", legal_entity=make_entity())
    xml = written(issue(TEAPOT, market=market))
    assert broken_rules(xml) == []
    assert said(xml, "TaxCurrencyCode") == ["EUR"]
    assert said(xml, "TaxTotalAmount") == ["15.97", "18.79"]


def test_both_addresses_keep_the_rules() -> None:
    assert (
        broken_rules(written(issue(billing_address=make_address("AT", postal_code="1010")))) == []
    )


@pytest.mark.parametrize("regime", ["import_ddp", "sales_tax", "uk_consignment", ""])
def test_what_is_no_vat_of_the_union_has_no_einvoice(regime: str) -> None:
    assert not has_einvoice(issue(TEAPOT, regime=regime))


def test_vat_of_a_country_beyond_the_union_has_no_einvoice() -> None:
    assert not has_einvoice(issue(TEAPOT, regime="domestic", taxed_in="AE"))


def test_seller_beyond_the_union_has_no_einvoice() -> None:
    entity = make_entity(name="Entrepot Ltd", country="GB", invoice_prefix="GB")
    invoice = issue(TEAPOT, market=make_market(legal_entity=entity))
    assert write_einvoice(invoice) is None


@pytest.mark.parametrize(
    "name", ["Müller & <Söhne>", "أحمد \u200f& Co", "A\x0bd\x01a\ufffe", "\x01"]
)
def test_any_name_keeps_the_rules_and_stays_readable(name: str) -> None:
    invoice = issue(TEAPOT, billing_address=make_address("DE", name=name))
    assert broken_rules(written(invoice)) == []


@pytest.mark.parametrize("number", ["51824753556", "CHE-123.456.788", "T1234567890123"])
def test_business_number_that_is_no_vat_id_keeps_the_rules(number: str) -> None:
    market = make_market("us", countries=["US"], currency="USD", legal_entity=make_entity())
    invoice = issue(
        Part("100.00", "0", percent="0"), regime="export", market=market,
        buyer_company="Ada Ltd", buyer_tax_id=number,
    )  # fmt: skip
    assert broken_rules(written(invoice)) == []


def test_seller_whose_number_is_no_vat_id_has_no_einvoice() -> None:
    entity = make_entity(name="Entrepot Kft", tax_id="12345678-2-41", invoice_prefix="HU")
    assert not has_einvoice(issue(TEAPOT, market=make_market(legal_entity=entity)))


def test_order_that_was_given_away_keeps_the_rules() -> None:
    free = Part("0.00", "0.00", percent="19", discount="9.90")
    assert broken_rules(written(issue(free))) == []
