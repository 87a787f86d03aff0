"""The test numbers and what becomes of each; any other number is one that no register knows."""

import csv
from functools import cache
from pathlib import Path
from typing import Literal

Outcome = Literal["valid", "invalid", "slow", "down"]
MEANINGS: dict[str, str] = {
    "valid": "is registered",
    "invalid": "is not registered",
    "slow": "is registered, which is told after three seconds",
    "down": "the register is out",
}


@cache
def list_numbers() -> dict[str, str]:
    """Give the outcome by number, with its prefix: well formed, with sound check digits."""
    with (Path(__file__).parent / "numbers.csv").open(encoding="utf-8", newline="") as file:
        return {row["number"]: row["outcome"] for row in csv.DictReader(file)}


def outcome_of(number: str) -> str:
    return list_numbers().get(number, "invalid")
