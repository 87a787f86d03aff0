"""Public holidays and weekends of countries and their parts, by the `holidays` library: offline.

A country that the library does not know has no holidays and rests on Saturday and Sunday.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

SATURDAY_AND_SUNDAY = frozenset({5, 6})

# Postal areas of the United Kingdom whose bank holidays are not England's.
_SCOTTISH_AREAS = frozenset({
    "AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "TD", "ZE",
})  # fmt: skip
_NORTHERN_IRISH_AREAS = frozenset({"BT"})


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days on which nothing moves: public holidays of some places, and days closed besides.

    Places are pairs of a country and a part of it as `find_part` gives it.
    """

    places: tuple[tuple[str, str], ...]
    closed: frozenset[date] = frozenset()

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (
            day in self.closed
            or any(day in holidays_of(country, part, day.year) for country, part in self.places)
        )


@lru_cache(maxsize=4096)
def holidays_of(country: str, part: str, year: int) -> frozenset[date]:
    """Give the public holidays of a year in a country, or in a part of it.

    Where the part is not known, days that are holidays in most parts count too: in Switzerland
    Good Friday is law of the cantons, and not working in nearly all of them.
    """
    if country not in _known():
        return frozenset()
    if part:
        return frozenset(holidays.country_holidays(country, subdiv=part, years=year))
    everywhere = frozenset(holidays.country_holidays(country, years=year))
    parts = _parts(country)
    days = Counter(day for part in parts for day in holidays_of(country, part, year))
    return everywhere | {day for day, count in days.items() if 2 * count > len(parts)}


@lru_cache(maxsize=512)
def weekend_of(country: str) -> frozenset[int]:
    """Give the weekdays, 0 for Monday, on which offices of a country rest nowadays."""
    if country not in _known():
        return SATURDAY_AND_SUNDAY
    return frozenset(holidays.country_holidays(country).weekend)


@lru_cache(maxsize=4096)
def find_part(country: str, region: str = "", postal_code: str = "") -> str:
    """Find the part of a country, by the library's code; empty where it cannot be told.

    `region` is a code without the country's, or a name.
    """
    parts = _parts(country)
    wanted = region.strip()
    code = wanted.upper().removeprefix(f"{country}-")
    if code in parts:
        return code
    if wanted:
        names = holidays.country_holidays(country).subdivisions_aliases if parts else {}
        for name, part in names.items():
            if name.casefold() == wanted.casefold() and part in parts:
                return str(part)
    return _british_part(postal_code) if country == "GB" else ""


def load_calendars() -> None:
    """Load what the library reads on its first question, which takes some tenths of a second."""
    holidays.country_holidays(next(iter(_known())))


def is_country(code: str) -> bool:
    """Tell whether a code is one of a country or territory that the library knows."""
    return code in _known()


def _british_part(postal_code: str) -> str:
    area = ""
    for character in postal_code.strip().upper():
        if not character.isalpha():
            break
        area += character
    if not area:
        return ""
    if area in _NORTHERN_IRISH_AREAS:
        return "NIR"
    return "SCT" if area in _SCOTTISH_AREAS else "ENG"  # Wales has England's.


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


@lru_cache(maxsize=512)
def _parts(country: str) -> frozenset[str]:
    if country not in _known():
        return frozenset()
    return frozenset(holidays.country_holidays(country).subdivisions)
