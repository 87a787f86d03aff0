from datetime import date

from catalog.reference import Reference, keep, reference
from markets.models import TaxRate
from markets.tax import TaxRule

keep(TaxRate)


def tax_rules(country: str, *, on: date) -> list[TaxRule]:
    """List the rules in force in a country and its regions on a day of that country."""
    return [
        _rule(rate)
        for rate in reference().derive(_rates, country)
        if rate.valid_from <= on and (rate.valid_to is None or rate.valid_to > on)
    ]


def _rates(read: Reference, country: str) -> list[TaxRate]:
    rates = read.rows(TaxRate, country=country)
    return sorted(rates, key=lambda rate: (rate.region, rate.category_id, rate.valid_from))


def _rule(rate: TaxRate) -> TaxRule:
    return TaxRule(
        id=rate.pk,
        country=rate.country,
        region=rate.region,
        category=rate.category_id,
        percent=rate.percent,
        name=rate.name,
    )
