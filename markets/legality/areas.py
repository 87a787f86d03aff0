"""The economic area that a market's safety facts are for."""

from datetime import date

from catalog.reference import Reference, one_reference
from markets.legality.rules import in_force_on, list_demands
from markets.models import Market, PublishingRule
from markets.selectors import list_countries


def area_of(market: Market, on: date) -> frozenset[str]:
    """Give the countries whose manufacturers need no responsible person in a market.

    Empty where its law wants none.
    """
    with one_reference() as read:
        return read.derive(_area, on, list_countries(market))


def _area(read: Reference, on: date, countries: tuple[str, ...]) -> frozenset[str]:
    rules = sorted(in_force_on(read.rows(PublishingRule), on), key=lambda rule: rule.pk)
    areas = (demand.area for demand in list_demands(rules, countries=countries))
    return next((area for area in areas if area), frozenset())
