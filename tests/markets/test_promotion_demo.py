"""The demo shop's promotions: publishable in every market, told in every language."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import translation

from markets.models import Coupon, Market, Promotion, PromotionVersion
from markets.promotions import Good, discount_basket
from storefront.demo.promotions import load_promotions
from storefront.demo.texts import read_data, read_texts
from tests.factories import NOW, make_category
from tests.markets.rows import bare_market

pytestmark = pytest.mark.django_db


def test_names_are_in_all_languages() -> None:
    languages = {code for code, _name in settings.LANGUAGES}
    keys = [row["key"] for row in read_data("promotions")["promotions"]]
    texts = read_texts("promotions")
    assert list(texts) == keys
    for names in texts.values():
        assert set(names) == languages
        assert all(names.values())


def test_promotions_are_published_in_every_currency_and_loaded_once() -> None:
    pantry = make_category(key="pantry")
    for row in read_data("markets")["markets"]:
        bare_market(row["code"], row["currency"])
    for _twice in range(2):
        load_promotions(now=NOW)
    assert Promotion.objects.filter(status="published").count() == 4
    assert PromotionVersion.objects.count() == 4
    assert set(Coupon.objects.values_list("code", flat=True)) == {"HOME", "WELCOME10"}
    market = Market.objects.get(code="jp")
    goods = [Good("1", 1, 1, frozenset({pantry.pk}), 3, Decimal(8000))]
    with translation.override("ja"):
        answer = discount_basket(
            goods, market, moment=NOW, coupon="welcome10", delivery=Decimal(880)
        )
    assert [(row.key, row.amount) for row in answer.discounts] == [
        ("1", Decimal(8000)), ("1", Decimal(1600)), (None, Decimal(880)),
    ]  # fmt: skip
    assert answer.discounts[0].label == read_texts("promotions")["pantry"]["ja"]
