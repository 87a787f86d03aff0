"""What returned units are worth: a line's gross, in parts that add up to it exactly. Pure."""

from decimal import Decimal
from fractions import Fraction

from markets.money import quantise


def worth_of_units(
    gross: Decimal, currency: str, *, quantity: int, before: int, units: int
) -> Decimal:
    """Give what `units` of a line of `quantity` cost, `before` of which were counted earlier.

    The running total is rounded, not each part: whatever the order and the sizes of the parts,
    they add up to `gross`, and the last takes the remainder.
    """
    if not 0 <= before <= before + units <= quantity:
        raise ValueError(f"{before} + {units} of {quantity} units")

    def running(count: int) -> Decimal:
        return quantise(Fraction(gross) * count / quantity, currency)

    return running(before + units) - running(before)
