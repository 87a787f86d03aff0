"""Every page in every shop: rendered, linked to its counterparts, cached by its address."""

import re
from typing import Any

import pytest
from django.test import Client

from storefront.shops import list_shops
from tests.factories import make_category, make_product
from tests.storefront.pages.shelf import decoded, open_markets, sell, sold_in_all

pytestmark = pytest.mark.django_db

PATHS = [
    *("", "c/{category}/", "p/{product}/", "search/", "search/?q=pot", "cart/", "orders/"),
    *("info/shipping/", "info/returns/", "info/privacy/", "info/terms/", "info/imprint/"),
]


def alternates(html: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', html))


def test_pages_render_in_all_eighteen_shops(client: Client) -> None:
    markets = open_markets()
    category = make_category(slug_en="tea", slug_de="tee", slug_ar="شاي")
    product = make_product(category=category, slug_en="pot", slug_de="kanne", slug_ja="急須")
    sold_in_all(markets, product)

    shops = list_shops()
    assert len(shops) == 18
    for shop in shops:
        key = shop.language.replace("-", "_")
        slugs = {
            "category": getattr(category, f"slug_{key}") or "tea",
            "product": getattr(product, f"slug_{key}") or "pot",
        }
        for path in PATHS:
            response = client.get(f"/{shop.prefix}/{path.format(**slugs)}")
            assert response.status_code == 200, (shop.prefix, path)
            html = response.content.decode()
            assert f'<html lang="{shop.tag}" dir="{shop.direction}">' in html
            assert not re.search(r"<script(?![^>]*(src=|application/ld))", html)
            assert 'style="' not in html


def test_alternates_are_the_same_on_every_page_they_name(client: Client) -> None:
    markets = open_markets()
    product = make_product(slug_en="pot", slug_de="kanne", slug_ja="急須")
    sold_in_all(markets, product)

    first = alternates(client.get("/de-de/p/kanne/").content.decode())

    assert first["de-CH"].endswith("/ch-de/p/kanne/")
    assert first["fr-CH"].endswith("/ch-fr/p/pot/")
    assert decoded(first["ja-JP"]).endswith("/jp-ja/p/急須/")
    assert first["x-default"].endswith("/")
    assert len(first) == 19
    for tag, address in first.items():
        if tag == "x-default":
            continue
        html = client.get("/" + decoded(address).split("/", 3)[3]).content.decode()
        assert alternates(html) == first
        assert f'<link rel="canonical" href="{address}">' in html


def test_alternates_leave_out_markets_that_do_not_sell_the_product(client: Client) -> None:
    markets = open_markets("de", "ch")
    sell(markets["de"], slug_en="pot")

    html = client.get("/de-en/p/pot/").content.decode()

    assert set(alternates(html)) == {"de-DE", "en-DE", "x-default"}


def test_switchers_keep_the_page_its_query_and_its_own_slug(client: Client) -> None:
    markets = open_markets("de", "ch", "jp")
    product = make_product(slug_en="pot", slug_de="kanne", slug_ja="急須")
    variant = sold_in_all(markets, product)

    frame = client.get(f"/ch-de/p/kanne/?v={variant.sku}").context["frame"]

    assert {link.name: decoded(link.url) for link in frame.markets} == {
        "Land de": f"/de-de/p/kanne/?v={variant.sku}",
        "Land ch": f"/ch-de/p/kanne/?v={variant.sku}",
        "Land jp": f"/jp-ja/p/急須/?v={variant.sku}",
    }
    assert {link.name: decoded(link.url) for link in frame.languages} == {
        "Deutsch": f"/ch-de/p/kanne/?v={variant.sku}",
        "Français": f"/ch-fr/p/pot/?v={variant.sku}",
        "English": f"/ch-en/p/pot/?v={variant.sku}",
    }
    assert frame.market.currency == "CHF"


def test_switchers_keep_the_filters_of_a_list(client: Client) -> None:
    markets = open_markets("de", "us")
    category = make_category(slug_en="tea", slug_de="tee")
    sell(markets["de"], category=category)

    frame = client.get("/de-de/c/tee/?sort=price&min=5").context["frame"]

    assert [link.url for link in frame.markets] == [
        "/de-de/c/tee/?sort=price&min=5",
        "/us-en/c/tea/?sort=price&min=5",
    ]


def test_slug_of_another_language_leads_to_this_ones(client: Client) -> None:
    markets = open_markets("de")
    sell(markets["de"], slug_en="pot", slug_de="kanne")

    response = client.get("/de-de/p/pot/?v=1")

    assert response.status_code == 301
    assert response.headers["Location"] == "/de-de/p/kanne/?v=1"


def test_product_of_another_market_is_told_to_be_unsold_here(client: Client) -> None:
    markets = open_markets("de", "ch")
    category = make_category()
    sell(markets["de"], slug_en="pot", title="Pot", category=category)
    near = sell(markets["ch"], category=category)

    response = client.get("/ch-en/p/pot/")

    assert response.status_code == 404
    assert "Pot is not sold in Land ch" in response.content.decode()
    assert [card.title for card in response.context["cards"]] == [near.product.title]


@pytest.mark.parametrize("path", ["", "p/pot/", "search/?q=pot", "info/terms/"])
def test_page_without_a_person_is_public_and_the_same_for_all(client: Client, path: str) -> None:
    markets = open_markets("de")
    sell(markets["de"], slug_en="pot")
    before = client.get(f"/de-en/{path}")
    client.cookies["cart"] = "x" * 32
    client.cookies["sessionid"] = "y" * 32

    response = client.get(f"/de-en/{path}")

    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies
    assert response.content == before.content


@pytest.mark.parametrize("path", ["cart/", "cart/badge/", "orders/", "checkout/"])
def test_page_of_a_person_is_kept_by_nobody(client: Client, path: str) -> None:
    open_markets("de")

    response = client.get(f"/de-de/{path}")

    assert response.headers["Cache-Control"] == "private, no-store"


def test_chooser_suggests_by_language_and_sends_nobody(client: Client) -> None:
    open_markets()

    def suggested(accepted: str) -> Any:
        response = client.get("/", headers={"Accept-Language": accepted})
        assert response.status_code == 200
        found = response.context["suggested"]
        return found and found["url"]

    assert suggested("de-CH,de;q=0.9") == "/ch-de/"
    assert suggested("de-AT") == "/de-de/"
    assert suggested("ja") == "/jp-ja/"
    assert suggested("zh-CN") == "/cn-zh-hans/"
    assert suggested("pt-BR") == "/br-pt-br/"
    assert suggested("sw") is None
    assert suggested("") is None


def test_sitemaps_list_each_page_with_its_alternates(client: Client) -> None:
    markets = open_markets("de", "ch")
    sell(markets["de"], slug_en="pot", slug_de="kanne")

    index = client.get("/sitemap.xml").content.decode()
    german = client.get("/de-de/sitemap.xml").content.decode()
    swiss = client.get("/ch-de/sitemap.xml").content.decode()

    assert len(re.findall("<sitemap>", index)) == 5
    assert "/de-de/p/kanne/</loc>" in german
    assert 'hreflang="en-DE"' in german
    assert "/p/" not in swiss


def test_unknown_address_answers_in_the_shops_manner(client: Client) -> None:
    open_markets("de")

    inside, outside = client.get("/de-de/nothing/"), client.get("/nothing/")

    assert (inside.status_code, outside.status_code) == (404, 404)
    assert 'href="/de-de/"' in inside.content.decode()
