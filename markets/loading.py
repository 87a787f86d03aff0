"""The data that markets start with: read from this room's `data`, adding only what is missing."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.db import transaction
from django.db.models import BooleanField, Field, ForeignKey

from catalog.models import TaxCategory
from markets.exchange import PEG, store_sheet
from markets.models import (
    CategoryRule,
    ExchangeRate,
    SpecialTerritory,
    TaxPlaceRule,
    TaxRate,
    TaxThreshold,
)
from markets.rate_feeds.sheet import RateSheet

_D = TypeVar("_D", TaxRate, TaxPlaceRule, TaxThreshold, SpecialTerritory, CategoryRule)

DATA = Path(__file__).resolve().parent / "data"

# The dirham has been held at this rate by its central bank since this day.
_PEGGED_ON = date(1997, 11, 1)
_DIRHAMS_PER_DOLLAR = Decimal("3.6725")


@transaction.atomic
def load_tax_rates() -> int:
    """Add the tax rates that are missing, and their categories; give how many were added.

    A rate whose time is covered by a row already there, in part or in whole, is left out: what
    staff has changed stays.
    """
    return _add_missing(TaxRate, "tax_rates", per=("country", "region", "category_id"))


@transaction.atomic
def load_tax_law() -> int:
    """Add how places tax, thresholds, special territories and exemptions that are missing.

    Gives how many rows were added; what staff has changed stays, as with the rates.
    """
    place = ("country", "region")
    return (
        _add_missing(TaxPlaceRule, "tax_place_rules", per=place)
        + _add_missing(TaxThreshold, "tax_thresholds", per=("scheme", *place, "period"))
        + _add_missing(SpecialTerritory, "special_territories", per=("country", "postal_from"))
        + _add_missing(CategoryRule, "category_rules", per=(*place, "category_id"))
    )


@transaction.atomic
def load_day() -> int:
    """Store the day of ECB rates that comes along, and the dirham's peg; give how many are new.

    They count from that day's afternoon, when the rates were published.
    """
    pegged = ExchangeRate.objects.get_or_create(
        provider=PEG,
        base="USD",
        quote="AED",
        as_of=_PEGGED_ON,
        defaults={
            "rate": _DIRHAMS_PER_DOLLAR,
            "fetched_at": datetime.combine(_PEGGED_ON, time(), UTC),
        },
    )[1]
    rows = list(_read("ecb_day.csv"))
    sheet = RateSheet(
        as_of=date.fromisoformat(rows[0]["as_of"]),
        base="EUR",
        rates={row["currency"]: Decimal(row["rate"]) for row in rows},
    )
    published = datetime.combine(sheet.as_of, time(15), UTC)
    return store_sheet(sheet, provider="ecb", now=published, settled=True) + pegged


def _add_missing(model: type[_D], name: str, *, per: tuple[str, ...]) -> int:
    taken: dict[tuple[object, ...], list[_D]] = defaultdict(list)
    for row in model._default_manager.all():
        taken[_key(row, per)].append(row)
    new = [
        row
        for row in map(partial(_row, model), _read(f"{name}.csv"))
        if not any(_overlap(row, other) for other in taken[_key(row, per)])
    ]
    categories = {str(code) for row in new if (code := getattr(row, "category_id", None))}
    TaxCategory.objects.bulk_create(
        [
            TaxCategory(code=code, name=code.replace("-", " ").capitalize())
            for code in sorted(categories)
        ],
        ignore_conflicts=True,
    )
    return len(model._default_manager.bulk_create(new))


def _row(model: type[_D], cells: dict[str, str]) -> _D:
    """Make an unsaved row of a line; an empty cell is what the column has when nothing is said."""
    values: dict[str, object] = {}
    for name, cell in cells.items():
        field = model._meta.get_field(name)
        if isinstance(field, ForeignKey):
            values[field.attname] = cell
        elif isinstance(field, BooleanField):
            values[name] = cell == "yes"
        elif isinstance(field, Field) and (cell or not field.null):
            values[name] = field.to_python(cell)
    return model(**values)


def _key(row: _D, per: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in per)


def _overlap(one: _D, other: _D) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
