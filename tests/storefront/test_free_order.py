"""An order that costs nothing, from the cart to the parcel and back: nobody is asked for money."""

from typing import Any

import pytest
from celery import current_app
from django.core import mail
from django.test import Client
from djmoney.money import Money

from catalog.models import Variant
from fulfillment.errors import NothingToRefund
from fulfillment.models import Reservation, StockLevel
from fulfillment.returns import (
    approve_return,
    close_return,
    inspect_return,
    receive_return,
    refund_due,
    refund_return,
    request_return,
)
from fulfillment.shipping import mark_delivered
from fulfillment.stock.expiry import expire_reservations
from markets.models import Coupon, Market, Promotion
from orders.models import EventDelivery, Order
from orders.transitions import cancel_order
from payments.models import Payment, PaymentMethod, Refund
from storefront.checkout import MethodNotOffered, TotalChanged, place_order
from tests.factories import NOW, make_cart, make_promotion
from tests.fulfillment.scenes import send
from tests.payments.paying import kinds, later
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell, words
from tests.storefront.test_checkout import counts, details

pytestmark = pytest.mark.django_db(transaction=True)
TYPED = {
    "de": {"country": "DE", "city": "Hamburg", "postal_code": "20457"},
    "au": {"country": "AU", "city": "Sydney", "postal_code": "2000", "country_area": "NSW"},
}


@pytest.fixture(autouse=True)
def _no_gateway(settings: Any) -> None:
    """Any call would fail: nobody listens there."""
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"


def open_shop(code: str) -> tuple[Market, Variant]:
    """Open a shop in which a coupon gives the goods for nothing, and delivery is free."""
    market = open_markets(code)[code]
    offer_card(market)
    make_promotion(coupon="GIFT", percent=100, priority=1)
    make_promotion(action=Promotion.Action.FREE_DELIVERY, priority=2)
    return market, sell(market, "10")


def go_to_payment(client: Client, code: str, variant: Variant) -> str:
    """Fill a cart and the steps of checkout before the last; gives the last one's address."""
    shop = f"{code}-en"
    add(client, shop, variant)
    client.post(f"/{shop}/cart/", {"coupon": "gift"})
    typed = {"email": "ada@example.com", "name": "Ada", "street_address": "Hafen 1", **TYPED[code]}
    client.post(f"/{shop}/checkout/", typed)
    client.post(f"/{shop}/checkout/delivery/", {"delivery": "standard"})
    return f"/{shop}/checkout/payment/"


def work() -> None:
    """Do what the workers do, until nobody waits for anything."""
    for _round in range(20):
        pending = list(EventDelivery.objects.filter(status="pending").order_by("id"))
        if not pending:
            return
        for delivery in pending:
            current_app.tasks[delivery.subscriber](str(delivery.event_id))
    raise AssertionError("It does not come to rest.")


def place_free(market: Market, variant: Variant, **changes: Any) -> Order:
    cart = make_cart(market, {variant: 1}, coupon="GIFT")
    asked = details(market, "0", **{"method": "nothing", **changes})
    return place_order(cart, details=asked, now=NOW)[0]


@pytest.mark.parametrize(
    ("code", "button"), [("de", "Order with obligation to pay"), ("au", "Place order")]
)
def test_checkout_says_that_there_is_nothing_to_pay_and_has_one_button(
    client: Client, code: str, button: str
) -> None:
    _market, variant = open_shop(code)
    address = go_to_payment(client, code, variant)

    page = client.get(address)

    text = words(page)
    assert "There is nothing to pay for this order." in text
    assert "How would you like to pay?" not in text
    assert button in text
    assert ("radio" in page.content.decode(), "we have no way" in text.lower()) == (False, False)
    assert page.content.decode().count('data-test="place-order"') == 1
    # Looking makes no rows.
    assert not PaymentMethod.objects.filter(gateway="nothing").exists()


