"""Buying for a business: the VAT id is read, checked with its register, and told about."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django.live_server_helper import LiveServer

from catalog.models import Variant
from fulfillment.models import Warehouse
from markets.loading import load_tax_law
from markets.models import Market, TaxIdCheck
from markets.tax_ids import forget_checks
from orders.models import Cart, Order
from storefront.pages import paying
from storefront.pages.business import answer_for, refresh_check
from storefront.pages.requests import now
from storefront.shops import Shop, list_shops
from tests.conftest import NewPage
from tests.markets.tax_ids.registers import (
    Register,
    register,
    vies_error,
    vies_invalid,
    vies_valid,
)
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell, words

pytestmark = pytest.mark.django_db(transaction=True)

AUSTRIAN = {
    "email": "ada@example.com",
    "country": "AT",
    "name": "Ada Lindgren",
    "street_address": "Hafenstraße 1",
    "postal_code": "1010",
    "city": "Wien",
    "business-company": "Hafenkontor  GmbH",
    "business-tax-id": "atu 13585627",
}

SENDER = "192.0.2.7"


@pytest.fixture
def market() -> Market:
    market = open_markets("de", "ch", "gb")["de"]
    offer_card(market)
    return market


@pytest.fixture
def variant(market: Market, client: Client) -> Variant:
    variant = sell(market, "42.80")
    add(client, "de-en", variant)
    return variant


@pytest.fixture
def vies(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("markets.tax_ids.answers.PAUSES_SECONDS", (0.001, 0.001))
    with register(vies_valid("ATU13585627")) as server:
        settings.VIES_URL = f"{server.url}/check"
        yield server


def send(client: Client, shop: str = "de-en", **changes: str) -> Any:
    return client.post(f"/{shop}/checkout/", {**AUSTRIAN, **changes})


def errors(response: Any) -> dict[str, str]:
    assert response.status_code == 422
    found = dict(response.context["form"].errors)
    html = response.content.decode()
    for field, message in found.items():
        assert f'id="{field}"' in html
        assert f'href="#{field}"' in html
        assert f'id="{field.replace("id_", "error_", 1)}">{escape(message)}' in html
    return found


def test_valid_id_goes_into_the_cart_as_it_is_written_on_documents(
    client: Client, variant: Variant, vies: Register
) -> None:
    assert send(client).status_code == 302

    cart = Cart.objects.get()
    assert (cart.company, cart.tax_id) == ("Hafenkontor GmbH", "ATU13585627")
    check = TaxIdCheck.objects.get()
    assert (check.number, check.outcome) == ("ATU13585627", "valid")
    answer = answer_for(cart, now=now(), reverse_charge=True, taxed=False)
    assert answer is not None
    assert (answer.mood, answer.tax_id) == ("good", "ATU13585627")
    assert "no VAT is charged" in answer.text
    partly = answer_for(cart, now=now(), reverse_charge=True, taxed=True)
    assert partly is not None
    assert "on what comes from another country" in partly.text
    # Within the country the supplier charges it all the same, and must not say otherwise.
    at_home = answer_for(cart, now=now(), reverse_charge=False, taxed=True)
    assert at_home is not None
    assert "VAT is charged here" in at_home.text


def test_form_comes_back_with_what_the_cart_holds(
    client: Client, variant: Variant, vies: Register
) -> None:
    send(client)
    html = client.get("/de-en/checkout/").content.decode()
    assert 'value="Hafenkontor GmbH"' in html
    assert 'value="ATU13585627"' in html
    send(client, **{"business-company": "", "business-tax-id": ""})
    cart = Cart.objects.get()
    assert (cart.company, cart.tax_id) == ("", "")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("ATU13585628", "begins with AT"),
        ("<script>", "begins with AT"),
        ("DE136695976", "has to be of the country"),
    ],
)
def test_slip_is_named_at_the_field_and_nobody_is_asked(
    client: Client, variant: Variant, vies: Register, typed: str, says: str
) -> None:
    found = errors(send(client, **{"business-tax-id": typed}))
    assert list(found) == ["id_business-tax-id"]
    assert says in found["id_business-tax-id"]
    assert vies.asked == []
    assert Cart.objects.get().tax_id == ""


def test_register_is_asked_only_when_all_else_is_sound(
    client: Client, variant: Variant, vies: Register
) -> None:
    assert list(errors(send(client, email="ada@"))) == ["id_email"]
    assert vies.asked == []


def test_company_is_taken_from_the_address_or_asked_for(
    client: Client, variant: Variant, vies: Register
) -> None:
    nameless = {"business-company": " "}
    assert list(errors(send(client, **nameless))) == ["id_business-company"]
    assert send(client, **nameless, company_name="Kontor OG").status_code == 302
    assert Cart.objects.get().company == "Kontor OG"


def test_id_that_the_register_does_not_know_is_named_at_the_field(
    client: Client, variant: Variant, vies: Register
) -> None:
    vies.answers[:] = [vies_invalid("ATU13585627")]
    found = errors(send(client))
    assert list(found) == ["id_business-tax-id"]
    assert "does not know this VAT id" in found["id_business-tax-id"]
    assert Cart.objects.get().tax_id == ""


def test_outage_keeps_nobody_from_buying_and_says_that_vat_is_charged(
    client: Client, variant: Variant, vies: Register
) -> None:
    vies.answers[:] = [vies_error("MS_UNAVAILABLE")]
    assert send(client).status_code == 302

    cart = Cart.objects.get()
    assert cart.tax_id == "ATU13585627"
    answer = answer_for(cart, now=now(), reverse_charge=False, taxed=True)
    assert answer is not None
    assert answer.mood == "warn"
    assert "could not be checked: VAT is charged" in answer.text
    assert "ask us for it back" in answer.text


def shop_of(prefix: str) -> Shop:
    return next(shop for shop in list_shops() if shop.prefix == prefix)


def test_answer_that_counts_no_more_is_asked_for_again(
    client: Client, variant: Variant, vies: Register
) -> None:
    send(client)
    cart, shop, moment = Cart.objects.get(), shop_of("de-en"), now()
    refresh_check(cart, shop=shop, sender=SENDER, now=moment + timedelta(hours=23))
    assert len(vies.asked) == 1
    refresh_check(cart, shop=shop, sender=SENDER, now=moment + timedelta(hours=25))
    assert len(vies.asked) == 2
    cart.tax_id = ""
    refresh_check(cart, shop=shop, sender=SENDER, now=moment + timedelta(hours=99))
    assert len(vies.asked) == 2
    assert answer_for(cart, now=moment, reverse_charge=False, taxed=True) is None


def test_register_that_is_out_is_waited_for_once(
    client: Client, variant: Variant, vies: Register
) -> None:
    vies.answers[:] = [vies_error("MS_UNAVAILABLE")]
    send(client)
    cart, shop, moment = Cart.objects.get(), shop_of("de-en"), now()
    assert len(vies.asked) == 3
    refresh_check(cart, shop=shop, sender=SENDER, now=moment + timedelta(minutes=4))
    assert len(vies.asked) == 3
    vies.answers[:] = [vies_valid("ATU13585627")]
    refresh_check(cart, shop=shop, sender=SENDER, now=moment + timedelta(minutes=6))
    assert len(vies.asked) == 4
    answer = answer_for(cart, now=moment + timedelta(minutes=6), reverse_charge=True, taxed=False)
    assert answer is not None
    assert answer.mood == "good"


def test_field_is_there_where_it_has_an_effect(client: Client, variant: Variant) -> None:
    html = client.get("/de-en/checkout/").content.decode()
    assert 'data-test="business-tax-id"' in html
    assert "Begins with DE." in html
    changed = send(client, change="country").content.decode()
    assert "Begins with AT." in changed
    assert "Hafenkontor  GmbH" in changed


def test_field_is_not_there_where_businesses_have_no_number(client: Client) -> None:
    american = open_markets("us")["us"]
    add(client, "us-en", sell(american))
    html = client.get("/us-en/checkout/").content.decode()
    assert 'data-test="business-tax-id"' not in html
    typed = {"country": "US", "postal_code": "94105", "city": "San Francisco", "country_area": "CA"}
    assert send(client, "us-en", **typed).status_code == 302
    cart = Cart.objects.get()
    assert (cart.company, cart.tax_id) == ("", "")


def test_number_that_nobody_can_check_is_read_and_says_that_tax_is_charged(
    client: Client, vies: Register
) -> None:
    swiss = open_markets("ch")["ch"]
    add(client, "ch-en", sell(swiss))
    html = client.get("/ch-en/checkout/").content.decode()
    assert "UID/MWST" in html
    typed = {"country": "CH", "postal_code": "8001", "city": "Zürich"}
    found = errors(send(client, "ch-en", **typed))
    assert "This is no UID/MWST of Switzerland" in found["id_business-tax-id"]
    number = {"business-tax-id": "CHE-107.787.577 MWST"}
    assert send(client, "ch-en", **typed, **number).status_code == 302
    cart = Cart.objects.get()
    assert cart.tax_id == "CHE107787577MWST"
    assert "We cannot check this number, so tax is charged" in words(
        client.get("/ch-en/checkout/delivery/")
    )
    assert (vies.asked, TaxIdCheck.objects.count()) == ([], 0)


def test_number_is_shown_as_its_country_writes_it(client: Client) -> None:
    japanese = open_markets("jp")["jp"]
    add(client, "jp-en", sell(japanese))
    typed = {
        "country": "JP", "postal_code": "150-0001", "city": "Shibuya", "country_area": "東京都",
        "business-tax-id": "T7000012050002",
    }  # fmt: skip
    assert send(client, "jp-en", **typed).status_code == 302
    assert "Hafenkontor GmbH · T7000012050002" in words(client.get("/jp-en/checkout/delivery/"))


def test_one_sender_cannot_use_up_the_questions_of_all(
    client: Client, variant: Variant, vies: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storefront.tax_id_checks.QUESTIONS", 1)
    send(client)
    vies.answers[:] = [vies_valid("ATU16370905")]
    assert send(client, **{"business-tax-id": "ATU16370905"}).status_code == 302
    assert len(vies.asked) == 1
    cart, moment = Cart.objects.get(), now()
    refresh_check(cart, shop=shop_of("de-en"), sender="127.0.0.1", now=moment)
    assert len(vies.asked) == 1
    refresh_check(cart, shop=shop_of("de-en"), sender=SENDER, now=moment)
    assert len(vies.asked) == 2


@pytest.mark.parametrize(
    ("reverse_charge", "taxed", "says"),
    [
        (False, False, "It has not been checked."),
        (False, True, "The VAT id could not be checked: VAT is charged."),
    ],
)
def test_nobody_is_told_of_tax_that_is_not_in_the_total(
    client: Client, variant: Variant, vies: Register, reverse_charge: bool, taxed: bool, says: str
) -> None:
    vies.answers[:] = [vies_error("MS_UNAVAILABLE")]
    send(client)
    cart = Cart.objects.get()
    answer = answer_for(cart, now=now(), reverse_charge=reverse_charge, taxed=taxed)
    assert answer is not None
    assert says in answer.text


def test_id_of_another_country_than_the_parcel_s_is_named_as_such(
    client: Client, variant: Variant, vies: Register
) -> None:
    send(client)
    cart = Cart.objects.get()
    cart.tax_id = "DE136695976"
    answer = answer_for(cart, now=now(), reverse_charge=False, taxed=True)
    assert answer is not None
    assert (answer.mood, "not of the country that the parcel goes to" in answer.text) == (
        "warn",
        True,
    )


def test_northern_ireland_wants_its_own_letters(client: Client, vies: Register) -> None:
    british = open_markets("gb")["gb"]
    add(client, "gb-en", sell(british))
    vies.answers[:] = [vies_valid("XI980780684")]
    typed = {"country": "GB", "postal_code": "BT1 5GS", "city": "Belfast"}
    found = errors(send(client, "gb-en", **typed, **{"business-tax-id": "GB980780684"}))
    assert "begin with XI" in found["id_business-tax-id"]
    assert send(client, "gb-en", **typed, **{"business-tax-id": "980780684"}).status_code == 302
    assert Cart.objects.get().tax_id == "XI980780684"


def test_block_follows_the_country_and_keeps_what_was_typed(
    client: Client, variant: Variant, new_page: NewPage, live_server: LiveServer
) -> None:
    page = new_page(base_url=live_server.url)
    page.context.add_cookies(
        [
            {"name": name, "value": morsel.value, "url": live_server.url}
            for name, morsel in client.cookies.items()
        ]
    )
    page.goto("/de-en/checkout/")
    page.get_by_text("Buying for a business?").first.click()
    page.fill("[data-test=business-tax-id]", "U13585627")
    for country, prefix in (("AT", "AT"), ("DE", "DE"), ("AT", "AT")):
        page.select_option("#id_country", country)
        page.get_by_text(f"Begins with {prefix}.").wait_for()
        assert page.input_value("[data-test=business-tax-id]") == "U13585627"
    assert page.locator("#business").count() == 1


def test_confirmed_business_abroad_pays_no_vat_and_its_order_keeps_the_evidence(
    client: Client, variant: Variant, vies: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paying, "open_payment", lambda _id, **_rest: "https://pay.example/")
    load_tax_law()
    Warehouse.objects.update(country="NL")
    send(client)
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    page = client.get("/de-en/checkout/payment/")
    assert "The VAT id is valid: no VAT is charged" in words(page)
    assert page.context["summary"].taxes == ()

    client.post("/de-en/checkout/payment/", {"method": "card", "agreed": page.context["agreed"]})

    order = Order.objects.get()
    assert (order.tax, order.buyer_tax_id, order.buyer_company) == (
        Decimal(0),
        "ATU13585627",
        "Hafenkontor GmbH",
    )
    assert order.tax_id_check == TaxIdCheck.objects.get()


def test_business_whom_nobody_confirmed_pays_vat(
    client: Client, variant: Variant, vies: Register
) -> None:
    vies.answers[:] = [vies_error("MS_UNAVAILABLE")]
    load_tax_law()
    Warehouse.objects.update(country="NL")
    send(client)
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    page = client.get("/de-en/checkout/payment/")
    assert "The VAT id could not be checked: VAT is charged." in words(page)
    assert [percent for _name, percent, _tax in page.context["summary"].taxes] == [19]


def test_id_taken_back_after_the_total_was_shown_orders_nothing(
    client: Client, variant: Variant, vies: Register
) -> None:
    load_tax_law()
    Warehouse.objects.update(country="NL")
    send(client)
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    agreed = client.get("/de-en/checkout/payment/").context["agreed"]
    send(client, **{"business-company": "", "business-tax-id": ""})

    page = client.post("/de-en/checkout/payment/", {"method": "card", "agreed": agreed})

    assert "The total has changed since you saw it." in words(page)
    assert page.context["agreed"] != agreed
    assert not Order.objects.exists()


def test_answer_that_ran_out_since_the_total_was_shown_orders_nothing(
    client: Client, variant: Variant, vies: Register
) -> None:
    load_tax_law()
    Warehouse.objects.update(country="NL")
    send(client)
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    agreed = client.get("/de-en/checkout/payment/").context["agreed"]
    forget_checks(now=now() + timedelta(days=3))
    vies.answers[:] = [vies_error("MS_UNAVAILABLE")]

    page = client.post("/de-en/checkout/payment/", {"method": "card", "agreed": agreed})

    assert "The total has changed since you saw it." in words(page)
    assert "could not be checked: VAT is charged" in words(page)
    assert not Order.objects.exists()
