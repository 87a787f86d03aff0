"""Prices, rates and promotions stay as they were when checkout began, for as long as agreed."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from djmoney.money import Money

from catalog.models import Variant
from catalog.reference import forget
from fulfillment.models import DeliveryOption, StockLevel, Warehouse
from markets.models import BasePrice, ExchangeRate, Market, PricingRule, TaxRate
from markets.pricing import derive_prices, set_base_price, set_manual_price
from markets.promotions import end_promotion
from orders.carts import add_to_cart, hold_prices, switch_market
from orders.errors import CartNotOpen
from orders.models import Cart, Order
from storefront.checkout import TotalChanged, place_order
from storefront.quoting import quote_cart
from tests.factories import (
    NOW,
    make_cart,
    make_delivery_option,
    make_market,
    make_method,
    make_price,
    make_promotion,
    make_service,
    make_stock,
    make_variant,
    make_warehouse,
    make_zone,
)
from tests.storefront.pages import shelf
from tests.storefront.test_checkout import ADDRESS, counts, details, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
MINUTE = timedelta(minutes=1)


@pytest.fixture
def market() -> Market:
    market = make_market("gb", currency="GBP", countries=["GB"], languages={"en": "en_GB"},
                         ending_step=D(1), endings="", hold_up=D(0), hold_down=D(0),
                         dwell_days=0, step_limit=None)  # fmt: skip
    make_delivery_option(market, price="5")
    make_method(market)
    make_zone(make_service(), make_warehouse(), ["GB"])
    return market


@pytest.fixture
def variant(market: Market) -> Variant:
    variant = make_variant()
    make_stock(variant, Warehouse.objects.get(), 50)
    return variant


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def order_now(cart: Cart, total: str, *, now: datetime) -> Order:
    asked = details(
        cart.market, total, shipping_address={**ADDRESS, "country": "GB", "postal_code": "N1 1AA"}
    )
    return place_order(cart, details=asked, now=now)[0]


def set_rate(rate: str, *, now: datetime) -> ExchangeRate:
    return ExchangeRate.objects.create(
        base="EUR", quote="GBP", rate=D(rate), provider="ecb", as_of=now.date(), fetched_at=now
    )


def test_rate_and_price_changes_during_checkout_leave_the_total(
    market: Market, variant: Variant
) -> None:
    """The order keeps the moment, and with it the rate and the rule that the price came by."""
    first_rate = set_rate("0.80", now=NOW - timedelta(days=1))
    set_base_price(variant.pk, Money("20", "EUR"), now=NOW - timedelta(hours=1))
    derive_prices(now=NOW - timedelta(hours=1))
    promotion = make_promotion(percent=D(25))
    cart = make_cart(market, {variant: 1})
    hold_prices(cart, now=at(0))
    assert quote_cart(cart, now=at(0), country="GB").total == D(17)  # 16 - 4 + 5

    second_rate = set_rate("0.90", now=at(1))
    derive_prices(now=at(2))
    end_promotion(promotion.pk, now=at(3))
    Market.objects.update(price_adjustment=D("0.5"))
    derive_prices(now=at(4))
    held, free = quote_cart(cart, now=at(29), country="GB"), make_cart(market, {variant: 1})
    assert (held.total, held.priced_at, held.held_until) == (D(17), at(0), at(30))
    assert quote_cart(free, now=at(29), country="GB").total == D(32)  # 27 + 5

    order = order_now(cart, "17", now=at(29.9))

    line = order.lines.get()
    assert (order.placed_at, order.priced_at) == (at(29.9), at(0))
    assert (line.unit_price, line.discount) == (D(16), D(4))
    assert line.exchange_rate == first_rate != second_rate
    assert line.pricing_rule == line.price.rule == PricingRule.objects.earliest("pk")
    assert line.pricing_rule is not None
    assert line.pricing_rule.price_adjustment == D(0)
    assert BasePrice.objects.get() == line.price.base_price


def test_prices_of_now_hold_when_the_time_is_over(market: Market, variant: Variant) -> None:
    make_price(variant, market, "10")
    cart = make_cart(market, {variant: 1})
    hold_prices(cart, now=at(0))
    set_manual_price(variant.pk, market, D(12), now=at(5))

    with pytest.raises(TotalChanged) as caught:
        order_now(cart, "15", now=at(30))

    assert (caught.value.quote.total, caught.value.quote.held_until) == (D(17), None)
    assert counts() == (0, 0, 0, 0)
    order = order_now(cart, "17", now=at(30))
    assert (order.priced_at, order.lines.get().exchange_rate) == (at(30), None)


def test_stock_delivery_and_tax_are_those_of_now(market: Market, variant: Variant) -> None:
    make_price(variant, market, "10")
    cart = make_cart(market, {variant: 1})
    hold_prices(cart, now=at(0))
    before = quote_cart(cart, now=at(1), country="GB")
    TaxRate.objects.update(percent=D(25))
    DeliveryOption.objects.update(price=D(6))
    StockLevel.objects.update(reserved=F("on_hand") - 1)
    cart_of_two = make_cart(market, {variant: 2})
    forget()

    after = quote_cart(cart, now=at(2), country="GB")

    assert before.tax is not None
    assert after.tax is not None
    assert (before.total, before.rates[0].percent) == (D(15), D(19))
    assert (after.total, after.rates[0].percent) == (D(16), D(25))
    assert quote_cart(cart_of_two, now=at(2), country="GB").lines[0].problem == "short"


def test_line_without_a_price_at_the_held_moment_is_priced_now(
    market: Market, variant: Variant
) -> None:
    """Goods that come into the shop during a checkout can be bought in it, promotions and all."""
    make_price(variant, market, "10")
    new = make_variant()
    make_stock(new, Warehouse.objects.get(), 5)
    make_price(new, market, "8", valid_from=at(10))
    make_promotion(percent=D(50))
    cart = make_cart(market, {variant: 1})
    hold_prices(cart, now=at(0))
    set_manual_price(variant.pk, market, D(12), now=at(5))
    add_to_cart(cart, new.pk, quantity=2)

    quote = quote_cart(cart, now=at(11), country="GB")

    assert [(line.unit_price, line.discount) for line in quote.lines] == [
        (D(10), D(5)), (D(8), D(8)),
    ]  # fmt: skip
    assert (quote.goods, quote.total) == (D(26), D(18))
    order = order_now(cart, "18", now=at(11))
    assert order.priced_at == at(0)


def test_lock_that_runs_is_not_begun_again(market: Market, variant: Variant) -> None:
    cart = make_cart(market, {variant: 1})
    hold_prices(cart, now=at(0))
    hold_prices(cart, now=at(20))
    assert (cart.priced_at, cart.prices_held_until) == (at(0), at(30))
    hold_prices(cart, now=at(30))
    assert (cart.priced_at, cart.prices_held_until) == (at(30), at(60))


def test_of_checkouts_begun_at_once_one_moment_stands_for_all(
    market: Market, variant: Variant
) -> None:
    cart = make_cart(market, {variant: 1})
    looks = [Cart.objects.select_related("market").get(pk=cart.pk) for _ in range(16)]

    outcomes(16, lambda number: hold_prices(looks[number], now=at(number / 60)))

    cart.refresh_from_db()
    assert {(look.priced_at, look.prices_held_until) for look in looks} == {
        (cart.priced_at, cart.prices_held_until)
    }


def test_market_says_for_how_long(market: Market, variant: Variant) -> None:
    market.price_lock_minutes = 0
    cart = make_cart(market, {variant: 1})
    hold_prices(cart, now=at(0))
    assert (cart.priced_at, cart.pricing_moment(at(1))) == (None, at(1))
    for minutes in (1441, -1):
        market.price_lock_minutes = minutes
        with pytest.raises(ValidationError):
            market.clean_fields()
        with pytest.raises(IntegrityError), transaction.atomic():
            market.save()
    market.price_lock_minutes = 1440
    hold_prices(cart, now=at(0))
    assert cart.prices_held_until == NOW + timedelta(days=1)


def test_lock_ends_with_a_move_to_another_market(market: Market, variant: Variant) -> None:
    other = make_market("de")
    cart = make_cart(market, {variant: 1})
    hold_prices(cart, now=at(0))
    switch_market(cart, other, language="de")
    cart.refresh_from_db()
    assert (cart.priced_at, cart.prices_held_until) == (None, None)
    # A page of the old market that is still loading begins none in the new one.
    late = Cart.objects.get(pk=cart.pk)
    late.market = market
    with pytest.raises(CartNotOpen):
        hold_prices(late, now=at(1))


@pytest.mark.parametrize("field", ["priced_at", "prices_held_until"])
def test_half_a_lock_is_refused(market: Market, field: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Cart.objects.filter(pk=make_cart(market).pk).update(**{field: NOW})


def test_ordered_cart_holds_nothing(market: Market) -> None:
    with pytest.raises(CartNotOpen):
        hold_prices(make_cart(market, status=Cart.Status.ORDERED), now=NOW)


def test_checkout_says_until_when_prices_are_held(client: Client) -> None:
    shop = shelf.open_markets("de")["de"]
    shelf.add(client, "de-en", shelf.sell(shop, "10"))
    cart_page = "/de-en/cart/"
    assert "Prices held" not in shelf.words(client.get(cart_page))

    for page in ("/de-en/checkout/", cart_page):
        found = re.search(r"Prices held until (\d\d:\d\d)", shelf.words(client.get(page)))
        until = Cart.objects.get().prices_held_until
        assert found is not None
        assert until is not None
        assert found[1] == f"{until.astimezone(shop.zone):%H:%M}"

    Cart.objects.update(priced_at=NOW - MINUTE, prices_held_until=NOW)
    assert "Prices held" not in shelf.words(client.get(cart_page))
