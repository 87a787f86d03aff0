"""The data that markets start with: read from this room's `data`, adding only what is missing."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from catalog.models import TaxCategory
from markets.exchange import PEG, store_sheet
from markets.models import ExchangeRate, TaxRate
from markets.rate_feeds.sheet import RateSheet

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
    taken: dict[tuple[str, str, str], list[TaxRate]] = defaultdict(list)
    for rate in TaxRate.objects.all():
        taken[_place(rate)].append(rate)
    new = [
        rate
        for rate in _tax_rates()
        if not any(_overlap(rate, other) for other in taken[_place(rate)])
    ]
    TaxCategory.objects.bulk_create(
        [
            TaxCategory(code=code, name=code.replace("-", " ").capitalize())
            for code in sorted({rate.category_id for rate in new})
        ],
        ignore_conflicts=True,
    )
    return len(TaxRate.objects.bulk_create(new))


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


def _tax_rates() -> Iterator[TaxRate]:
    for row in _read("tax_rates.csv"):
        yield TaxRate(
            country=row["country"],
            region=row["region"],
            category_id=row["category"],
            percent=Decimal(row["percent"]),
            name=row["name"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            source=row["source"],
        )


def _place(rate: TaxRate) -> tuple[str, str, str]:
    return rate.country, rate.region, rate.category_id


def _overlap(one: TaxRate, other: TaxRate) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
