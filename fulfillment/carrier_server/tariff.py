"""What a parcel costs and how long it takes. Pure; EUR, to the cent, without tax."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_COUNTRIES = (
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK"
)
_EUROPE = frozenset(_COUNTRIES.split())
MAX_GRAMS = 31_500


@dataclass(frozen=True)
class Price:
    amount: Decimal
    days_min: int
    days_max: int


def price_of(*, option: str, origin: str, destination: str, weight_grams: int) -> Price:
    """Price a parcel by distance, weight and whether it hurries."""
    if origin == destination:
        base, per_kg, days = Decimal("4.10"), Decimal("0.45"), (1, 2)
    elif {origin, destination} <= _EUROPE:
        base, per_kg, days = Decimal("5.60"), Decimal("0.95"), (2, 4)
    else:
        base, per_kg, days = Decimal("15.20"), Decimal("6.10"), (5, 10)
    amount = base + per_kg * Decimal(weight_grams) / 1000
    if option == "express":
        amount, days = amount * 2, (max(1, days[0] // 2), max(1, days[1] // 2))
    return Price(amount.quantize(_CENT, ROUND_HALF_UP), *days)
