from collections import defaultdict
from datetime import date
from decimal import Decimal

from catalog.reference import Reference, keep, reference
from markets.models import TaxRate
from markets.tax import TaxRule

keep(TaxRate)


def tax_rules(country: str, *, on: date) -> list[TaxRule]:
    """List the rules in force in a country and its regions on a day of that country.

    A region's tax that comes on top of the country's is given as their sum.
    """
    return list(reference().derive(_rules, country, on))


def _rules(read: Reference, country: str, on: date) -> tuple[TaxRule, ...]:
    rates = [
        rate
        for rate in read.rows(TaxRate, country=country)
        if rate.valid_from <= on and (rate.valid_to is None or rate.valid_to > on)
    ]
    common: defaultdict[str, list[TaxRate]] = defaultdict(list)
    for rate in rates:
        if not rate.region:
            common[rate.category_id].append(rate)
    rates.sort(key=lambda rate: (rate.region, rate.category_id, rate.valid_from))
    return tuple(_rule(rate, common) for rate in rates)


def _rule(rate: TaxRate, common: dict[str, list[TaxRate]]) -> TaxRule:
    below = common.get(rate.category_id) or common.get("standard") or []
    added = below if rate.adds_to_country else []
    return TaxRule(
        id=rate.pk,
        country=rate.country,
        region=rate.region,
        category=rate.category_id,
        percent=sum((other.percent for other in added), Decimal(0)) + rate.percent,
        name=" + ".join([*(other.name for other in added), rate.name]),
    )
