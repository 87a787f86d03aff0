"""An order's pages: where it stands, how to pay it, finding it, sending things back."""

from typing import Any

import pytest
from django.test import Client
from djmoney.money import Money

from fulfillment.models import CarrierService, Return, Shipment, ShipmentLine, Warehouse
from markets.models import Market
from orders.events import record_event
from orders.models import Order
from payments.models import Payment
from storefront.accounts.models import User
from storefront.pages.order_lookup import TRIES_PER_NUMBER
from tests.factories import NOW, make_market, make_method, make_order, make_payment
from tests.storefront.pages.shelf import open_markets, sell, words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def market() -> Market:
    return open_markets("de")["de"]


@pytest.fixture
def order(market: Market) -> Order:
    return make_order(market, {sell(market, title="Teapot"): 2})


def ship(order: Order, status: str = Shipment.Status.DELIVERED) -> Shipment:
    service = CarrierService.objects.get()
    service.tracking_url = "https://track.example/{number}"
    service.save()
    shipment = Shipment.objects.create(
        number=f"{order.number}-S1", order=order, warehouse=Warehouse.objects.get(),
        service=service, status=status, ship_by=NOW, promised_from=NOW.date(),
        promised_to=NOW.date(), tracking_number="T 1", dispatched_at=NOW,
    )  # fmt: skip
    for line in order.lines.all():
        ShipmentLine.objects.create(shipment=shipment, order_line=line, quantity=line.quantity)
    return shipment


def situation(client: Client, order: Order) -> str:
    return str(client.get(f"/de-en/orders/{order.token}/").context["order"].situation)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Order.PaymentStatus.UNPAID, "open"),
        (Order.PaymentStatus.PENDING, "pending"),
        (Order.PaymentStatus.AUTHORISED, "authorised"),
        (Order.PaymentStatus.PAID, "paid"),
        (Order.PaymentStatus.FAILED, "failed"),
        (Order.PaymentStatus.PART_REFUNDED, "refunded"),
    ],
)
def test_order_says_first_where_its_payment_stands(
    client: Client, order: Order, status: str, expected: str
) -> None:
    Order.objects.filter(pk=order.pk).update(payment_status=status)

    assert situation(client, order) == expected


