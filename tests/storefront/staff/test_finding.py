import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment
from tests.fulfillment.scenes import make_scene, send
from tests.storefront.staff.parcels import make_return, make_shipment
from tests.storefront.staff.people import messages_of, text_of

pytestmark = pytest.mark.django_db


def _leads_to(client: Client, text: str) -> str:
    return client.get("/staff/find/", {"q": text}).headers.get("Location", "")


@pytest.fixture
def shipment() -> Shipment:
    return make_shipment(make_scene())


def test_shipment_number_leads_to_its_page(packer: Client, shipment: Shipment) -> None:
    page = reverse("staff:shipment", args=[shipment.number])

    assert _leads_to(packer, f" {shipment.number.lower()} ") == page


def test_tracking_number_leads_to_its_shipment(packer: Client, shipment: Shipment) -> None:
    send(shipment)

    assert _leads_to(packer, "T1") == reverse("staff:shipment", args=[shipment.number])


def test_order_number_is_read_as_people_type_it(packer: Client, shipment: Shipment) -> None:
    number = shipment.order.number

    assert _leads_to(packer, number.replace("-", " ").lower()) == reverse(
        "staff:order", args=[number]
    )


def test_return_number_leads_to_its_page(packer: Client) -> None:
    goods_return = make_return(make_scene())

    assert _leads_to(packer, goods_return.number) == reverse(
        "staff:return", args=[goods_return.number]
    )


def test_goods_lead_to_their_stock_and_open_parcels(packer: Client, shipment: Shipment) -> None:
    variant = shipment.lines.get().order_line.variant
    page = reverse("staff:sku", args=[variant.sku])

    assert _leads_to(packer, variant.sku.lower()) == page
    assert _leads_to(packer, variant.barcode) == page
    words = text_of(packer.get(page))
    assert shipment.number in words
    assert "W0 50 2 48" in words


def test_what_is_unknown_is_said_and_likely_orders_are_shown(
    packer: Client, shipment: Shipment
) -> None:
    response = packer.get("/staff/find/", {"q": shipment.order.number[:4]})

    assert messages_of(response) == [f"Nothing here has the number “{shipment.order.number[:4]}”."]
    assert shipment.order.number in text_of(response)


def test_empty_search_explains_itself(packer: Client) -> None:
    assert "Scan or type an order" in text_of(packer.get("/staff/find/"))
