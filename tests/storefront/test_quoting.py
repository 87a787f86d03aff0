"""What a cart costs after promotions: lines, delivery, tax and total add up in every currency."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.models import Product, Variant
from fulfillment.models import DeliveryOption, Warehouse
from markets.models import Market, Promotion, TaxRate
from markets.promotions import CouponReason
from orders.models import Cart
from storefront.quoting import quote_cart
from tests.factories import (
    NOW,
    make_cart,
    make_category,
    make_delivery_option,
    make_market,
    make_price,
    make_product,
    make_promotion,
    make_service,
    make_stock,
    make_variant,
    make_warehouse,
    make_zone,
)

pytestmark = pytest.mark.django_db
D = Decimal
A = Promotion.Action


def open_market(code: str, country: str, **fields: object) -> Market:
    market = make_market(code, countries=[country], languages={"en": f"en_{country}"}, **fields)
    make_delivery_option(market, price="5")
    warehouse = Warehouse.objects.first() or make_warehouse()
    make_zone(make_service(f"s-{code}", option="standard"), warehouse, [country])
    return market


def stocked(market: Market, amount: str, **fields: object) -> Variant:
    variant = make_variant(make_product(**fields))
    make_price(variant, market, amount)
    make_stock(variant, Warehouse.objects.get(), 100)
    return variant


@pytest.fixture
def market() -> Market:
    return open_market("de", "DE")


@pytest.mark.parametrize("rounding", ["line", "rate_group"])
@pytest.mark.parametrize(
    ("currency", "country", "includes_tax", "amounts"),
    [
        ("EUR", "DE", True, ("9.99", "0.07", "123.45")),
        ("USD", "US", False, ("9.99", "0.07", "123.45")),
        ("JPY", "JP", True, ("999", "7", "12345")),
        ("JPY", "JP", False, ("999", "7", "12345")),
        ("KWD", "KW", True, ("9.995", "0.007", "123.455")),
        ("KWD", "KW", False, ("9.995", "0.007", "123.455")),
    ],
)
def test_net_and_tax_are_gross_after_discounts(
    currency: str, country: str, includes_tax: bool, amounts: tuple[str, ...], rounding: str
) -> None:
    market = open_market(
        "xx", country, currency=currency, prices_include_tax=includes_tax, tax_rounding=rounding
    )
    TaxRate.objects.update(percent=D("8.875"))
    make_promotion(percent=D("33.33"), priority=1)
    make_promotion(action=A.AMOUNT, amounts={currency: ("10", None)}, priority=2)
    make_promotion(action=A.FREE_DELIVERY)
    cart = make_cart(market, {stocked(market, amount): 3 for amount in amounts})

    quote = quote_cart(cart, now=NOW, country=country)

    shown = sum(D(amount) * 3 for amount in amounts)
    assert quote.tax is not None
    assert (quote.goods, quote.shipping) == (shown, D(5))
    off_lines = sum(line.discount for line in quote.lines)
    assert quote.discount == off_lines + 5 == sum(row.amount for row in quote.discounts)
    assert len(quote.discounts) == 3
    for line in quote.lines:
        taxed = quote.taxed(str(line.variant.pk))
        assert taxed.net + taxed.tax == taxed.gross
        assert (taxed.gross if includes_tax else taxed.net) == line.total - line.discount
    assert quote.taxed("shipping").gross == 0
    assert quote.tax.net + quote.tax.tax == quote.tax.gross == quote.total
    assert (quote.total if includes_tax else quote.tax.net) == shown + 5 - quote.discount


def test_free_delivery_takes_off_the_cheapest_way_at_most(market: Market) -> None:
    make_delivery_option(market, "express", price="12", position=1)
    make_zone(make_service("fast", option="express"), Warehouse.objects.get(), ["DE"])
    make_promotion(action=A.FREE_DELIVERY, name="Free delivery")
    cart = make_cart(market, {stocked(market, "10"): 1})

    slow = quote_cart(cart, now=NOW, country="DE", option="standard")
    fast = quote_cart(cart, now=NOW, country="DE", option="express")

    assert (slow.total, slow.shipping, slow.discount) == (D(10), D(5), D(5))
    assert (fast.total, fast.shipping, fast.discount) == (D(17), D(12), D(5))
    assert [fast.price_of(choice) for choice in fast.deliveries] == [D(0), D(7)]


def test_free_delivery_thresholds_count_goods_before_discounts(market: Market) -> None:
    DeliveryOption.objects.update(free_from=D(20))
    make_promotion(percent=D(50))
    cart = make_cart(market, {stocked(market, "10"): 2})

    assert quote_cart(cart, now=NOW, country="DE").total == D(10)


def test_promotion_of_a_category_takes_from_its_lines_alone(market: Market) -> None:
    above = make_category()
    below = make_category(parent=above)
    make_promotion(percent=D(20), categories=[above])
    inside, outside = stocked(market, "10", category=below), stocked(market, "10")
    cart = make_cart(market, {inside: 1, outside: 1})

    quote = quote_cart(cart, now=NOW, country="DE")

    assert {line.variant: line.discount for line in quote.lines} == {inside: D(2), outside: D(0)}


def test_what_is_not_for_sale_counts_for_nothing(market: Market) -> None:
    make_promotion(action=A.AMOUNT, amounts={"EUR": ("5", "15")})
    sold, gone = stocked(market, "10"), stocked(market, "10", status=Product.Status.ARCHIVED)
    cart = make_cart(market, {sold: 1, gone: 1})

    quote = quote_cart(cart, now=NOW, country="DE")

    assert [line.problem for line in quote.lines] == ["", "not_sold"]
    assert (quote.goods, quote.discount, quote.total) == (D(10), D(0), D(15))
    assert quote.promotions.tried[0].missing == D(5)


def test_where_nothing_can_be_taxed_no_delivery_is_discounted(market: Market) -> None:
    make_promotion(action=A.FREE_DELIVERY)
    TaxRate.objects.all().delete()
    cart = make_cart(market, {stocked(market, "10"): 1})

    quote = quote_cart(cart, now=NOW, country="DE")

    assert (quote.delivery, quote.discount, quote.total) == (None, D(0), D(10))


def test_discounts_are_named_in_the_language_that_is_active(market: Market) -> None:
    make_promotion(name="Autumn sale", name_en="Autumn sale", name_de="Herbstrabatt")
    cart = make_cart(market, {stocked(market, "10"): 1})

    for language, name in (("en", "Autumn sale"), ("de", "Herbstrabatt"), ("fr", "Autumn sale")):
        with translation.override(language):
            assert [row.label for row in quote_cart(cart, now=NOW).discounts] == [name]


def test_coupon_is_answered_with_the_quote(market: Market) -> None:
    make_promotion(coupon="SAVE10")
    cart = make_cart(market, {stocked(market, "10"): 1}, coupon=" save10 ")

    quote = quote_cart(cart, now=NOW, country="DE")
    assert quote.coupon is not None
    assert (quote.coupon.code, quote.coupon.holds, quote.discount) == ("SAVE10", True, D(1))

    cart.coupon = "SAVE11"
    quote = quote_cart(cart, now=NOW, country="DE")
    assert quote.coupon is not None
    assert (quote.coupon.reason, quote.discount) == (CouponReason.UNKNOWN, D(0))


def test_queries_do_not_grow_with_lines_and_promotions(market: Market) -> None:
    def queries(lines: int) -> int:
        cart = make_cart(market, {stocked(market, "10"): 1 for _ in range(lines)}, coupon="SAVE10")
        fresh = Cart.objects.select_related("market").get(pk=cart.pk)
        with CaptureQueriesContext(connection) as captured:
            assert quote_cart(fresh, now=NOW, country="DE").discount
        return len(captured)

    make_promotion(coupon="SAVE10")
    queries(1)
    few = queries(1)
    for _ in range(5):
        make_promotion(percent=D(1))
    assert queries(6) == few
