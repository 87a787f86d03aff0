"""An order's pages: where it stands, how to pay it, finding it, sending things back."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from djmoney.money import Money

from fulfillment.models import (
    CarrierService,
    Reservation,
    Return,
    Shipment,
    ShipmentLine,
    Warehouse,
)
from fulfillment.stock import expire_reservations
from markets.models import Market
from orders.events import record_event
from orders.models import Order
from orders.transitions import cancel_order
from payments.models import Payment
from storefront.accounts.models import User
from storefront.checkout import PAYMENT_WINDOW
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


def test_another_try_keeps_the_goods_longer(
    client: Client, order: Order, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_method(market, "card")
    soon = timezone.now() + timedelta(minutes=1)
    hold = Reservation.objects.create(order=order, expires_at=soon)
    monkeypatch.setattr(
        "storefront.pages.paying.open_payment", lambda *_args, **_rest: "https://pay.example/2"
    )

    client.post(f"/de-en/orders/{order.token}/pay/", {"method": "card"})

    hold.refresh_from_db()
    assert hold.expires_at is not None
    assert hold.expires_at - soon > PAYMENT_WINDOW - timedelta(minutes=2)


def test_order_whose_hold_ended_says_so_and_takes_no_payment(
    client: Client, order: Order, market: Market
) -> None:
    make_method(market, "card")
    Reservation.objects.create(order=order, expires_at=NOW)
    expire_reservations(NOW)

    answer = client.post(f"/de-en/orders/{order.token}/pay/", {"method": "card"}, follow=True)

    assert "This order was not paid in time" in words(answer)
    assert "again-card" not in answer.content.decode()
    assert not order.payments.exists()


def test_order_cancelled_for_another_reason_says_only_that(client: Client, order: Order) -> None:
    cancel_order(order, now=NOW, reason="staff: Mara")

    assert situation(client, order) == "cancelled"


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


def deliver(order: Order) -> None:
    shipment = ship(order)
    Shipment.objects.filter(pk=shipment.pk).update(delivered_at=NOW)


def let_days_pass(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    for page in ("order", "order_return"):
        monkeypatch.setattr(f"storefront.pages.{page}.now", lambda: NOW + timedelta(days=days))


def test_return_can_be_asked_for_on_the_last_of_the_markets_days(
    client: Client, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    Market.objects.update(return_days=30)
    deliver(order)
    let_days_pass(monkeypatch, 30)

    page = client.get(f"/de-en/orders/{order.token}/")

    assert page.context["order"].can_return
    assert page.context["order"].return_by == date(2026, 12, 24)
    assert (
        'data-test="return-form"'
        in client.get(f"/de-en/orders/{order.token}/return/").content.decode()
    )


def test_return_is_refused_after_the_markets_days(
    client: Client, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    Market.objects.update(return_days=30)
    deliver(order)
    let_days_pass(monkeypatch, 31)
    line = order.lines.get()
    address = f"/de-en/orders/{order.token}/return/"

    response = client.post(address, {f"quantity-{line.pk}": "1"})

    assert response.status_code == 422
    assert "ended on 24 December 2026" in words(response)
    assert not Return.objects.exists()
    page = client.get(f"/de-en/orders/{order.token}/")
    assert 'data-test="return-request"' not in page.content.decode()


def test_days_count_from_the_last_parcel(
    client: Client, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(order)
    last = Shipment.objects.create(
        number=f"{order.number}-S2", order=order, warehouse=Warehouse.objects.get(),
        service=CarrierService.objects.get(), status=Shipment.Status.DISPATCHED, ship_by=NOW,
        promised_from=NOW.date(), promised_to=NOW.date(),
    )  # fmt: skip
    let_days_pass(monkeypatch, 60)

    assert client.get(f"/de-en/orders/{order.token}/").context["order"].can_return
    Shipment.objects.filter(pk=last.pk).update(delivered_at=NOW + timedelta(days=45))

    assert not client.get(f"/de-en/orders/{order.token}/").context["order"].can_return


def test_texts_and_products_name_the_markets_days(client: Client, market: Market) -> None:
    Market.objects.update(return_days=30)
    variant = sell(market, title="Teapot")

    assert "within 30 days" in words(client.get("/de-en/info/returns/"))
    assert "Send it back within 30 days" in words(
        client.get(f"/de-en/p/{variant.product.slug}/", follow=True)
    )


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
