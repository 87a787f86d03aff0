"""Checkout by plain forms: errors beside fields, input kept, one total, the right button."""

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.test import Client

from catalog.models import Variant
from markets.models import Market
from markets.pricing import set_manual_price
from orders.models import Address, Cart, Order
from payments.models import MethodOffer, PaymentMethod
from storefront.pages import paying
from tests.factories import NOW, make_method
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell, words

pytestmark = pytest.mark.django_db(transaction=True)

GERMAN = {
    "email": "ada@example.com",
    "country": "DE",
    "name": "Ada Lindgren",
    "street_address": "Hafenstraße 1",
    "postal_code": "20457",
    "city": "Hamburg",
}


@pytest.fixture
def market() -> Market:
    market = open_markets("de")["de"]
    offer_card(market)
    return market


@pytest.fixture
def variant(market: Market, client: Client) -> Variant:
    variant = sell(market, "42.80")
    add(client, "de-en", variant)
    return variant


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the gateway: give a payment page and note where it leads back to."""
    seen: list[str] = []

    def open_payment(payment_id: int, *, success_url: str, **_rest: Any) -> str:
        seen.append(success_url)
        return "https://pay.example/session"

    monkeypatch.setattr(paying, "open_payment", open_payment)
    return seen


def go_to_payment(client: Client, shop: str = "de-en", data: dict[str, str] = GERMAN) -> Any:
    client.post(f"/{shop}/checkout/", data)
    client.post(f"/{shop}/checkout/delivery/", {"delivery": "standard"})
    return client.get(f"/{shop}/checkout/payment/")


def test_wrong_input_is_kept_and_each_error_stands_at_its_field(
    client: Client, variant: Variant
) -> None:
    data = {**GERMAN, "email": "ada@", "postal_code": "ABC", "name": "", "city": "Köln <b>"}

    response = client.post("/de-en/checkout/", data)

    assert response.status_code == 422
    form = response.context["form"]
    assert {row.name: row.error for row in form.shipping.fields if row.error}.keys() == {
        "name",
        "postal_code",
    }
    assert form.email_error
    html = response.content.decode()
    assert 'value="ada@"' in html
    assert 'value="ABC"' in html
    assert "Köln &lt;b&gt;" in html
    assert "Hafenstraße 1</textarea>" in html
    assert 'aria-describedby="error_postal_code"' in html
    assert Cart.objects.get().shipping_address is None


def test_country_comes_first_and_changes_the_form_but_not_the_input(
    client: Client, variant: Variant, market: Market
) -> None:
    market.countries.create(country="JP", position=5)

    first = client.get("/de-en/checkout/")
    changed = client.post("/de-en/checkout/", {**GERMAN, "country": "JP", "change": "country"})

    assert first.context["form"].shipping.countries[0] == ("DE", "Germany")
    fields = [row.name for row in changed.context["form"].shipping.fields]
    assert "country_area" in fields
    assert "city" not in fields
    assert 'type="hidden" name="city" value="Hamburg"' in changed.content.decode()
    assert changed.status_code == 200


def test_country_of_another_market_is_not_taken(client: Client, variant: Variant) -> None:
    client.post("/de-en/checkout/", {**GERMAN, "country": "US"})

    address = Cart.objects.get().shipping_address
    assert address is not None
    assert address.country == "DE"


def test_steps_cannot_be_skipped(client: Client, variant: Variant) -> None:
    assert client.get("/de-en/checkout/payment/").headers["Location"] == "/de-en/checkout/"
    client.post("/de-en/checkout/", GERMAN)
    assert client.get("/de-en/checkout/payment/").headers["Location"] == "/de-en/checkout/delivery/"


def test_checkout_without_goods_leads_to_the_cart(client: Client, market: Market) -> None:
    assert client.get("/de-en/checkout/").headers["Location"] == "/de-en/cart/"


def test_review_shows_delivery_tax_one_total_and_the_laws_button(
    client: Client, variant: Variant
) -> None:
    page = go_to_payment(client)

    text = words(page)
    assert "€47.80" in text
    assert "including VAT 19%" in text
    assert page.context["button"].now == "Order with obligation to pay"
    assert [method.code for method in page.context["methods"]] == ["card"]


def test_button_states_the_amount_where_no_law_forbids_it(client: Client) -> None:
    market = open_markets("us")["us"]
    offer_card(market)
    add(client, "us-en", sell(market, "42.80"))
    data = {
        "email": "ada@example.com", "country": "US", "name": "Ada", "city": "Austin",
        "street_address": "1 Main St", "country_area": "TX", "postal_code": "78701",
    }  # fmt: skip

    button = go_to_payment(client, "us-en", data).context["button"]

    assert button.now == "Pay \u2068$56.88\u2069 now"
    assert button.door == "Order and pay \u2068$56.88\u2069 on delivery"


def test_order_is_placed_and_the_shopper_sent_to_pay(
    client: Client, variant: Variant, opened: list[str]
) -> None:
    page = go_to_payment(client)

    response = client.post(
        "/de-en/checkout/payment/", {"method": "card", "agreed": page.context["agreed"]}
    )

    order = Order.objects.get()
    assert response.headers["Location"] == "https://pay.example/session"
    assert opened == [f"{shop_settings.PUBLIC_URL}/de-en/checkout/return/{order.token}/"]
    assert (order.email, order.language, str(order.gross)) == ("ada@example.com", "en", "47.800")
    assert client.get("/de-en/cart/").context["quote"] is None


def test_second_click_leads_to_the_order_of_the_first(
    client: Client, variant: Variant, opened: list[str]
) -> None:
    form = {"method": "card", "agreed": go_to_payment(client).context["agreed"]}
    client.post("/de-en/checkout/payment/", form)

    response = client.post("/de-en/checkout/payment/", form)

    order = Order.objects.get()
    assert response.headers["Location"] == f"/de-en/orders/{order.token}/"


def test_total_that_has_changed_is_shown_and_nothing_is_ordered(
    client: Client, variant: Variant, market: Market
) -> None:
    agreed = go_to_payment(client).context["agreed"]
    set_manual_price(variant.pk, market, Decimal("50.00"), now=NOW)

    response = client.post("/de-en/checkout/payment/", {"method": "card", "agreed": agreed})

    assert "The total has changed" in words(response)
    assert "€55.00" in words(response)
    assert not Order.objects.exists()


def test_method_that_is_not_offered_is_refused(client: Client, variant: Variant) -> None:
    agreed = go_to_payment(client).context["agreed"]

    response = client.post("/de-en/checkout/payment/", {"method": "oxxo", "agreed": agreed})

    assert response.status_code == 422
    assert "Choose how to pay." in words(response)
    assert not Order.objects.exists()


def test_each_method_says_when_it_takes_the_money(
    client: Client, variant: Variant, market: Market
) -> None:
    gateway = PaymentMethod.Gateway
    make_method(market, "transfer", gateway=gateway.BANK_TRANSFER, gateway_type="")
    make_method(market, "door", gateway=gateway.CASH_ON_DELIVERY, gateway_type="")
    assert MethodOffer.objects.count() == 3

    page = go_to_payment(client)

    assert {row.code: row.when for row in page.context["methods"]} == {
        "card": "now",
        "transfer": "later",
        "door": "door",
    }


BILL = {
    "bill_elsewhere": "1",
    "billing-shown": "1",
    "billing-country": "AT",
    "billing-name": "Lindgren GmbH",
    "billing-street_address": "Praterstraße 1",
    "billing-postal_code": "1020",
    "billing-city": "Wien",
}


def test_bill_goes_with_the_parcel_unless_it_is_asked_for(client: Client, variant: Variant) -> None:
    page = client.get("/de-en/checkout/")

    assert page.context["form"].billing is None
    assert "billing-name" not in page.content.decode()


def test_ticked_box_shows_a_second_form_without_javascript(
    client: Client, variant: Variant
) -> None:
    response = client.post("/de-en/checkout/", {**GERMAN, "bill_elsewhere": "1"})

    html = response.content.decode()
    assert response.status_code == 200
    assert 'name="billing-street_address"' in html
    assert 'autocomplete="billing street-address"' in html
    assert 'value="Hamburg"' in html
    assert response.context["form"].errors == ()


def test_bill_has_a_country_of_its_own(client: Client, variant: Variant, market: Market) -> None:
    market.countries.create(country="JP", position=5)

    form = client.post(
        "/de-en/checkout/", {**GERMAN, **BILL, "billing-country": "JP", "change": "country"}
    ).context["form"]

    assert [form.shipping.country, form.billing.country] == ["DE", "JP"]
    assert "billing-country_area" in [row.name for row in form.billing.fields]


def test_wrong_bill_is_told_at_its_own_fields(client: Client, variant: Variant) -> None:
    response = client.post(
        "/de-en/checkout/", {**GERMAN, **BILL, "billing-name": "", "billing-postal_code": "x"}
    )

    assert response.status_code == 422
    assert [name for name, _message in response.context["form"].errors] == [
        "id_billing-name",
        "id_billing-postal_code",
    ]
    assert "the bill is made out to" in words(response)
    assert Cart.objects.get().shipping_address is None


def test_bills_address_is_kept_shown_and_ordered(
    client: Client, variant: Variant, opened: list[str]
) -> None:
    page = go_to_payment(client, data={**GERMAN, **BILL})

    assert "Lindgren GmbH" in words(page)
    assert 'value="Lindgren GmbH"' in client.get("/de-en/checkout/").content.decode()
    client.post("/de-en/checkout/payment/", {"method": "card", "agreed": page.context["agreed"]})

    order = Order.objects.select_related("shipping_address", "billing_address").get()
    assert (order.shipping_address.city, order.billing_address.city) == ("Hamburg", "Wien")
    assert "Praterstraße 1" in words(client.get(f"/de-en/orders/{order.token}/"))


def test_box_taken_away_forgets_the_bills_address(client: Client, variant: Variant) -> None:
    client.post("/de-en/checkout/", {**GERMAN, **BILL})
    assert Address.objects.count() == 2

    client.post("/de-en/checkout/", GERMAN)

    assert Cart.objects.get().billing_address is None
    assert [row.city for row in Address.objects.all()] == ["Hamburg"]


def test_methods_follow_the_bills_country(
    client: Client, variant: Variant, market: Market, opened: list[str]
) -> None:
    eps = make_method(market, "eps")
    MethodOffer.objects.filter(method=eps).update(countries=["AT"])
    at_home = go_to_payment(client)
    assert [row.code for row in at_home.context["methods"]] == ["card"]

    page = go_to_payment(client, data={**GERMAN, **BILL})
    client.post("/de-en/checkout/payment/", {"method": "eps", "agreed": page.context["agreed"]})

    assert [row.code for row in page.context["methods"]] == ["card", "eps"]
    assert Order.objects.get().billing_address.country == "AT"


def test_order_keeps_the_address_it_was_placed_from(
    client: Client, variant: Variant, opened: list[str], settings: Any
) -> None:
    settings.TRUSTED_PROXIES = 1
    form = {"method": "card", "agreed": go_to_payment(client).context["agreed"]}

    client.post(
        "/de-en/checkout/payment/", form, headers={"X-Forwarded-For": "9.9.9.9, 203.0.113.7"}
    )

    assert Order.objects.get().ip_address == "203.0.113.7"
