"""A product's page: the variant chosen by the address, its price, its promise, its data."""

import json
import re

import pytest
from django.test import Client

from catalog.models import Variant
from fulfillment.models import Warehouse
from markets.models import Market
from tests.factories import make_price, make_stock, make_variant
from tests.storefront.pages.shelf import give_colour, open_markets, sell, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return open_markets("de", "us")["de"]


def two_colours(market: Market) -> tuple[Variant, Variant]:
    first = sell(market, "49.90", slug_en="pot", title="Teapot")
    second = make_variant(first.product)
    make_price(second, market, "59.90")
    make_stock(second, Warehouse.objects.get(), 3)
    give_colour(first, "celadon", "#9DB8A0")
    give_colour(second, "ink", "#1F2A33")
    return first, second


def test_variant_is_chosen_by_the_address(client: Client, market: Market) -> None:
    first, second = two_colours(market)

    plain = client.get("/de-en/p/pot/").context["product"]
    chosen = client.get(f"/de-en/p/pot/?v={second.sku}").context["product"]

    assert (plain.sku, str(plain.price)) == (first.sku, "€49.90")
    assert (chosen.sku, str(chosen.price)) == (second.sku, "€59.90")
    assert [(row.name, row.selected) for row in chosen.axes[0].choices] == [
        ("Celadon", False),
        ("Ink", True),
    ]
    assert chosen.axes[0].choices[0].url == f"/de-en/p/pot/?v={first.sku}"


def test_unknown_variant_falls_back_to_one_that_can_be_had(client: Client, market: Market) -> None:
    gone = sell(market, slug_en="pot", stock=0)
    there = make_variant(gone.product)
    make_price(there, market)
    make_stock(there, Warehouse.objects.get(), 1)

    assert client.get("/de-en/p/pot/?v=nothing").context["product"].sku == there.sku


def test_page_says_the_price_tax_and_day_of_arrival(client: Client, market: Market) -> None:
    two_colours(market)

    text = words(client.get("/de-en/p/pot/"))

    assert "€49.90" in text
    assert "incl. VAT, plus delivery" in text
    assert re.search(r"Arrives \w+.+\d", text)


def test_market_without_tax_in_its_prices_says_so(client: Client, market: Market) -> None:
    variant, _second = two_colours(market)
    make_price(variant, Market.objects.get(code="us"), "55")

    assert "+ tax, plus delivery" in words(client.get("/us-en/p/pot/"))


def test_sold_out_variant_cannot_be_added(client: Client, market: Market) -> None:
    sell(market, slug_en="pot", stock=0)

    html = client.get("/de-en/p/pot/").content.decode()

    assert re.search(r"<button[^>]+disabled[^>]+data-test=\"add-to-cart\"", html)


def test_structured_data_is_the_offer_and_cannot_break_out(client: Client, market: Market) -> None:
    variant = sell(market, "49.90", slug_en="pot", title="</script><b>Pot & “lid”")

    html = client.get("/de-en/p/pot/").content.decode()
    block = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)

    assert len(block) == 1
    data = json.loads(block[0])
    assert data["name"] == "</script><b>Pot & “lid”"
    assert data["offers"]["price"] == "49.9"
    assert data["offers"]["priceCurrency"] == "EUR"
    assert data["offers"]["availability"] == "https://schema.org/LimitedAvailability"
    assert data["sku"] == variant.sku
    assert "<b>Pot" not in html


def test_description_keeps_known_tags_only(client: Client, market: Market) -> None:
    sell(
        market,
        slug_en="pot",
        description='<p onclick="x()">A <b>pot</b><script>x()</script></p><img src=x>',
    )

    html = client.get("/de-en/p/pot/").content.decode()

    assert "<p>A <b>pot</b></p>" in html
    assert "onclick" not in html


def test_plain_description_becomes_paragraphs(client: Client, market: Market) -> None:
    sell(market, slug_en="pot", description="One < two.\n\nThree.")

    assert "<p>One &lt; two.</p>" in client.get("/de-en/p/pot/").content.decode()
