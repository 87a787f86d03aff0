"""Coupons at ordering: never used more often than they may be, and given back once."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from djmoney.money import Money

from catalog.models import Variant
from fulfillment.models import Reservation, StockLevel, Warehouse
from fulfillment.stock.expiry import expire_reservations
from markets.models import Coupon, Market, Promotion, PromotionCustomer
from markets.promotions import PromotionUsedUp, take_uses
from orders.errors import StaleTransition
from orders.models import Cart, Order, OrderDiscount
from orders.transitions import cancel_order
from payments.models import Payment
from storefront import checkout
from storefront.checkout import TotalChanged, place_order
from storefront.quoting import CartQuote, quote_cart
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
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell, words
from tests.storefront.test_checkout import counts, details, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def market() -> Market:
    market = make_market()
    make_delivery_option(market)
    make_method(market)
    make_zone(make_service(), make_warehouse(), ["DE", "AT"])
    return market


@pytest.fixture
def variant(market: Market) -> Variant:
    variant = make_variant()
    make_price(variant, market, "10.00")
    make_stock(variant, Warehouse.objects.get(), 1000)
    return variant


def uses() -> tuple[int, int]:
    return (Promotion.objects.get().used, Coupon.objects.get().used)


def limit_coupon(**limits: int | None) -> None:
    Coupon.objects.update(**limits)


def order_with(market: Market, cart: Cart, total: str = "13.90", **changes: Any) -> Order:
    return place_order(cart, details=details(market, total, **changes), now=NOW)[0]


@pytest.mark.parametrize("limited", ["coupon", "promotion"])
def test_coupon_of_a_hundred_uses_goes_to_a_hundred_of_three_hundred_checkouts(
    market: Market, variant: Variant, limited: str
) -> None:
    make_promotion(coupon="SAVE10", use_limit=100 if limited == "promotion" else None)
    limit_coupon(use_limit=100 if limited == "coupon" else None)
    carts = [make_cart(market, {variant: 1}, coupon="save10") for _ in range(300)]

    results = outcomes(
        300,
        lambda number: place_order(
            carts[number],
            details=details(market, "13.90", email=f"shopper{number}@example.com"),
            now=NOW,
        ),
    )

    # Who came too late saw so in the quote, or found the last use taken a moment after it.
    assert results["ordered"] == 100
    assert results.keys() <= {"ordered", TotalChanged.__name__, PromotionUsedUp.__name__}
    assert Order.objects.filter(discounts__coupon__code="SAVE10").distinct().count() == 100
    assert uses() == (100, 100)
    assert counts() == (100, 100, 100, 100)
    assert StockLevel.objects.get(variant=variant).reserved == 100
    assert Cart.objects.filter(status=Cart.Status.OPEN).count() == 200


def test_coupon_per_customer_is_used_once_by_one_address_at_once(
    market: Market, variant: Variant
) -> None:
    make_promotion(coupon="SAVE10")
    limit_coupon(customer_limit=1)
    carts = [make_cart(market, {variant: 1}, coupon="SAVE10") for _ in range(8)]
    addresses = ["ada@example.com", "Ada@Example.com"]

    results = outcomes(
        8, lambda number: order_with(market, carts[number], email=addresses[number % 2])
    )

    assert results["ordered"] == 1
    assert uses() == (1, 1)
    # Another address still has it; the first one's next order costs the whole price.
    order_with(market, make_cart(market, {variant: 1}, coupon="SAVE10"), email="b@example.com")
    order = order_with(market, make_cart(market, {variant: 1}, coupon="SAVE10"), "14.90")
    assert (order.discounts.count(), uses()) == (0, (2, 2))


def test_order_keeps_what_promotions_took_off(market: Market, variant: Variant) -> None:
    sale = make_promotion(name="Sale", priority=1)
    free = make_promotion(
        name="Free delivery", action=Promotion.Action.FREE_DELIVERY, coupon="POST", priority=2
    )
    cart = make_cart(market, {variant: 3}, coupon="post")

    order = order_with(market, cart, "27.00")

    line, charge = order.lines.get(), order.charges.get()
    assert (line.unit_price, line.discount, line.gross) == (D(10), D(3), D(27))
    assert (charge.net, charge.tax, charge.gross) == (D(0), D(0), D(0))
    assert list(
        order.discounts.values_list(
            "line", "promotion_version__promotion", "coupon__code", "coupon_code", "label", "amount"
        )
    ) == [
        (line.pk, sale.pk, None, "", "Sale", D(3)),
        (None, free.pk, "POST", "POST", "Free delivery", D("4.90")),
    ]
    assert (order.gross, order.net + order.tax) == (D(27), D(27))


def test_use_taken_between_quote_and_order_leaves_nothing(
    market: Market, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_promotion(coupon="SAVE10", name="Ten off")
    limit_coupon(use_limit=1)
    cart = make_cart(market, {variant: 1}, coupon="SAVE10")
    steal_after_quote(monkeypatch)

    with pytest.raises(PromotionUsedUp) as caught:
        order_with(market, cart)

    assert caught.value.label == "Ten off"
    assert counts() == (0, 0, 0, 0)
    assert (OrderDiscount.objects.count(), StockLevel.objects.get().reserved) == (0, 0)


def steal_after_quote(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody else use a coupon up right after the order's own look at it."""

    def quote_and_lose(cart: Cart, **kwargs: Any) -> CartQuote:
        quote = quote_cart(cart, **kwargs)
        assert outcomes(1, lambda _: Coupon.objects.update(used=1)) == {"ordered": 1}
        return quote

    monkeypatch.setattr(checkout, "quote_cart", quote_and_lose)


