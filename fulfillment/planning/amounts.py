"""The integers that the search counts in.

An amount is a whole number of 1/1000 cents. A value holds an amount and, below it, what decides
between equals: parcels, lanes, and the lanes' places in the order of their codes. Values add up,
so that one comparison of integers compares all of that.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

PLACES = 5
_PARCEL_BITS = 10


def amount(euros: Decimal) -> int:
    """Round EUR to 1/1000 cents."""
    return int(euros.scaleb(PLACES).to_integral_value(ROUND_HALF_UP))


def per_kilogram(euros: Decimal) -> int:
    """Give EUR per kilogram as 1/1000 of an amount per kilogram, for `of_grams`."""
    return int(euros.scaleb(PLACES + 3).to_integral_value(ROUND_HALF_UP))


def of_grams(per_kg: int, grams: int) -> int:
    return (per_kg * grams + 500_000) // 1_000_000


def share(amount: int, count: int) -> int:
    """Divide an amount, rounding half up."""
    return (2 * amount + count) // (2 * count)


def euros(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-PLACES)


@dataclass(frozen=True, slots=True)
class Scale:
    """Makes values; `slack` bits at the bottom take the bounds' roundings, `step` is one above."""

    slack: int
    rank: int
    lanes: int

    @classmethod
    def of(cls, *, lanes: int, units: int) -> "Scale":
        # A bound loses less than one for each unit of each line, twice over.
        return cls(
            slack=(2 * units + 2).bit_length(),
            rank=lanes + lanes.bit_length(),
            lanes=lanes.bit_length(),
        )

    @property
    def step(self) -> int:
        return 1 << self.slack

    @property
    def shift(self) -> int:
        return self.slack + self.rank + self.lanes + _PARCEL_BITS

    def value(self, amount: int, *, parcels: int = 0, lanes: int = 0, rank: int = 0) -> int:
        low = (((parcels << self.lanes) + lanes) << self.rank) + rank
        return (amount << self.shift) + (low << self.slack)

    def amount(self, value: int) -> int:
        return value >> self.shift
