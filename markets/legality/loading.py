"""The rules that markets start with: read from this room's `data`, adding only what is missing."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from catalog.models import TaxCategory
from markets.models import PublishingRule, UnitPriceRule

_DATA = Path(__file__).resolve().parent.parent / "data"


@transaction.atomic
def load_publishing_rules() -> int:
    """Add what countries want offers to say where nothing is known of it; give how many rows.

    A country's fact that has a row for the tax category already is left alone: what staff has
    changed stays.
    """
    known = set(PublishingRule.objects.values_list("country", "fact", "tax_category_id"))
    new = [
        row
        for row in _publishing_rules()
        if (row.country, row.fact, row.tax_category_id) not in known
    ]
    TaxCategory.objects.bulk_create(
        [
            TaxCategory(code=code, name=code.capitalize())
            for code in sorted({row.tax_category_id for row in new if row.tax_category_id})
        ],
        ignore_conflicts=True,
    )
    return len(PublishingRule.objects.bulk_create(new))


@transaction.atomic
def load_unit_price_rules() -> int:
    """Add by how much countries want goods priced where they have no row for the measure."""
    known = set(UnitPriceRule.objects.values_list("country", "measure"))
    new = [row for row in _unit_price_rules() if (row.country, row.measure) not in known]
    return len(UnitPriceRule.objects.bulk_create(new))


def _publishing_rules() -> Iterator[PublishingRule]:
    for row in _read("publishing_rules.csv"):
        yield PublishingRule(
            country=row["country"],
            fact=row["fact"],
            tax_category_id=row["tax_category"] or None,
            is_needed=row["is_needed"] == "yes",
            area=row["area"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            source=row["source"],
        )


def _unit_price_rules() -> Iterator[UnitPriceRule]:
    for row in _read("unit_price_rules.csv"):
        yield UnitPriceRule(
            country=row["country"],
            measure=row["measure"],
            per_amount=Decimal(row["per_amount"]),
            content_to=Decimal(row["content_to"]) if row["content_to"] else None,
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            source=row["source"],
        )


def _read(name: str) -> Iterator[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