def test_free_order_is_placed_paid_released_and_confirmed(client: Client) -> None:
    _market, variant = open_shop("de")
    address = go_to_payment(client, "de", variant)
    form = client.get(address).context

    answer = client.post(
        address, {"method": form["methods"][0].code, "agreed": form["agreed"]}, follow=True
    )

    order = Order.objects.get()
    assert answer.redirect_chain == [(f"/de-en/checkout/return/{order.token}/", 302)]
    assert "Thank you for your order" in words(answer)
    assert (order.payment_status, order.status) == ("paid", "placed")
    assert order.gross == 0
    work()
    order.refresh_from_db()
    assert (order.status, order.risk.decision) == ("released", "accept")
    assert kinds(order) == ["order_placed", "payment_captured", "order_released", "order_routed"]
    assert [message.subject for message in mail.outbox] == [f"Your order {order.number}"]
    assert "Total: €0.00" in str(mail.outbox[0].body)
    assert Coupon.objects.get().used == 1


def test_free_order_is_sent_delivered_returned_and_closed() -> None:
    market, variant = open_shop("de")
    order = place_free(market, variant)
    work()
    shipment = order.shipments.get()
    send(shipment)
    mark_delivered(shipment.pk, now=NOW)
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("completed", "paid")

    back = request_return(order, [(order.lines.get().pk, 1, "changed_mind")], note="", now=NOW)
    approve_return(back.pk, now=NOW)
    row = back.lines.get()
    receive_return(back.pk, warehouse=shipment.warehouse, received={row.pk: 1}, now=NOW)
    inspect_return(back.pk, grades={row.pk: "a"}, now=NOW, user=None)
    back.refresh_from_db()
    assert refund_due(back) is None
    with pytest.raises(NothingToRefund):
        refund_return(back.pk, now=NOW)
    close_return(back.pk)

    back.refresh_from_db()
    order.refresh_from_db()
    assert (back.status, order.fulfillment_status) == ("closed", "returned")
    assert Refund.objects.count() == 0


def test_cancelled_free_order_gives_stock_and_coupon_back_and_no_money() -> None:
    market, variant = open_shop("de")
    order = place_free(market, variant)
    work()

    cancel_order(order, now=later(), reason="asked")
    work()

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert (Coupon.objects.get().used, StockLevel.objects.get().reserved) == (0, 0)
    assert Refund.objects.count() == 0


def test_free_order_is_never_given_up_for_its_holds_age() -> None:
    market, variant = open_shop("de")
    order = place_free(market, variant)
    Reservation.objects.update(expires_at=NOW)

    assert expire_reservations(later()) == 0

    order.refresh_from_db()
    assert order.status == "placed"


def test_method_for_nothing_pays_for_nothing_else() -> None:
    market, variant = open_shop("de")
    with pytest.raises(MethodNotOffered):
        place_free(market, variant, method="card")
    cart = make_cart(market, {variant: 1})
    with pytest.raises(MethodNotOffered):
        place_order(cart, details=details(market, "10", method="nothing"), now=NOW)
    with pytest.raises(TotalChanged):
        place_order(cart, details=details(market, "0", method="nothing"), now=NOW)
    assert counts() == (0, 0, 0, 0)


def test_total_that_is_no_longer_nothing_shows_the_methods_again(client: Client) -> None:
    _market, variant = open_shop("de")
    address = go_to_payment(client, "de", variant)
    Coupon.objects.update(use_limit=1, used=1)

    answer = client.post(address, {"method": "nothing", "agreed": "0.00"})

    assert "The total has changed since you saw it." in words(answer)
    assert [method.code for method in answer.context["methods"]] == ["card"]
    assert (answer.context["agreed"], counts()) == ("10.00", (0, 0, 0, 0))


def test_free_order_is_not_paid_again(client: Client) -> None:
    market, variant = open_shop("de")
    order = place_free(market, variant)

    client.post(f"/de-en/orders/{order.token}/pay/", {"method": "nothing"})

    assert Payment.objects.get().amount == Money(0, "EUR")
