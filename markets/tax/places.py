"""Where a place lies for tax, which its postal code may change."""

import unicodedata
from dataclasses import dataclass, replace

from markets.tax.basket import Place
from markets.tax.levies import place_rule
from markets.tax.rows import OUTSIDE, TaxTables, Territory

# How tax numbers write two countries, https://ec.europa.eu/taxation_customs/vies.
_NUMBER_PREFIXES = {"EL": "GR"}


@dataclass(frozen=True)
class Located:
    """A place as tax law sees it: `place.country` may be another's, such as XI for Belfast."""

    place: Place
    area: str
    domestic_with: str
    territory: Territory | None = None
    is_outside: bool = False

    def is_domestic_from(self, origin: "Located") -> bool:
        if self.is_outside or origin.is_outside:
            return False
        return origin.place.country in (self.place.country, self.domestic_with)

    def shares_area_with(self, origin: "Located") -> bool:
        inside = not self.is_outside and not origin.is_outside
        return inside and bool(self.area) and self.area == origin.area


def locate(place: Place, tables: TaxTables) -> Located:
    """Find a place's tax territory; the narrowest postal range that holds it counts."""
    own = [territory for territory in tables.territories if territory.country == place.country]
    code = _plain(place.postal_code) if own else ""
    found = [territory for territory in own if territory.holds(code)]
    territory = max(found, key=lambda row: len(row.postal_from)) if found else None
    if territory and territory.treated_as == OUTSIDE:
        return Located(place, "", "", territory, is_outside=True)
    if territory and territory.treated_as != place.country:
        place = replace(place, country=territory.treated_as, region="")
    rule = place_rule(place, tables)
    return Located(place, rule.area, rule.domestic_with, territory)


def _plain(postal_code: str) -> str:
    """Write a postal code in capitals and ASCII digits: address forms take those of any script."""
    return "".join(
        str(unicodedata.digit(sign, sign)) for sign in postal_code.upper() if sign.isalnum()
    )


def number_country(prefix: str) -> str:
    """Give the country of a tax number's prefix: GR for EL."""
    return _NUMBER_PREFIXES.get(prefix, prefix)
