import pytest
from django.test import Client
from django.urls import reverse

from orders.events import record_event
from orders.models import OrderEvent
from storefront.order_words import sentence
from tests.fulfillment.scenes import NOW, make_scene, send
from tests.storefront.staff.parcels import make_held_order, make_shipment, make_transfer
from tests.storefront.staff.people import text_of

pytestmark = pytest.mark.django_db


def test_page_tells_what_happened_in_order(merchant: Client) -> None:
    shipment = make_shipment(make_scene())
    order = shipment.order
    send(shipment)

    words = text_of(merchant.get(reverse("staff:order", args=[order.number])))

    planned = words.index(f"Planned as 1 parcel from W0: {shipment.number}.")
    left = words.index(f"{shipment.number} left with Carrier, tracking number T1.")
    assert planned < left
    assert "Teapot" in words


def test_page_of_a_held_order_shows_reasons_and_buttons(merchant: Client, packer: Client) -> None:
    page = reverse("staff:order", args=[make_held_order(make_scene()).number])

    for client, buttons in [(merchant, 1), (packer, 0)]:
        html = client.get(page).content.decode()
        assert "Billing and delivery are in different countries." in html
        assert html.count('data-test="release-order"') == buttons


def test_page_of_an_awaited_transfer_offers_to_book_it(merchant: Client) -> None:
    order = make_transfer(make_scene()).order

    html = merchant.get(reverse("staff:order", args=[order.number])).content.decode()

    assert 'data-test="confirm-transfer"' in html


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("payment_captured", {"amount": "7780", "currency": "JPY", "method": "card"}, "received"),
        ("payment_failed", {"reason": "card_declined"}, "The payment failed: card_declined."),
        ("order_held", {"reasons": ["amount"]}, "Put on hold for review: unusual amount."),
        ("order_released", {"score": 12}, "Released: the risk score is 12."),
        ("order_released", {"by": "Mara"}, "Released by Mara."),
        ("order_cancelled", {"reason": "staff: Mara"}, "Cancelled by Mara."),
        ("order_cancelled", {"reason": "reservation_expired"}, "it was not paid in time"),
        ("return_inspected", {"number": "R1", "grades": {"TEA": "a"}}, "R1 inspected: TEA A."),
        ("return_received", {"number": "R1", "warehouse": "rtm"}, "R1 arrived at RTM."),
        ("something_new", {}, "something new"),
    ],
)
def test_event_is_said_in_words(kind: str, data: dict[str, object], words: str) -> None:
    assert words in sentence(OrderEvent(kind=kind, data=data), shows_amounts=True)


def test_event_says_no_amount_to_who_sees_no_prices() -> None:
    event = OrderEvent(kind="refund_created", data={"amount": "12.50", "currency": "EUR"})

    assert "12.50" in sentence(event, shows_amounts=True)
    assert sentence(event, shows_amounts=False) == "A refund was started."


def test_every_event_that_is_recorded_has_its_sentence() -> None:
    order = make_held_order(make_scene())
    event = record_event(order, "payment_voided", now=NOW, amount="1.00", currency="EUR")

    assert sentence(event, shows_amounts=True) == "The payment was let go; nothing was taken."
