"""Placing orders: everything or nothing, and never more than there is."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from djmoney.money import Money

from catalog.models import Variant
from fulfillment.errors import OutOfStock
from fulfillment.models import Reservation, StockLevel, Warehouse
from markets.models import Market, Price
from markets.pricing import set_manual_price
from orders.errors import CartNotOpen, EmptyCart
from orders.models import Cart, Order, OrderEvent
from payments.models import Payment
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
