"""What a quote reads: few queries, however many lines, and nothing stale where it is ordered."""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from djmoney.money import Money

from catalog.models import Product
from catalog.reference import forget
from fulfillment.models import DeliveryOption, StockLevel, Warehouse
from markets.models import CustomerGroup, Market, TaxRate
from orders.models import Cart, Order
from storefront.checkout import CheckoutDetails, TotalChanged, place_order
from storefront.quoting import CartQuote, quote_cart
from storefront.quoting.rows import read_cart
from storefront.shops import Shop
from tests.factories import (
    NOW,
    make_cart,
    make_category,
    make_delivery_option,
    make_market,
    make_method,
    make_price,
    make_product,
    make_promotion,
    make_service,
    make_stock,
    make_variant,
    make_warehouse,
    make_zone,
)

# Reference data is kept outside of transactions only.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def market() -> Market:
    market = make_market(prices_include_tax=False)
    make_delivery_option(market)
    make_method(market)
    make_zone(make_service(), make_warehouse(), ["DE", "AT"])
    make_promotion(percent=Decimal(10))
    return market


def fill(market: Market, lines: int, **fields: object) -> Cart:
    warehouse = Warehouse.objects.get()
    variants = [make_variant(make_product(category=make_category())) for _ in range(lines)]
    for variant in variants:
        make_price(variant, market, "10.00")
        make_stock(variant, warehouse, 5)
    made = make_cart(market, dict.fromkeys(variants, 2), **fields)
    return Cart.objects.select_related("market").get(pk=made.pk)


def quote(cart: Cart) -> CartQuote:
    return quote_cart(cart, now=NOW, country="DE")


def count(cart: Cart, *, cold: bool = False, details: bool = False) -> int:
    if cold:
        forget()
    with CaptureQueriesContext(connection) as captured:
        found = quote(cart)
        for line in found.lines if details else ():
            _ = (line.title, line.options, line.reduction)
    assert found.tax
    assert found.delivery
    assert found.discount == sum(line.total for line in found.lines) / 10
    return len(captured)


@pytest.mark.parametrize("lines", [1, 10])
def test_quote_takes_three_queries_and_one_more_where_nothing_is_known(
    market: Market, lines: int
) -> None:
    cart = fill(market, lines)
    assert (count(cart, cold=True), count(cart)) == (4, 3)


def test_quote_asks_for_the_groups_of_a_person_and_for_a_coupon(market: Market) -> None:
    member = get_user_model().objects.create(email="ada@example.com")
    member.customer_groups.add(CustomerGroup.objects.create(code="club", name="Club"))
    cart = fill(market, 2, user=member, coupon="NONE")
    assert (count(cart, cold=True), count(cart)) == (6, 5)


def test_what_pages_show_is_read_for_all_lines_together(market: Market) -> None:
    few, many = fill(market, 1), fill(market, 10)
    forget()
    quote(few)
    assert count(few, details=True) == count(many, details=True) == 7


def test_cart_is_read_with_what_decides_about_amounts(market: Market) -> None:
    near, far = Warehouse.objects.get(), make_warehouse("far")
    tea = make_category()
    green = make_category(parent=tea)
    first = make_variant(make_product(category=green), weight_grams=250)
    second = make_variant(make_product(), is_active=False, tax_category_id="food")
    third = make_variant(make_product(status=Product.Status.ARCHIVED))
    make_stock(first, near, 5)
    make_stock(first, far, 3)
    StockLevel.objects.filter(warehouse=far).update(reserved=1)
    cart = make_cart(market, {second: 1, first: 2, third: 9})

    found = read_cart(cart)

    assert [(row.variant_id, row.quantity, row.is_for_sale) for row in found] == [
        (second.pk, 1, False), (first.pk, 2, True), (third.pk, 9, False),
    ]  # fmt: skip
    assert [row.category_ids for row in found] == [set(), {green.pk, tea.pk}, set()]
    assert [row.tax_category for row in found] == ["food", "standard", "standard"]
    assert found.shelf is not None
    assert found.shelf.free == {near.pk: {first.pk: 5}, far.pk: {first.pk: 2}}
    assert found.shelf.grams == {second.pk: 500, first.pk: 250, third.pk: 500}


@pytest.mark.parametrize("change", ["tax", "delivery"])
def test_order_is_placed_by_what_stands_and_not_by_what_is_kept(
    market: Market, change: str
) -> None:
    cart = fill(market, 1)
    shown = quote(cart)
    # As another process would: nothing in this one hears of it.
    if change == "tax":
        TaxRate.objects.filter(country="DE").update(percent=Decimal(25))
    else:
        DeliveryOption.objects.update(price=Decimal("9.90"))
    assert quote(cart).total == shown.total

    with pytest.raises(TotalChanged) as caught:
        place_order(cart, details=details(market, shown), now=NOW)

    assert caught.value.quote.total > shown.total
    assert not Order.objects.exists()
    forget()
    assert quote(cart).total == caught.value.quote.total


def details(market: Market, shown: CartQuote) -> CheckoutDetails:
    address = dict.fromkeys(
        ("name", "company_name", "street_address", "city", "city_area", "country_area",
         "postal_code", "sorting_code", "phone"), "",
    )  # fmt: skip
    return CheckoutDetails(
        shop=Shop(market, "de", "de_DE", "DE"),
        email="ada@example.com",
        shipping_address={**address, "country": "DE"},
        billing_address=None,
        delivery_option="standard",
        method="card",
        agreed_total=Money(shown.total, shown.currency),
    )