def test_failed_payment_offers_another_try(
    client: Client, order: Order, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_method(market, "card")
    make_payment(order, card, status=Payment.Status.FAILED)
    Order.objects.filter(pk=order.pk).update(payment_status=Order.PaymentStatus.FAILED)
    monkeypatch.setattr(
        "storefront.pages.paying.open_payment", lambda *_args, **_rest: "https://pay.example/2"
    )

    assert "try again" in words(client.get(f"/de-en/orders/{order.token}/"))
    response = client.post(f"/de-en/orders/{order.token}/pay/", {"method": "card"})

    assert response.headers["Location"] == "https://pay.example/2"
    assert order.payments.count() == 2


def test_return_from_the_payment_page_asks_the_gateway(
    client: Client, order: Order, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(order, make_method(market, "card"))

    def refresh(payment_id: int, **_rest: Any) -> None:
        assert payment_id == payment.pk
        Order.objects.filter(pk=order.pk).update(payment_status=Order.PaymentStatus.AUTHORISED)

    monkeypatch.setattr("storefront.pages.paying.refresh_payment", refresh)

    response = client.get(f"/de-en/checkout/return/{order.token}/")

    assert "Thank you for your order" in words(response)
    assert response.context["order"].situation == "authorised"


def test_pending_payment_shows_how_to_pay(client: Client, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(payment_status=Order.PaymentStatus.PENDING)
    record_event(
        order,
        "payment_pending",
        now=NOW,
        instructions={
            "kind": "bank_transfer",
            "payee": "NL00 BANK 1234",
            "reference": order.number,
            "expires_at": NOW.isoformat(),
        },
    )

    text = words(client.get(f"/de-en/orders/{order.token}/"))

    assert "NL00 BANK 1234" in text
    assert "Pay by" in text


def test_instructions_link_only_to_the_web(client: Client, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(payment_status=Order.PaymentStatus.PENDING)
    record_event(
        order, "payment_pending", now=NOW, instructions={"kind": "voucher", "url": "javascript:x"}
    )

    html = client.get(f"/de-en/orders/{order.token}/").content.decode()

    assert "javascript:x" not in html


def test_parcels_have_a_timeline_and_a_tracking_link(client: Client, order: Order) -> None:
    ship(order, Shipment.Status.DISPATCHED)

    response = client.get(f"/de-en/orders/{order.token}/")

    (parcel,) = response.context["order"].parcels
    assert [(str(step.name), step.reached) for step in parcel.steps] == [
        ("Being prepared", True),
        ("Packed", True),
        ("On its way", True),
        ("Delivered", False),
    ]
    assert parcel.tracking_url == "https://track.example/T 1"


def test_order_is_shown_in_the_market_it_was_placed_in(client: Client, order: Order) -> None:
    make_market("ch", currency="CHF", languages={"fr": "fr_CH"}, countries=["CH"])

    response = client.get(f"/ch-fr/orders/{order.token}/")

    assert response.headers["Location"] == f"/de-en/orders/{order.token}/"


def test_lookup_finds_by_number_and_address(client: Client, order: Order) -> None:
    response = client.post(
        "/de-de/orders/", {"number": order.number.lower(), "email": " ADA@example.com "}
    )

    assert response.headers["Location"] == f"/de-en/orders/{order.token}/"


def test_lookup_says_the_same_whatever_is_wrong(client: Client, order: Order) -> None:
    tries = [
        {"number": order.number, "email": "other@example.com"},
        {"number": "NONE-0000-0", "email": order.email},
        {"number": "", "email": ""},
    ]

    answers = {client.post("/de-en/orders/", data).context["error"] for data in tries}

    assert answers == {"We found no order with this number and e-mail address."}


def test_lookup_ends_after_too_many_tries(client: Client, order: Order) -> None:
    wrong = {"number": order.number, "email": "other@example.com"}
    for _ in range(TRIES_PER_NUMBER):
        assert client.post("/de-en/orders/", wrong).status_code == 422

    right = client.post("/de-en/orders/", {**wrong, "email": order.email})

    assert right.status_code == 429


def test_guest_sends_something_back_with_the_orders_token(client: Client, order: Order) -> None:
    ship(order)
    line = order.lines.get()
    address = f"/de-en/orders/{order.token}/return/"

    assert (
        'data-test="return-request"' in client.get(f"/de-en/orders/{order.token}/").content.decode()
    )
    response = client.post(
        address,
        {f"quantity-{line.pk}": "1", f"reason-{line.pk}": "damaged", "note": "It has a crack."},
    )

    made = Return.objects.get()
    assert response.headers["Location"] == f"/de-en/returns/{made.token}/"
    assert (made.note, made.lines.get().quantity, made.lines.get().reason) == (
        "It has a crack.",
        1,
        "damaged",
    )
    assert made.number in words(client.get(f"/de-en/returns/{made.token}/"))


def test_return_of_nothing_keeps_the_note(client: Client, order: Order) -> None:
    ship(order)

    response = client.post(f"/de-en/orders/{order.token}/return/", {"note": "A <b>note"})

    assert response.status_code == 422
    assert "A &lt;b&gt;note</textarea>" in response.content.decode()
    assert not Return.objects.exists()


def test_goods_that_have_not_left_cannot_be_returned(client: Client, order: Order) -> None:
    response = client.get(f"/de-en/orders/{order.token}/return/")

    assert "cannot be returned" in words(response)


def test_unknown_token_is_not_found(client: Client, market: Market) -> None:
    for path in ("orders/x/", "orders/x/return/", "returns/x/", "checkout/return/x/"):
        assert client.get(f"/de-en/{path}").status_code == 404


def test_account_lists_ones_own_orders_only(client: Client, order: Order, market: Market) -> None:
    user = User.objects.create_user("ada@example.com", "secret words")
    mine = make_order(market, user=user)
    assert client.get("/de-en/account/").headers["Location"].startswith("/de-en/account/login/")
    client.force_login(user)

    rows = client.get("/de-en/account/").context["orders"]

    assert [row.number for row in rows] == [mine.number]
    assert rows[0].total == Money("10", "EUR")
