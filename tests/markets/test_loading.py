from datetime import date
from decimal import Decimal

import pytest

from catalog.models import TaxCategory
from markets.exchange import latest_rates
from markets.loading import load_day, load_tax_law, load_tax_rates
from markets.models import ExchangeRate, TaxPlaceRule, TaxRate, TaxThreshold
from markets.taxes import tax_rules
from tests.factories import NOW, make_tax_category

pytestmark = pytest.mark.django_db


def test_load_tax_rates_adds_all_once() -> None:
    assert load_tax_rates() == 272
    before = list(TaxRate.objects.values())
    assert load_tax_rates() == 0
    assert list(TaxRate.objects.values()) == before
    assert {"standard", "food", "books"} <= set(TaxCategory.objects.values_list("code", flat=True))
    german = {rule.category: rule.percent for rule in tax_rules("DE", on=NOW.date())}
    assert [german["standard"], german["books"]] == [19, 7]


def test_load_tax_rates_keeps_what_staff_changed() -> None:
    make_tax_category()
    own = TaxRate.objects.create(
        country="AE", category_id="standard", percent=Decimal(6), name="VAT",
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    load_tax_rates()
    assert [rule.id for rule in tax_rules("AE", on=NOW.date())] == [own.pk]
    load_tax_rates()
    assert TaxRate.objects.filter(country="AE").count() == 1


def test_load_tax_law_adds_all_once_and_keeps_what_staff_changed() -> None:
    make_tax_category()
    own = TaxThreshold.objects.create(
        scheme="union_oss", amount=Decimal(20000), currency="EUR",
        period="current_or_previous_year", valid_from=date(2026, 1, 1), source="own",
    )  # fmt: skip
    assert load_tax_law() == 135
    assert load_tax_law() == 0
    assert TaxThreshold.objects.get(scheme="union_oss") == own
    texas = TaxPlaceRule.objects.get(country="US", region="TX")
    assert (texas.is_sales_tax, texas.shipping_taxable, texas.origin_based) == (True, True, True)
    massachusetts = TaxPlaceRule.objects.get(country="US", region="MA")
    assert massachusetts.shipping_taxable is False


def test_load_day_stores_rates_and_peg_once() -> None:
    assert load_day() == 31
    assert load_day() == 0
    assert ExchangeRate.objects.count() == 31
    rate, _row = latest_rates(now=NOW).conversion("EUR", "AED")
    assert rate == Decimal("1.175") * Decimal("3.6725")
