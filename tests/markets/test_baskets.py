"""What a basket costs: prices and promotions in one answer, the same wherever it is asked."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Variant
from catalog.selectors import category_ids_of
from markets.models import CustomerGroup, Market
from markets.pricing import BasketLine, quote_basket, quote_price, with_delivery
from markets.promotions import CouponReason, PromotionReason
from tests.factories import (
    NOW,
    make_category,
    make_price,
    make_product,
    make_promotion,
    make_variant,
)
from tests.markets.rows import bare_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return bare_market()


def line(variant: Variant, quantity: int = 1) -> BasketLine:
    categories = category_ids_of([variant.product_id])[variant.product_id]
    return BasketLine(variant.pk, variant.product_id, categories, quantity)


def test_basket_has_prices_discounts_and_one_total(market: Market) -> None:
    cup, pot, rare = make_variant(), make_variant(), make_variant()
    make_price(cup, market, "10")
    make_price(cup, market, "8", min_quantity=3)
    make_price(pot, market, "25.50")
    make_promotion(market, products=[pot.product])
    answer = quote_basket([line(pot), line(rare), line(cup, 3)], market, moment=NOW)
    assert [row.amount for row in answer.lines] == [Decimal("25.50"), None, Decimal(8)]
    assert answer.goods == Decimal("49.50")
    assert [answer.discount_of(variant.pk) for variant in (pot, rare, cup)] == [
        Decimal("2.55"), 0, 0,
    ]  # fmt: skip
    assert answer.total == Decimal("46.95")


def test_delivery_is_answered_later_without_a_query(
    market: Market, django_assert_num_queries: Any
) -> None:
    cup = make_variant()
    make_price(cup, market, "50")
    make_promotion(market, action="free_delivery", amounts={"EUR": (None, "50")})
    lines = [line(cup)]
    answer = quote_basket(lines, market, moment=NOW)
    assert answer.discounts.tried[0].reason is PromotionReason.NO_DELIVERY
    assert answer.total == 50
    with django_assert_num_queries(0):
        delivered = with_delivery(answer, Decimal("4.90"))
    assert (delivered.discounts.delivery, delivered.total) == (Decimal("4.90"), Decimal(50))
    assert delivered == quote_basket(lines, market, moment=NOW, delivery=Decimal("4.90"))


def test_basket_is_answered_in_three_queries(
    market: Market, django_assert_num_queries: Any
) -> None:
    variants = [make_variant() for _ in range(10)]
    for variant in variants:
        make_price(variant, market)
    make_promotion(market, coupon="A")
    make_promotion(market)
    lines = [line(variant) for variant in variants]
    with django_assert_num_queries(3):
        quote_basket(lines, market, moment=NOW, coupon="a", customer="ann@example.org")
    with django_assert_num_queries(2):
        quote_basket(lines, market, moment=NOW)


def test_group_has_its_prices_and_its_promotions(market: Market) -> None:
    trade, cup = CustomerGroup.objects.create(code="t", name="T"), make_variant()
    make_price(cup, market, "10")
    make_price(cup, market, "9", group=trade)
    make_promotion(market, customer_groups=[trade])
    assert quote_basket([line(cup)], market, moment=NOW).total == 10
    answer = quote_basket([line(cup)], market, moment=NOW, group_ids=[trade.pk])
    assert answer.total == Decimal("8.10")


def test_variant_in_two_lines_is_refused(market: Market) -> None:
    cup = make_variant()
    with pytest.raises(ValueError, match="two lines"):
        quote_basket([line(cup), line(cup)], market, moment=NOW)


def test_price_with_a_coupon_tells_what_it_takes_off(market: Market) -> None:
    parent = make_category()
    shelf = make_category(parent=parent)
    cup = make_variant(make_product(category=shelf))
    make_price(cup, market, "10")
    make_promotion(market, coupon="SAVE", categories=[parent])
    assert quote_price(cup.pk, market, moment=NOW).discounts is None
    answer = quote_price(cup.pk, market, moment=NOW, quantity=3, coupon="save")
    assert answer.discounts is not None
    assert (answer.amount, answer.discounts.total) == (Decimal(10), Decimal(3))
    basket = quote_basket([line(cup, 3)], market, moment=NOW, coupon="save")
    assert answer.discounts == basket.discounts


def test_coupon_for_what_is_not_sold_here_matches_nothing(market: Market) -> None:
    make_promotion(market, coupon="SAVE")
    discounts = quote_price(make_variant().pk, market, moment=NOW, coupon="SAVE").discounts
    assert discounts is not None
    assert discounts.coupon is not None
    assert discounts.coupon.reason is CouponReason.NO_MATCH


def test_categories_of_products_have_all_above_them(django_assert_num_queries: Any) -> None:
    top = make_category(is_active=False)
    middle = make_category(parent=top)
    low = make_category(parent=middle)
    products = [make_product(category=low), make_product(category=top), make_product(category=None)]
    with django_assert_num_queries(1):
        found = category_ids_of([*(product.pk for product in products), 0])
    assert found == {
        products[0].pk: {low.pk, middle.pk, top.pk},
        products[1].pk: {top.pk},
        products[2].pk: frozenset(),
    }
    assert category_ids_of([]) == {}
