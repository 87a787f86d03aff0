"""The law of landed cost that markets start with, from this room's `data`."""

import csv
import gzip
from pathlib import Path

from django.db import transaction

from markets.law_files import DUTY_TABLES, add_missing
from markets.models.duties import HsCode

DATA = Path(__file__).resolve().parents[1] / "data"


@transaction.atomic
def load_duties() -> dict[str, int]:
    """Add what is missing of the HS table and of each table of law; give how many were added."""
    return {"hs_codes": load_hs_codes(), **load_law()}


@transaction.atomic
def load_law() -> dict[str, int]:
    """Add what is missing of each table of law; give how many were added.

    Delivery terms are loaded for the markets that there are. What staff has changed stays.
    """
    added = {}
    for name, table in DUTY_TABLES.items():
        with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            added[name] = add_missing(table, file)
    return added


def load_hs_codes() -> int:
    """Add the headings of the Harmonized System that are missing."""
    there = set(HsCode.objects.values_list("code", flat=True))
    with gzip.open(DATA / "hs_codes.csv.gz", "rt", encoding="utf-8", newline="") as file:
        new = [
            HsCode(code=row["code"], description=row["description"], level=len(row["code"]))
            for row in csv.DictReader(file)
            if row["code"] not in there
        ]
    return len(HsCode.objects.bulk_create(new, batch_size=2000))
