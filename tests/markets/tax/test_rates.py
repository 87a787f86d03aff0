"""The rates that markets start with agree with two published lists of European ones."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import markets
from markets.tax import TaxRule, find_rule

DATA = Path(__file__).resolve().parents[2] / "data"
OURS = Path(markets.__file__).parent / "data" / "tax_rates.csv"
DAY = date(2026, 9, 29)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = read(OURS)


def standard(country: str, on: date) -> Decimal | None:
    rules = [
        TaxRule(number, row["country"], row["region"], row["category"], Decimal(row["percent"]), "")
        for number, row in enumerate(ROWS)
        if row["valid_from"] <= on.isoformat()
        and (not row["valid_to"] or row["valid_to"] > on.isoformat())
    ]
    found = find_rule("standard", rules=rules, country=country, region="")
    return found.percent if found else None


CURRENT = {row["country"]: Decimal(row["standard"])
           for row in read(DATA / "eu_vat_standard_2026-09-29.csv")}  # fmt: skip


def test_the_published_list_has_45_jurisdictions() -> None:
    assert len(CURRENT) == 45


@pytest.mark.parametrize("country", sorted(CURRENT))
def test_standard_rate_is_the_published_one(country: str) -> None:
    assert standard(country, DAY) == CURRENT[country]


def test_standard_rates_agree_with_their_history_on_each_side_of_a_change() -> None:
    history = read(DATA / "eu_vat_standard_history.csv")
    in_force_until: dict[str, list[tuple[date, Decimal]]] = {}
    for row in history:
        changes = in_force_until.setdefault(row["country"], [])
        changes.append((date.fromisoformat(row["effective_from"]), Decimal(row["standard_rate"])))
    for country, changes in in_force_until.items():
        before: Decimal | None = None
        for since, percent in sorted(changes):
            assert standard(country, since) == percent, (country, since)
            if before is not None:
                assert standard(country, since - timedelta(days=1)) == before, (country, since)
            before = percent


@pytest.mark.parametrize(
    ("country", "on", "percent"),
    [
        ("DE", date(2020, 6, 30), "19"),
        ("DE", date(2020, 7, 1), "16"),
        ("DE", date(2020, 12, 31), "16"),
        ("DE", date(2021, 1, 1), "19"),
        ("EE", date(2025, 7, 1), "24"),
        ("RO", date(2025, 7, 31), "19"),
        ("RO", date(2025, 8, 1), "21"),
        ("SK", date(2025, 1, 1), "23"),
        ("FI", date(2024, 9, 1), "25.5"),
    ],
)
def test_standard_rate_of_a_day(country: str, on: date, percent: str) -> None:
    assert standard(country, on) == Decimal(percent)
