"""The demo's goods have what law wants of them, and the rules that come along can be loaded."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings

from catalog.models import Product, ProductSafety, Variant
from markets.legality import find_unit_price, list_obstacles, list_standings
from markets.legality.loading import load_publishing_rules, load_unit_price_rules
from markets.legality.unit_prices import Content
from markets.loading import load_tax_rates
from markets.models import Market, PublishingRule, UnitPriceRule
from storefront.demo.goods import load_goods
from storefront.demo.legality import load_legality
from storefront.demo.markets import load_markets
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


def test_all_goods_of_the_demo_may_be_sold_in_all_of_its_markets(
    settings: LazySettings, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    load_tax_rates()  # And the categories of goods.
    load_markets()
    load_goods(now=NOW)
    load_legality()
    products = set(Product.objects.values_list("pk", flat=True))

    for market in Market.objects.all():
        assert list_obstacles(products, market, DAY) == {}, market.code

    def told(code: str) -> set[str]:
        found = list_standings(products, Market.objects.get(code=code), DAY)
        return set(Product.objects.filter(pk__in=found).values_list("key", flat=True))

    assert (told("gb"), told("eu"), told("de")) == ({"chefs-knife"}, {"wall-clock"}, set())
    clock = Product.objects.get(key="wall-clock")
    eu = Market.objects.get(code="eu")
    assert list_obstacles([clock.pk], eu, DAY, country="SE").keys() == {clock.pk}
    assert list_obstacles([clock.pk], eu, DAY, country="FI") == {}

    tea = Variant.objects.get(product__key="sencha")
    assert (tea.content_amount, tea.content_unit) == (Decimal(100), "g")
    assert not Variant.objects.filter(product__category__key="pantry", content_unit="").exists()

    # Without its maker it is sold nowhere in the union, and everywhere else.
    ProductSafety.objects.filter(product=clock).delete()
    closed = {m.code for m in Market.objects.all() if list_obstacles([clock.pk], m, DAY)}
    assert closed == {"de", "fr", "eu"}


def test_loading_again_adds_nothing_and_keeps_what_staff_changed() -> None:
    assert (load_publishing_rules(), load_unit_price_rules()) == (90, 121)
    PublishingRule.objects.filter(country="NO").update(valid_to=date(2026, 1, 1))
    UnitPriceRule.objects.filter(country="JP").update(per_amount=1000)
    assert (load_publishing_rules(), load_unit_price_rules()) == (0, 0)
    assert UnitPriceRule.objects.filter(country="JP", per_amount=1000).count() == 2


def test_rules_that_come_along_price_tea_by_the_kilogram_in_europe() -> None:
    load_unit_price_rules()
    tea = Content(Decimal(100), "g")

    def per(country: str) -> str | None:
        found = find_unit_price(Decimal("12.90"), "EUR", tea, country=country, on=DAY)
        return f"{found.per_amount.normalize():f} {found.per_unit}" if found else None

    assert [per(code) for code in ("DE", "GB", "CH", "AU", "JP", "US")] == [
        "1 kg", "1 kg", "1 kg", "100 g", "100 g", None,
    ]  # fmt: skip
