"""The same discounts with the same amounts, wherever an order is shown; and back with its goods."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from djmoney.money import Money

from fulfillment.returns import (
    approve_return,
    inspect_return,
    receive_return,
    refund_return,
    request_return,
)
from fulfillment.routes import route_order
from markets.models import Market, Promotion
from orders.events import record_event
from orders.models import Order
from payments.models import Payment, PaymentMethod
from payments.starting import session_request
from storefront.checkout import place_order
from storefront.notifications.sending import send_message
from storefront.shops import Shop
from tests.factories import NOW, make_cart, make_method, make_promotion
from tests.fulfillment.scenes import send
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell, words
from tests.storefront.staff.people import log_in, make_merchant, make_packer
from tests.storefront.test_checkout import details

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def plain(text: str) -> str:
    return re.sub("[\u2066-\u2069]", "", text).replace("\N{NO-BREAK SPACE}", " ")


def seen(response: Any) -> str:
    assert response.status_code == 200
    return plain(words(response))


def has(text: str, rows: str) -> bool:
    """Tell whether rows are there one after another, whatever space is between them."""
    return re.sub(r"\s", "", rows) in re.sub(r"\s", "", text)


def promote() -> None:
    make_promotion(name="Autumn sale", percent=D(25), priority=1)
    make_promotion(
        name="Post for free", action=Promotion.Action.FREE_DELIVERY, coupon="POST", priority=2
    )


def order_in(market: Market, shop: Shop, total: str, *, method: str = "card") -> Order:
    """Order three units of 9.99 with a quarter off, and with free delivery by coupon."""
    cart = make_cart(market, {sell(market, "9.99", title="Teapot"): 3}, coupon="POST")
    address = {**details(market, total).shipping_address, "country": shop.country}
    asked = details(
        market, total, shop=shop, shipping_address=address, method=method,
        agreed_total=Money(total, market.currency),
    )  # fmt: skip
    return place_order(cart, details=asked, now=NOW)[0]


@pytest.fixture
def german() -> Order:
    market = open_markets("de")["de"]
    offer_card(market)
    promote()
    return order_in(market, Shop(market, "en", "en_IE", "DE"), "22.48")


def test_checkout_names_discounts_and_total_at_each_step(client: Client) -> None:
    market = open_markets("de")["de"]
    offer_card(market)
    promote()
    add(client, "de-en", sell(market, "9.99"), 3)
    client.post("/de-en/cart/", {"coupon": "post"})
    typed = {"country": "DE", "email": "ada@example.com", "name": "Ada", "city": "Hamburg",
             "street_address": "Hafen 1", "postal_code": "20457"}  # fmt: skip
    rows = "Goods€29.97 Delivery€5.00 Autumn sale-€7.49 Post for free-€5.00 Total€22.48"

    assert has(seen(client.get("/de-en/cart/")), rows.replace("Delivery", "Standard"))
    assert has(seen(client.get("/de-en/checkout/")), rows)
    client.post("/de-en/checkout/", typed)
    text = seen(client.get("/de-en/checkout/delivery/"))
    assert has(text, rows)
    assert "Standard free" in text
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    page = client.get("/de-en/checkout/payment/")
    assert has(seen(page), rows)
    assert page.context["agreed"] == "22.48"


def test_coupon_that_does_not_hold_is_told_at_checkout_too(client: Client) -> None:
    market = open_markets("de")["de"]
    add(client, "de-en", sell(market, "10"))
    client.post("/de-en/cart/", {"coupon": "gone"})

    assert "We know no coupon gone." in seen(client.get("/de-en/checkout/"))


def test_order_page_shows_what_was_taken_off(client: Client, german: Order) -> None:
    text = seen(client.get(f"/de-en/orders/{german.token}/"))

    rows = "Goods€29.97 Standard€5.00 Autumn sale-€7.49 Post for free-€5.00 Total€22.48"
    assert has(text, rows)


def test_order_page_without_tax_inside_adds_up_from_net(client: Client) -> None:
    market = open_markets("us")["us"]
    offer_card(market)
    promote()
    order = order_in(market, Shop(market, "en", "en_US", "US"), "26.75")

    text = seen(client.get(f"/us-en/orders/{order.token}/"))

    rows = "Goods$29.97 Standard$5.00 Autumn sale-$7.49 Post for free-$5.00"
    assert has(text, f"{rows} VAT 19%$4.27 Total$26.75")
    assert (order.net, order.tax, order.gross) == (D("22.48"), D("4.27"), D("26.75"))


def test_confirmation_shows_what_was_taken_off(german: Order) -> None:
    send_message(record_event(german, "payment_authorised", now=NOW))

    assert (
        "3 × Teapot: €29.97\nStandard: €5.00\nAutumn sale: -€7.49\nPost for free: -€5.00\n"
        "Total: €22.48\n"
    ) in plain(str(mail.outbox[0].body))


def test_staff_see_what_was_taken_off_if_they_see_prices(german: Order) -> None:
    page = reverse("staff:order", args=[german.number])

    text = seen(log_in(make_merchant()).get(page))
    assert "€9.99 -€7.49 €22.48" in text
    assert has(text, "Taken off already Autumn sale -€7.49 Post for free · POST -€5.00")
    packer = seen(log_in(make_packer()).get(page))
    assert "Autumn sale" not in packer
    assert "7.49" not in packer


def test_admin_shows_what_was_taken_off_and_by_which_version(german: Order) -> None:
    boss = log_in(make_merchant())

    text = seen(boss.get(reverse("admin:orders_order_change", args=[german.pk])))

    sku = german.lines.get().sku
    version = german.discounts.earliest("id").promotion_version
    assert f"Autumn sale - {sku} {version} -€7.49" in text
    assert "Post for free POST Delivery" in text
    cart = seen(boss.get(reverse("admin:orders_cart_change", args=[german.cart_id])))
    assert "POST" in cart


def test_gateway_is_asked_for_the_lines_after_discounts(german: Order) -> None:
    payment = german.payments.get()
    payment.expires_at = NOW
    request = session_request(payment)

    assert [(line.quantity, line.amount) for line in request.lines] == [(3, D("22.48"))]
    assert request.amount == D("22.48")


def test_returned_units_are_worth_what_was_paid_for_them() -> None:
    """Thirds of 22.48, after the discount and without the delivery, add up to it."""
    market = open_markets("de")["de"]
    make_method(market, "transfer", gateway=PaymentMethod.Gateway.BANK_TRANSFER)
    promote()
    order = order_in(market, Shop(market, "en", "en_IE", "DE"), "22.48", method="transfer")
    Payment.objects.update(status=Payment.Status.CAPTURED, captured=order.gross)
    Order.objects.update(status="released", payment_status="paid")
    route_order(order.pk, now=NOW)
    for shipment in order.shipments.all():
        send(shipment)
    line = order.lines.get()

    refunds = []
    for _unit in range(3):
        back = request_return(order, [(line.pk, 1, "changed_mind")], note="", now=NOW)
        approve_return(back.pk, now=NOW)
        row = back.lines.get()
        hub = order.shipments.get().warehouse
        receive_return(back.pk, warehouse=hub, received={row.pk: 1}, now=NOW)
        inspect_return(back.pk, grades={row.pk: "a"}, now=NOW, user=None)
        refunds.append(refund_return(back.pk, now=NOW).amount)

    assert refunds == [Money(part, "EUR") for part in ("7.49", "7.50", "7.49")]
    assert Payment.objects.get().refunded == order.gross
