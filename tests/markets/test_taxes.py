from datetime import date

import pytest

from markets.tax import TaxRule
from markets.taxes import tax_rules
from tests.factories import make_tax_rate

pytestmark = pytest.mark.django_db


def test_tax_rules_are_those_in_force_on_the_day() -> None:
    old = make_tax_rate("EE", "22", valid_from=date(2024, 1, 1), valid_to=date(2025, 7, 1))
    new = make_tax_rate("EE", "24", valid_from=date(2025, 7, 1))
    make_tax_rate("LV", "21")
    assert [rule.id for rule in tax_rules("EE", on=date(2025, 6, 30))] == [old.pk]
    assert [rule.id for rule in tax_rules("EE", on=date(2025, 7, 1))] == [new.pk]
    assert tax_rules("EE", on=date(2023, 12, 31)) == []


def test_tax_rules_hold_regions_and_categories() -> None:
    make_tax_rate("US", "7.25", region="CA", name="Sales tax")
    make_tax_rate("US", "0", region="CA", category="food", name="Sales tax")
    rules = tax_rules("US", on=date(2026, 1, 1))
    assert [(rule.region, rule.category, str(rule.percent), rule.name) for rule in rules] == [
        ("CA", "food", "0.0000", "Sales tax"),
        ("CA", "standard", "7.2500", "Sales tax"),
    ]
    assert isinstance(rules[0], TaxRule)
