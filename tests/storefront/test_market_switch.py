"""A cart between markets: seen before it is confirmed, and the same again after a round trip."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from djmoney.money import Money

from catalog.models import Variant
from fulfillment.models import Warehouse
from markets.models import Market, Promotion
from markets.pricing import set_manual_price
from orders.carts import hold_prices
from orders.models import Cart, Order
from payments.models import Payment
from storefront.pages.cart_switch import compare_markets
from storefront.quoting import CartQuote, quote_cart
from storefront.shops import Shop, use_shop
from tests.factories import (
    NOW,
    make_cart,
    make_order,
    make_payment,
    make_price,
    make_product,
    make_promotion,
    make_stock,
    make_variant,
)
from tests.storefront.pages.shelf import MARKETS, add, open_markets, sell, words

pytestmark = pytest.mark.django_db
D = Decimal
# What a euro is about, so that each market has amounts of its own.
LEVELS = {"EUR": "1", "USD": "1.1", "GBP": "0.9", "CHF": "1", "JPY": "160", "CNY": "8",
          "BRL": "6", "MXN": "21", "AED": "4", "AUD": "1.7"}  # fmt: skip


def price_in(market: Market, base: str) -> str:
    places = 0 if market.currency == "JPY" else 2
    return str(round(D(base) * D(LEVELS[market.currency]), places))


def stock_everywhere(markets: list[Market], base: str) -> Variant:
    variant = make_variant(make_product(title=f"Good {base}"))
    for market in markets:
        make_price(variant, market, price_in(market, base))
    make_stock(variant, Warehouse.objects.get(), 50)
    return variant


def facts(quote: CartQuote) -> tuple[Any, ...]:
    return (
        quote.currency,
        [(line.variant.sku, line.quantity, line.price, line.discount) for line in quote.lines],
        quote.discounts,
        quote.coupon,
        quote.total,
    )


def test_cart_of_four_lines_through_all_markets_and_back_has_its_first_prices(
    client: Client,
) -> None:
    """One line is not sold in Japan, and the coupon does not hold in Switzerland."""
    markets = open_markets()
    everywhere = list(markets.values())
    goods = [stock_everywhere(everywhere, base) for base in ("9.90", "24.50", "3.33")]
    goods.append(stock_everywhere([m for m in everywhere if m.code != "jp"], "15"))
    make_promotion(*[m for m in everywhere if m.code != "ch"], coupon="SAVE10")
    for quantity, variant in enumerate(goods, 1):
        add(client, "us-en", variant, quantity)
    client.post("/us-en/cart/", {"coupon": "save10"})
    cart = Cart.objects.select_related("market").get()
    first = facts(quote_cart(cart, now=timezone.now()))
    seen = {}

    route = [*list(markets)[1:], "us"]
    for code in route:
        shop = f"{code}-{next(iter(MARKETS[code]['languages']))}"
        page = client.get(f"/{shop}/cart/switch/")
        comparison = page.context["comparison"]
        cart.refresh_from_db()
        assert cart.market.code != code  # Nothing moves before it is confirmed.
        assert client.post(f"/{shop}/cart/switch/").status_code == 302
        cart = Cart.objects.select_related("market").get()
        quote = quote_cart(cart, now=timezone.now())
        seen[code] = quote
        # What was announced is what is there.
        after = sum((line.after.amount for line in comparison.lines if line.after), D(0))
        assert (comparison.after.currency.code, after) == (quote.currency, quote.goods)
        assert comparison.discount_after.amount == -quote.discount
        assert comparison.after.amount == quote.goods - quote.discount
        assert comparison.coupon.holds == (code != "ch")
        assert comparison.missing == (1 if code == "jp" else 0)
        assert client.get(f"/{shop}/cart/").status_code == 200

    assert facts(seen["us"]) == first
    assert list(seen) == route
    assert [line.problem for line in seen["jp"].lines] == ["", "", "", "not_sold"]
    assert {code for code, quote in seen.items() if not quote.discount} == {"ch"}
    assert cart.coupon == "save10"


def test_switch_page_says_what_changes(client: Client) -> None:
    markets = open_markets("de", "ch")
    both, only_here = sell(markets["de"], "10"), sell(markets["de"], "7")
    make_price(both, markets["ch"], "12")
    make_promotion(markets["de"], coupon="SAVE10")
    make_promotion(markets["ch"], percent=D(25))
    add(client, "de-en", both, 2)
    add(client, "de-en", only_here)
    client.post("/de-en/cart/", {"coupon": "SAVE10"})
    client.get("/de-en/checkout/")

    text = words(client.get("/ch-en/cart/switch/")).replace("\N{NO-BREAK SPACE}", " ")

    assert "Discounts€-2.70CHF-6.00" in text
    assert "Goods together€ 24.30CHF 18.00" in text
    assert "One of your goods is not sold in the Land ch shop." in text
    assert re.search("In the Land ch shop: The coupon .SAVE10. does not hold in this shop.", text)
    assert "Prices are no longer held then" in text
    assert Cart.objects.get().market == markets["de"]


def test_switch_page_says_that_the_coupon_holds_too(client: Client) -> None:
    markets = open_markets("de", "ch")
    variant = sell(markets["de"], "10")
    make_price(variant, markets["ch"], "12")
    make_promotion(coupon="SAVE10", action=Promotion.Action.FREE_DELIVERY)
    add(client, "de-en", variant)
    client.post("/de-en/cart/", {"coupon": "SAVE10"})

    text = words(client.get("/ch-en/cart/switch/"))

    assert "holds in the Land ch shop too." in text
    assert "Discounts" not in text
    assert "no longer held" not in text


def test_held_prices_are_compared_with_those_of_now(client: Client) -> None:
    markets = open_markets("de", "ch")
    variant = sell(markets["de"], "10")
    make_price(variant, markets["ch"], "12")
    add(client, "de-en", variant)
    cart, now = Cart.objects.get(), timezone.now()
    hold_prices(cart, now=now)
    set_manual_price(variant.pk, markets["de"], D(11), now=now + timedelta(seconds=1))
    set_manual_price(variant.pk, markets["ch"], D(13), now=now + timedelta(seconds=1))

    with use_shop(shop := Shop(markets["ch"], "en", "en_CH", "CH")):
        comparison = compare_markets(cart, shop, now=now + timedelta(minutes=1))

    assert (comparison.before, comparison.after) == (Money(10, "EUR"), Money(13, "CHF"))
    assert comparison.ends_lock


# A currency that a market does not list is refused by every table that holds money.


def test_price_of_another_currency_is_refused() -> None:
    price = make_price(make_variant(), open_markets("de")["de"])
    price.amount = Money("10", "USD")
    refused("price_in_market_currency", price.save)


def test_order_of_another_currency_is_refused() -> None:
    market = open_markets("de")["de"]
    refused("order_in_market_currency", lambda: make_order(market, currency="USD"))
    order = make_order(market)
    refused(
        "order_in_market_currency",
        lambda: Order.objects.filter(pk=order.pk).update(currency="USD"),
    )


def test_payment_of_another_currency_is_refused() -> None:
    order = make_order(open_markets("de")["de"])
    refused("payment_in_order_currency", lambda: make_payment(order, amount=Money("10", "USD")))
    assert not Payment.objects.exists()


def test_cart_is_priced_in_its_markets_currency_alone(client: Client) -> None:
    markets = open_markets("de", "ch")
    variant = make_variant()
    make_price(variant, markets["ch"], "12")
    make_promotion(action=Promotion.Action.AMOUNT, amounts={"CHF": ("5", None), "EUR": ("4", None)})
    make_stock(variant, Warehouse.objects.get(), 5)

    here = quote_cart(make_cart(markets["de"], {variant: 1}), now=NOW)
    there = quote_cart(make_cart(markets["ch"], {variant: 1}), now=NOW)

    assert (here.lines[0].problem, here.goods, here.discount) == ("not_sold", D(0), D(0))
    assert (there.currency, there.goods, there.discount) == ("CHF", D(12), D(5))


def refused(constraint: str, work: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        work()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