def test_page_says_that_the_coupon_is_used_up_and_shows_the_new_total(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_markets("de")["de"]
    offer_card(shop)
    make_promotion(coupon="SAVE10", name="Ten off", name_en="Ten off")
    limit_coupon(use_limit=1)
    add(client, "de-en", sell(shop, "10"))
    client.post("/de-en/cart/", {"coupon": "SAVE10"})
    typed = {"country": "DE", "email": "ada@example.com", "name": "Ada", "city": "Hamburg",
             "street_address": "Hafen 1", "postal_code": "20457"}  # fmt: skip
    client.post("/de-en/checkout/", typed)
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    assert "€14.00" in words(client.get("/de-en/checkout/payment/"))
    steal_after_quote(monkeypatch)

    answer = client.post("/de-en/checkout/payment/", {"method": "card", "agreed": "14.00"})

    assert "“Ten off” was just used up. Nothing was ordered" in words(answer)
    assert "is used up." in words(answer)
    assert answer.context["agreed"] == "15.00"
    assert counts() == (0, 0, 0, 0)


def test_cancelled_order_gives_its_uses_back_once(market: Market, variant: Variant) -> None:
    make_promotion(coupon="SAVE10", use_limit=5, customer_limit=1)
    limit_coupon(use_limit=1, customer_limit=1)
    order = order_with(market, make_cart(market, {variant: 1}, coupon="SAVE10"))
    assert uses() == (1, 1)

    results = outcomes(8, lambda _: cancel_order(order, now=NOW, reason="asked"))

    assert results == Counter({StaleTransition.__name__: 7, "ordered": 1})
    assert uses() == (0, 0)
    assert set(PromotionCustomer.objects.values_list("used", flat=True)) <= {0}
    order_with(market, make_cart(market, {variant: 1}, coupon="SAVE10"))
    assert uses() == (1, 1)


def test_order_that_lapses_gives_its_uses_back(market: Market, variant: Variant) -> None:
    make_promotion(coupon="SAVE10")
    order = order_with(market, make_cart(market, {variant: 1}, coupon="SAVE10"))
    Payment.objects.all().delete()

    assert expire_reservations(NOW + timedelta(hours=2)) == 1

    order.refresh_from_db()
    assert (order.status, uses()) == (Order.Status.CANCELLED, (0, 0))
    assert Reservation.objects.get().status != Reservation.Status.ACTIVE


def test_order_without_promotions_is_cancelled_without_asking_for_any(
    market: Market, variant: Variant
) -> None:
    promotion = make_promotion(coupon="SAVE10")
    order = order_with(market, make_cart(market, {variant: 1}), "14.90")
    take = quote_cart(make_cart(market, {variant: 1}, coupon="SAVE10"), now=NOW).promotions
    take_uses(take, customer="b@example.com", now=NOW)

    cancel_order(order, now=NOW, reason="asked")

    promotion.refresh_from_db()
    assert promotion.used == 1


def test_agreed_total_of_another_currency_is_refused(market: Market, variant: Variant) -> None:
    make_promotion(coupon="SAVE10")
    cart = make_cart(market, {variant: 1}, coupon="SAVE10")

    with pytest.raises(TotalChanged):
        place_order(cart, details=details(market, "1", agreed_total=Money("13.90", "USD")), now=NOW)

    assert (counts(), uses()) == ((0, 0, 0, 0), (0, 0))


def enter(client: Client, code: str) -> Any:
    return client.post("/de-en/cart/", {"coupon": code}, follow=True)


def guess(client: Client, tries: int) -> None:
    for number in range(tries):
        client.post("/de-en/cart/", {"coupon": f"GUESS{number}"})


@pytest.fixture
def guesser(client: Client) -> Client:
    """Somebody with goods in the cart, in a shop that has a coupon."""
    shop = open_markets("de")["de"]
    make_promotion(coupon="SAVE10")
    add(client, "de-en", sell(shop, "10"))
    return client


def test_twenty_wrong_codes_an_hour_are_enough_for_a_cart(guesser: Client) -> None:
    guess(guesser, 19)
    assert "We know no coupon" in words(enter(guesser, "WRONG"))

    answer = enter(guesser, "save10")

    assert answer.status_code == 429
    assert "Too many coupon codes that do not exist. Please wait an hour." in words(answer)
    assert Cart.objects.get().coupon == "WRONG"
    assert guesser.post("/de-en/cart/", {"coupon": ""}).status_code == 302
    assert Cart.objects.get().coupon == ""


def test_right_codes_and_looking_count_as_no_guess(guesser: Client) -> None:
    guess(guesser, 19)
    for _ in range(3):
        enter(guesser, "SAVE10")
        guesser.get("/de-en/cart/")

    assert "is applied" in words(enter(guesser, "save10"))


def test_new_carts_do_not_make_endless_guesses(
    guesser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storefront.pages.coupon_tries.UNKNOWN_PER_SENDER", 5)
    guess(guesser, 5)
    other = Client()
    add(other, "de-en", Variant.objects.get())

    assert enter(other, "SAVE10").status_code == 429
    neighbour = Client(REMOTE_ADDR="192.0.2.7")
    add(neighbour, "de-en", Variant.objects.get())
    assert "is applied" in words(enter(neighbour, "SAVE10"))


def test_coupons_are_taken_where_no_cache_counts_them(guesser: Client, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/1",
        }
    }

    assert "We know no coupon" in words(enter(guesser, "WRONG"))
    assert "is applied" in words(enter(guesser, "SAVE10"))
