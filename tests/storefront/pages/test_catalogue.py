"""Lists of goods: filtered, sorted, cut into pages, in a constant number of queries."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.indexing import index_products
from catalog.models import Product
from storefront.pages.listing import ListQuery
from tests.factories import LONG_AGO, NOW, make_category, make_price, make_variant
from tests.storefront.pages.shelf import give_colour, open_markets, sell, titles, words

pytestmark = pytest.mark.django_db


def test_category_sorts_by_the_markets_own_prices(client: Client) -> None:
    markets = open_markets("de", "ch")
    shelf = make_category(slug_en="tea")
    cheap = sell(markets["de"], "10", category=shelf, title="Cheap here")
    dear = sell(markets["de"], "30", category=shelf, title="Dear here")
    make_price(cheap, markets["ch"], "50")
    make_price(dear, markets["ch"], "40")

    assert titles(client.get("/de-en/c/tea/?sort=price")) == ["Cheap here", "Dear here"]
    assert titles(client.get("/de-en/c/tea/?sort=-price")) == ["Dear here", "Cheap here"]
    assert titles(client.get("/ch-en/c/tea/?sort=price")) == ["Dear here", "Cheap here"]


def test_category_leaves_out_what_the_market_does_not_sell(client: Client) -> None:
    markets = open_markets("de", "ch")
    shelf = make_category(slug_en="tea")
    sell(markets["de"], category=shelf, title="Here")
    sell(markets["ch"], category=shelf, title="There")
    sell(markets["de"], category=shelf, title="Draft", status=Product.Status.DRAFT)
    ended = make_variant()
    make_price(ended, markets["de"], valid_from=LONG_AGO, valid_to=NOW)
    ended.product.category = shelf
    ended.product.save()

    response = client.get("/de-en/c/tea/")

    assert titles(response) == ["Here"]
    assert "1 product" in words(response)


def test_price_filter_has_both_bounds_inside(client: Client) -> None:
    market = open_markets("de")["de"]
    shelf = make_category(slug_en="tea")
    for amount in ("9.99", "10", "15", "20", "20.01"):
        sell(market, amount, category=shelf, title=amount)

    response = client.get("/de-en/c/tea/?min=10&max=20&sort=price")

    assert titles(response) == ["10", "15", "20"]
    assert response.context["controls"].listing.total == 3
    assert response.context["controls"].cheapest == "9.99"


def test_product_counts_with_its_lowest_variant(client: Client) -> None:
    market = open_markets("de")["de"]
    shelf = make_category(slug_en="tea")
    first = sell(market, "30", category=shelf, title="Two sizes")
    make_price(make_variant(first.product), market, "12")
    sell(market, "20", category=shelf, title="One size")

    response = client.get("/de-en/c/tea/?sort=price")

    assert titles(response) == ["Two sizes", "One size"]
    assert "from €12.00" in words(response)


def test_stock_filter_and_featured_order_know_what_can_be_had(client: Client) -> None:
    market = open_markets("de")["de"]
    shelf = make_category(slug_en="tea")
    sell(market, category=shelf, title="Gone", stock=0)
    sell(market, category=shelf, title="There")

    assert titles(client.get("/de-en/c/tea/")) == ["There", "Gone"]
    assert titles(client.get("/de-en/c/tea/?stock=1")) == ["There"]


def test_category_shows_the_goods_below_it(client: Client) -> None:
    market = open_markets("de")["de"]
    shelf = make_category(slug_en="tea")
    below = make_category(slug_en="pots", parent=shelf, name="Pots")
    sell(market, category=below, title="Pot")

    response = client.get("/de-en/c/tea/")

    assert titles(response) == ["Pot"]
    assert [link.name for link in response.context["children"]] == ["Pots"]
    assert [link.url for link in client.get("/de-en/c/pots/").context["trail"]] == ["/de-en/c/tea/"]


def test_pages_hold_twenty_four_goods_each_once(client: Client) -> None:
    market = open_markets("de")["de"]
    shelf = make_category(slug_en="tea")
    for number in range(50):
        sell(market, "10", category=shelf, title=f"Good {number}", stock=0)

    pages = [client.get(f"/de-en/c/tea/?sort=price&page={number}") for number in (1, 2, 3, 9)]

    assert [len(titles(page)) for page in pages] == [24, 24, 2, 2]
    assert len({title for page in pages[:3] for title in titles(page)}) == 50
    assert pages[0].context["controls"].next == "?sort=price&page=2"
    assert [link.number for link in pages[0].context["controls"].pages] == [1, 2, 3]


@pytest.mark.parametrize(
    "query", ["sort=nonsense&min=x&max=1e999&page=-1&stock=2", "page=9999999999999", "min=NaN"]
)
def test_nonsense_in_the_query_is_as_if_it_were_not_there(client: Client, query: str) -> None:
    market = open_markets("de")["de"]
    sell(market, category=make_category(slug_en="tea"), title="Pot")

    assert titles(client.get(f"/de-en/c/tea/?{query}")) == ["Pot"]


def test_bounds_in_the_wrong_order_are_swapped_and_commas_are_read() -> None:
    query = ListQuery.of({"min": "20", "max": "12,50"})

    assert (query.lowest, query.highest) == (Decimal("12.50"), Decimal(20))
    assert query.parameters(page=2, q="pot") == "?q=pot&min=12.5&max=20&page=2"


def test_filtered_list_is_not_for_search_engines(client: Client) -> None:
    market = open_markets("de")["de"]
    sell(market, category=make_category(slug_en="tea"))

    assert "noindex" not in client.get("/de-en/c/tea/").content.decode()
    assert "noindex" in client.get("/de-en/c/tea/?sort=price").content.decode()


def test_search_finds_keeps_its_order_and_filters(client: Client) -> None:
    market = open_markets("de")["de"]
    pots = [sell(market, str(price), title=f"Teapot {price}") for price in (30, 10)]
    sell(market, title="Rucksack")
    index_products([pot.product_id for pot in pots], now=NOW)

    assert set(titles(client.get("/de-en/search/?q=teapot"))) == {"Teapot 30", "Teapot 10"}
    assert titles(client.get("/de-en/search/?q=teapot&sort=price")) == ["Teapot 10", "Teapot 30"]
    assert titles(client.get("/de-en/search/?q=teapot&max=20")) == ["Teapot 10"]


def test_search_that_finds_nothing_helps_on(client: Client) -> None:
    market = open_markets("de")["de"]
    sell(market, title="Rucksack")

    response = client.get("/de-en/search/?q=xyzzy")

    assert "We have nothing for “xyzzy”" in words(response)
    assert titles(response) == ["Rucksack"]


def test_search_words_are_escaped(client: Client) -> None:
    open_markets("de")

    html = client.get("/de-en/search/?q=<script>alert(1)</script>").content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


@pytest.mark.parametrize(
    ("path", "expected"),
    # One or two of them read the reference data anew, as a transaction does.
    [("/de-en/", 12), ("/de-en/c/tea/", 16), ("/de-en/p/first/", 24)],
)
def test_queries_do_not_grow_with_the_goods(client: Client, path: str, expected: int) -> None:
    market = open_markets("de")["de"]
    shelf = make_category(slug_en="tea")

    def stock_up(count: int, **fields: Any) -> None:
        for _ in range(count):
            variant = sell(market, category=shelf, **fields)
            give_colour(variant, "celadon")
            other = make_variant(variant.product)
            give_colour(other, "ink")
            make_price(other, market, "12")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    stock_up(1, slug_en="first")
    stock_up(1)
    few = queries()
    stock_up(22)

    assert (few, queries()) == (expected, expected)


def test_filter_suggests_amounts_as_they_are_written_there(client: Client) -> None:
    market = open_markets("de")["de"]
    category = make_category(slug="tea")
    sell(market, "1016.90", category=category)

    page = client.get(f"/de-de/c/{category.slug}/?max=1200.5")

    html = page.content.decode()
    assert 'placeholder="1016,90"' in html
    assert 'value="1200,50"' in html
