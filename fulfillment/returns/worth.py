"""What returned units are worth: a line's gross, in parts that add up to it exactly. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from markets.money import quantise


@dataclass(frozen=True)
class BorderCost:
    """A duty or fee on a line, tax included; `within_days` limits when it comes back."""

    gross: Decimal
    refundable: bool
    within_days: int | None = None


def refundable_costs(costs: Iterable[BorderCost], *, away: timedelta) -> Decimal:
    """Add up what comes back with goods that were away so long, counted in whole days.

    Where it is not known how long, pass no time at all.
    """
    return sum(
        (
            cost.gross
            for cost in costs
            if cost.refundable and (cost.within_days is None or away.days <= cost.within_days)
        ),
        Decimal(0),
    )


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
