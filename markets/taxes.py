from datetime import date

from markets.models import TaxRate
from markets.ranges import in_force
from markets.tax import TaxRule


def tax_rules(country: str, *, on: date) -> list[TaxRule]:
    """List the rules in force in a country and its regions on a day of that country."""
    rates = TaxRate.objects.filter(in_force(on), country=country).order_by("region", "category")
    return [
        TaxRule(
            id=rate.pk,
            country=rate.country,
            region=rate.region,
            category=rate.category_id,
            percent=rate.percent,
            name=rate.name,
        )
        for rate in rates
    ]
