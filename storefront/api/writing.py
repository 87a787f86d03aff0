"""Amounts as the API writes them: exact, in major and in minor units."""

from decimal import Decimal
from typing import TypedDict

from markets.money import from_minor, to_minor


class Amount(TypedDict):
    amount: str
    minor_units: int


def write_amount(amount: Decimal, currency: str) -> Amount:
    """Write an amount with all digits of its currency; raises InexactAmount, never rounds."""
    units = to_minor(amount, currency)
    return {"amount": f"{from_minor(units, currency):f}", "minor_units": units}
