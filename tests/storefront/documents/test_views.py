"""Who may see a document, and where."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from markets.models import Market
from orders.invoices import issue_invoice
from orders.models import Invoice
from storefront.documents.links import list_documents
from storefront.shops import shop_of_order, use_shop
from tests.factories import NOW, make_market
from tests.orders.invoicing import (
    SUPPLIED,
    TEAPOT,
    make_entity,
    make_eu,
    make_taxed_order,
)
from tests.storefront.staff.people import log_in, make_merchant, make_packer, make_shopper

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
]


@pytest.fixture
def market() -> Market:
    return make_market(legal_entity=make_entity())


@pytest.fixture
def invoice(market: Market) -> Invoice:
    make_eu("NL", "DE")
    order = make_taxed_order([TEAPOT], market=market, component={"regime": "oss"})
    return issue_invoice(order.pk, supplied_on=SUPPLIED, now=NOW)


def address(invoice: Invoice, file: str = "", *, token: str = "") -> str:
    token = token or invoice.order.token
    return f"/de-en/orders/{token}/documents/{invoice.reference}/{file}"


def test_shopper_sees_the_document_by_the_token_of_the_order(
    client: Client, invoice: Invoice
) -> None:
    page = client.get(address(invoice))
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    assert invoice.reference in page.content.decode()
    assert f'href="/de-en/orders/{invoice.order.token}/"' in page.content.decode()


@pytest.mark.parametrize(
    ("file", "kind", "start"),
    [("pdf/", "application/pdf", b"%PDF"), ("xml/", "application/xml", b"<?xml")],
)
def test_shopper_takes_the_files_home(
    client: Client, invoice: Invoice, file: str, kind: str, start: bytes
) -> None:
    response = client.get(address(invoice, file))
    assert response["Content-Type"] == kind
    assert invoice.reference in response["Content-Disposition"]
    assert response.content.startswith(start)


def test_token_of_another_order_shows_nothing(
    client: Client, invoice: Invoice, market: Market
) -> None:
    other = make_taxed_order([TEAPOT], market=market)
    assert client.get(address(invoice, token=other.token)).status_code == 404
    assert client.get(address(invoice, token="nobody")).status_code == 404


def test_document_without_einvoice_has_no_file(client: Client, market: Market) -> None:
    order = make_taxed_order([TEAPOT], market=market)
    invoice = issue_invoice(order.pk, supplied_on=SUPPLIED, now=NOW)
    assert client.get(address(invoice, "xml/")).status_code == 404
    assert "xml/" not in client.get(address(invoice)).content.decode()


def test_page_keeps_to_the_policy_on_styles(client: Client, invoice: Invoice) -> None:
    html = client.get(address(invoice)).content.decode()
    assert "<style" not in html
    assert "style=" not in html


def test_staff_need_the_right_to_see_documents(client: Client, invoice: Invoice) -> None:
    path = f"/staff/documents/{invoice.reference}/"
    assert client.get(path).status_code == 302
    assert log_in(make_shopper()).get(path).status_code == 403
    assert log_in(make_packer()).get(path).status_code == 403
    assert log_in(make_merchant()).get(path).status_code == 200


def test_staff_take_the_files_home(invoice: Invoice) -> None:
    clerk = make_packer("clerk@example.com")
    clerk.user_permissions.add(Permission.objects.get(codename="view_payment"))
    for file, kind in (("pdf/", "application/pdf"), ("xml/", "application/xml")):
        response: Any = log_in(clerk).get(f"/staff/documents/{invoice.reference}/{file}")
        assert response["Content-Type"] == kind


def test_order_lists_its_documents(invoice: Invoice) -> None:
    with use_shop(shop_of_order(invoice.order)):
        [link] = list_documents(invoice.order)
    assert (link.kind, link.page_url) == ("invoice", address(invoice))


def test_documents_cannot_be_changed_in_admin(invoice: Invoice) -> None:
    staff = log_in(make_merchant())
    page = staff.get("/admin/orders/invoice/")
    assert invoice.reference in page.content.decode()
    assert staff.get("/admin/orders/invoice/add/").status_code == 403
    shown = staff.get(f"/admin/orders/invoice/{invoice.pk}/change/").content.decode()
    assert 'name="_save"' not in shown
    assert f"/staff/documents/{invoice.reference}/pdf/" in shown
