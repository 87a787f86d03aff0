"""A small trading house for the tests of pages: eighteen shops, goods, and a way there."""

from typing import Any
from urllib.parse import unquote

from django.test import Client
from django.utils.html import strip_tags

from catalog.models import Category, Option, OptionValue, Product, Variant, VariantOption
from fulfillment.models import Warehouse
from markets.models import Market
from tests.factories import (
    make_delivery_option,
    make_market,
    make_method,
    make_price,
    make_product,
    make_service,
    make_stock,
    make_variant,
    make_warehouse,
    make_zone,
)

MARKETS: dict[str, dict[str, Any]] = {
    "us": {"currency": "USD", "countries": ["US"], "languages": {"en": "en_US", "es": "es_US"},
           "prices_include_tax": False},
    "gb": {"currency": "GBP", "countries": ["GB"], "languages": {"en": "en_GB"}},
    "de": {"currency": "EUR", "countries": ["DE", "AT"],
           "languages": {"de": "de_DE", "en": "en_IE"}},
    "fr": {"currency": "EUR", "countries": ["FR"], "languages": {"fr": "fr_FR"}},
    "eu": {"currency": "EUR", "countries": ["IE", "IT"], "languages": {"en": "en_IE"}},
    "ch": {"currency": "CHF", "countries": ["CH"],
           "languages": {"de": "de_CH", "fr": "fr_CH", "en": "en_CH"}},
    "jp": {"currency": "JPY", "countries": ["JP"], "languages": {"ja": "ja_JP", "en": "en_GB"}},
    "cn": {"currency": "CNY", "countries": ["CN"], "languages": {"zh-hans": "zh_Hans_CN"}},
    "br": {"currency": "BRL", "countries": ["BR"], "languages": {"pt-br": "pt_BR"}},
    "mx": {"currency": "MXN", "countries": ["MX"], "languages": {"es": "es_MX"}},
    "ae": {"currency": "AED", "countries": ["AE"], "languages": {"ar": "ar_AE", "en": "en_AE"}},
    "au": {"currency": "AUD", "countries": ["AU"], "languages": {"en": "en_AU"}},
}  # fmt: skip


def open_markets(*codes: str) -> dict[str, Market]:
    """Open some markets, or all twelve with their eighteen shops, in this order."""
    markets = {}
    for position, code in enumerate(codes or MARKETS):
        name = f"Land {code}"
        markets[code] = make_market(code, position=position, name=name, **MARKETS[code])
        make_delivery_option(markets[code], price="5")
    countries = [country for code in markets for country in MARKETS[code]["countries"]]
    make_zone(make_service(), make_warehouse(), countries)
    return markets


def sell(
    market: Market, amount: str = "10", *, stock: int = 5, category: Category | None = None,
    **fields: Any,
) -> Variant:  # fmt: skip
    """Put a product with one variant on sale in a market."""
    variant = make_variant(make_product(category=category, **fields))
    make_price(variant, market, amount)
    if stock:
        make_stock(variant, Warehouse.objects.get(), stock)
    return variant


def give_colour(variant: Variant, code: str, swatch: str = "#A8442A") -> None:
    option = Option.objects.get_or_create(code="colour", defaults={"name": "Colour"})[0]
    value = OptionValue.objects.get_or_create(
        option=option, code=code, defaults={"name": code.title(), "swatch": swatch}
    )[0]
    VariantOption.objects.create(variant=variant, option=option, value=value)


def offer_card(market: Market) -> None:
    make_method(market, "card")


def add(
    client: Client, shop: str, variant: Variant, quantity: int = 1, *, htmx: bool = False
) -> Any:
    """Add to the cart as a browser does that sits on the shop's own page."""
    return client.post(
        f"/{shop}/cart/add/",
        {"variant": variant.pk, "quantity": quantity},
        headers={"Sec-Fetch-Site": "same-origin", **({"HX-Request": "true"} if htmx else {})},
    )


def words(response: Any) -> str:
    """Give a page's text without tags, in single spaces."""
    return " ".join(strip_tags(response.content.decode()).split())


def titles(response: Any) -> list[str]:
    """List the titles of the cards on a page, in their order."""
    return [card.title for card in response.context["cards"]]


def decoded(address: str) -> str:
    return unquote(address)


def sold_in_all(markets: dict[str, Market], product: Product) -> Variant:
    variant = make_variant(product)
    for market in markets.values():
        make_price(variant, market, "20")
    make_stock(variant, Warehouse.objects.get(), 50)
    return variant
