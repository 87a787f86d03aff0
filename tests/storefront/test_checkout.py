"""Placing orders: everything or nothing, and never more than there is."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from djmoney.money import Money

from catalog.models import Variant
from fulfillment.errors import OutOfStock
from fulfillment.models import Reservation, StockLevel, Warehouse
from markets.models import Market, Price, TaxRate
from markets.pricing import set_manual_price
from orders.errors import CartNotOpen, EmptyCart
from orders.models import Cart, Order, OrderEvent
from payments.models import Payment, PaymentMethod
from storefront.checkout import (
    CheckoutDetails,
    LinesUnavailable,
    MethodNotOffered,
    NoDelivery,
    TotalChanged,
    place_order,
)
from storefront.quoting import quote_cart
from storefront.shops import Shop
from tests.factories import (
    NOW,
    make_cart,
    make_delivery_option,
    make_market,
    make_method,
    make_price,
    make_product,
    make_service,
    make_stock,
    make_tax_rate,
    make_variant,
    make_warehouse,
    make_zone,
)
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = {
    "country": "DE",
    "name": "Ada Lindgren",
    "company_name": "",
    "street_address": "Hafenstraße 1",
    "city": "Hamburg",
    "city_area": "",
    "country_area": "",
    "postal_code": "20457",
    "sorting_code": "",
    "phone": "",
}


@pytest.fixture
def market() -> Market:
    market = make_market()
    make_delivery_option(market)
    make_method(market)
    return market


@pytest.fixture
def warehouse(market: Market) -> Warehouse:
    warehouse = make_warehouse()
    make_zone(make_service(), warehouse, ["DE", "AT"])
    return warehouse


@pytest.fixture
def variant(market: Market, warehouse: Warehouse) -> Variant:
    variant = make_variant()
    make_price(variant, market, "11.90")
    return variant


def details(market: Market, total: str, **changes: Any) -> CheckoutDetails:
    return CheckoutDetails(**{
        "shop": Shop(market, "de", "de_DE", "DE"),
        "email": "ada@example.com",
        "shipping_address": ADDRESS,
        "billing_address": None,
        "delivery_option": "standard",
        "method": "card",
        "agreed_total": Money(total, market.currency),
        **changes,
    })  # fmt: skip


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Order, OrderEvent, Payment, Reservation))


def outcomes(jobs: int, work: Callable[[int], object]) -> Counter[str]:
    """Run jobs at once, 16 at a time, and count their results by name."""

    def one(number: int) -> str:
        try:
            work(number)
        except Exception as error:  # Which errors came is what is asked.
            return type(error).__name__
        finally:
            connection.close()
        return "ordered"

    with ThreadPoolExecutor(16) as pool:
        return Counter(pool.map(one, range(jobs)))


def test_place_order_freezes_price_tax_and_delivery(
    market: Market, variant: Variant, warehouse: Warehouse
) -> None:
    make_stock(variant, warehouse, 5)
    cart = make_cart(market, {variant: 2})

    order, payment = place_order(cart, details=details(market, "28.70"), now=NOW)

    line, charge = order.lines.get(), order.charges.get()
    assert (line.net, line.tax, line.gross) == (Decimal(20), Decimal("3.80"), Decimal("23.80"))
    assert (charge.net, charge.tax, charge.gross) == (
        Decimal("4.12"), Decimal("0.78"), Decimal("4.90"),
    )  # fmt: skip
    assert (order.net, order.tax, order.gross) == (
        Decimal("24.12"), Decimal("4.58"), Decimal("28.70"),
    )  # fmt: skip
    assert payment.amount == Money("28.70", "EUR")
    assert line.price == Price.objects.get(variant=variant, market=market)
    assert line.tax_rate is not None
    assert line.tax_rate.country == "DE"
    assert [event.kind for event in order.events.all()] == ["order_placed"]
    assert StockLevel.objects.get(variant=variant).reserved == 2
    cart.refresh_from_db()
    assert cart.status == Cart.Status.ORDERED


def test_place_order_keeps_gross_in_another_country_of_the_market(
    market: Market, variant: Variant, warehouse: Warehouse
) -> None:
    make_stock(variant, warehouse, 5)
    market.countries.get(country="AT")
    make_tax_rate("AT", "20", category="books")  # Another category's rate is not ours.
    cart = make_cart(market, {variant: 1})
    address = {**ADDRESS, "country": "AT", "postal_code": "1010", "city": "Wien"}

    order, _ = place_order(
        cart, details=details(market, "16.80", shipping_address=address), now=NOW
    )

    assert order.gross == Decimal("16.80")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"agreed_total": Money("16.79", "EUR")}, TotalChanged),
        ({"agreed_total": Money("16.80", "USD")}, TotalChanged),
        ({"delivery_option": "drone"}, NoDelivery),
        ({"method": "cash_on_delivery"}, MethodNotOffered),
    ],
)
def test_place_order_leaves_nothing_when_refused(
    market: Market,
    variant: Variant,
    warehouse: Warehouse,
    change: dict[str, Any],
    error: type[Exception],
) -> None:
    make_stock(variant, warehouse, 5)
    cart = make_cart(market, {variant: 1})

    with pytest.raises(error):
        place_order(cart, details=details(market, "16.80", **change), now=NOW)

    assert counts() == (0, 0, 0, 0)
    assert StockLevel.objects.get(variant=variant).reserved == 0
    cart.refresh_from_db()
    assert cart.status == Cart.Status.OPEN


def test_place_order_sees_a_price_that_changed_since_it_was_shown(
    market: Market, variant: Variant, warehouse: Warehouse
) -> None:
    make_stock(variant, warehouse, 5)
    cart = make_cart(market, {variant: 1})
    shown = quote_cart(cart, now=NOW, country="DE").total
    set_manual_price(variant.pk, market, Decimal("12.90"), now=NOW)

    with pytest.raises(TotalChanged) as caught:
        place_order(cart, details=details(market, str(shown)), now=NOW + timedelta(minutes=1))

    assert caught.value.quote.total == Decimal("17.80")


def test_place_order_refuses_what_is_not_sold_or_not_there(
    market: Market, variant: Variant, warehouse: Warehouse
) -> None:
    unpriced = make_variant()
    make_stock(unpriced, warehouse)
    with pytest.raises(LinesUnavailable):
        place_order(make_cart(market, {unpriced: 1}), details=details(market, "1"), now=NOW)
    with pytest.raises(OutOfStock):
        place_order(make_cart(market, {variant: 1}), details=details(market, "1"), now=NOW)
    with pytest.raises(EmptyCart):
        place_order(make_cart(market), details=details(market, "1"), now=NOW)
    assert counts() == (0, 0, 0, 0)


def test_place_order_orders_a_cart_once(
    market: Market, variant: Variant, warehouse: Warehouse
) -> None:
    make_stock(variant, warehouse, 50)
    cart = make_cart(market, {variant: 1})

    results = outcomes(12, lambda _: place_order(cart, details=details(market, "16.80"), now=NOW))

    assert results == {"ordered": 1, CartNotOpen.__name__: 11}
    assert counts() == (1, 1, 1, 1)
    assert StockLevel.objects.get(variant=variant).reserved == 1


@pytest.mark.parametrize(("buyers", "units"), [(200, 50), (20, 1)])
def test_place_order_sells_exactly_what_there_is(
    market: Market, warehouse: Warehouse, buyers: int, units: int
) -> None:
    second = make_warehouse("ewr", country="US", time_zone="America/New_York")
    make_zone(make_service("slow", option="standard"), second, ["DE", "AT"])
    variant = make_variant(make_product())
    make_price(variant, market, "11.90")
    make_stock(variant, warehouse, units - units // 3)
    if units // 3:
        make_stock(variant, second, units // 3)
    carts = [make_cart(market, {variant: 1}) for _ in range(buyers)]

    results = outcomes(
        buyers,
        lambda number: place_order(carts[number], details=details(market, "16.80"), now=NOW),
    )

    assert results == {"ordered": units, OutOfStock.__name__: buyers - units}
    levels = StockLevel.objects.filter(variant=variant)
    assert sum(level.on_hand - level.reserved for level in levels) == 0
    assert counts() == (units, units, units, units)


def test_place_order_gives_up_unpaid_orders_whose_time_is_over_before_it_refuses(
    market: Market, warehouse: Warehouse, variant: Variant
) -> None:
    make_stock(variant, warehouse, 1)
    first = make_cart(market, {variant: 1})
    total = str(quote_cart(first, now=NOW).total)
    waiting, _payment = place_order(first, details=details(market, total), now=NOW)
    second = make_cart(market, {variant: 1})
    with pytest.raises(OutOfStock):
        place_order(second, details=details(market, total), now=NOW + timedelta(minutes=44))
    later = NOW + timedelta(minutes=46)
    order, _payment = place_order(second, details=details(market, total), now=later)
    waiting.refresh_from_db()
    assert (waiting.status, order.status) == ("cancelled", "placed")


def test_place_order_refuses_a_country_that_only_another_market_sells_to(
    market: Market, variant: Variant, warehouse: Warehouse
) -> None:
    make_zone(make_service("abroad", option="standard"), warehouse, ["FR"])
    make_tax_rate("FR", "20")
    make_stock(variant, warehouse, 5)
    cart = make_cart(market, {variant: 1})
    address = {**ADDRESS, "country": "FR", "postal_code": "75001", "city": "Paris"}

    with pytest.raises(NoDelivery):
        place_order(cart, details=details(market, "16.80", shipping_address=address), now=NOW)

    assert counts() == (0, 0, 0, 0)


@pytest.mark.parametrize("includes_tax", [True, False])
def test_what_cannot_be_taxed_is_shown_but_not_sold(
    market: Market, variant: Variant, warehouse: Warehouse, includes_tax: bool
) -> None:
    Market.objects.filter(pk=market.pk).update(prices_include_tax=includes_tax)
    market.refresh_from_db()
    TaxRate.objects.all().delete()
    make_stock(variant, warehouse, 5)
    cart = make_cart(market, {variant: 1})

    quote = quote_cart(cart, now=NOW, country="DE")

    assert (quote.goods, quote.deliveries, quote.tax) == (Decimal("11.90"), (), None)
    assert quote_cart(cart, now=NOW).total >= quote.goods
    with pytest.raises(NoDelivery):
        place_order(cart, details=details(market, "16.80"), now=NOW)
    assert counts() == (0, 0, 0, 0)


def test_place_order_in_dinars_offers_the_gateway_only_what_it_can_count(
    warehouse: Warehouse,
) -> None:
    """Kuwait counts in thousandths, the gateway in hundredths: the rest is paid otherwise."""
    market = make_market("kw", currency="KWD", countries=["KW"], languages={"en": "en_KW"})
    make_zone(make_service("gulf", option="standard"), warehouse, ["KW"])
    make_delivery_option(market, price="1.500")
    make_method(market)
    make_method(market, "cash", gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY)
    address = {**ADDRESS, "country": "KW", "postal_code": ""}
    odd, even = make_variant(), make_variant()
    make_price(odd, market, "5.125")
    make_price(even, market, "5.120")
    for goods in (odd, even):
        make_stock(goods, warehouse, 5)

    with pytest.raises(MethodNotOffered):
        place_order(
            make_cart(market, {odd: 1}),
            details=details(market, "6.625", shipping_address=address),
            now=NOW,
        )
    for goods, total, method in ((odd, "6.625", "cash"), (even, "6.620", "card")):
        order, payment = place_order(
            make_cart(market, {goods: 1}),
            details=details(market, total, shipping_address=address, method=method),
            now=NOW,
        )
        assert (order.gross, payment.amount) == (Decimal(total), Money(total, "KWD"))


def test_checkout_says_so_where_no_tax_rate_is_known(client: Client) -> None:
    """As on an island that the tax table leaves out: a page, not a crash, and no order."""
    market = open_markets("us")["us"]
    offer_card(market)
    add(client, "us-en", sell(market), 1)
    TaxRate.objects.all().delete()
    make_tax_rate("US", "8.875", region="NY")
    typed = {"country": "US", "email": "ada@example.com", "name": "Ada", "city": "Ponce",
             "street_address": "Calle 1", "country_area": "PR", "postal_code": "00730"}  # fmt: skip

    client.post("/us-en/checkout/", typed)
    page = client.get("/us-en/checkout/delivery/")
    assert (page.status_code, page.context["deliveries"]) == (200, ())
    answer = client.post("/us-en/checkout/payment/", {"method": "card", "agreed": "15.00"})
    assert answer.headers["Location"] == "/us-en/checkout/delivery/"
    assert counts() == (0, 0, 0, 0)
