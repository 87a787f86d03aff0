"""The lowest price before a reduction, which must be shown with it: pure, Decimal throughout.

Directive 98/6/EC, Article 6a: whoever announces a reduction says what the goods cost least in
the thirty days before it; one that grows step by step keeps the price before its first step.
After the Court's C-330/23 an advertised percentage is reckoned from that price too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal


@dataclass(frozen=True)
class PriceSpan:
    """A price from a moment (inside) to a moment (outside; None is open)."""

    amount: Decimal
    valid_from: datetime
    valid_to: datetime | None
    is_reduction: bool = False

    def holds_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


@dataclass(frozen=True)
class Reduction:
    """What may be announced of a reduced price: `percent` is whole, and never overstated."""

    prior: Decimal
    percent: int
    began_at: datetime
    days: int

    @property
    def share(self) -> Decimal:
        """The percent as a Decimal, which is how templates write percents."""
        return Decimal(self.percent)


def prior_price(
    history: Collection[PriceSpan], *, reduction_start: datetime, days: int
) -> Decimal | None:
    """Give the lowest price of so many days before a reduction; None where there was none.

    The window ends where the reduction starts, however long that is ago. Goods that were sold
    for fewer days are measured by those.
    """
    opens = reduction_start - timedelta(days=days)
    return min(
        (
            span.amount
            for span in history
            if span.valid_from < reduction_start
            and (span.valid_to is None or span.valid_to > opens)
            and span.valid_from != span.valid_to
        ),
        default=None,
    )


def find_reduction_start(history: Collection[PriceSpan], *, moment: datetime) -> datetime | None:
    """Say when the reduction that is on at a moment started; None where none is on.

    Reductions that follow one another without a gap, none dearer than the one before, are one.
    A step up starts a new one, whose window then holds the lower price.
    """
    on = [span for span in history if span.is_reduction and span.holds_at(moment)]
    if not on:
        return None
    first = min(on, key=lambda span: (span.amount, span.valid_from))
    while True:
        earlier = [
            span
            for span in history
            if span.is_reduction
            and span.valid_from < first.valid_from
            and (span.valid_to is None or span.valid_to >= first.valid_from)
            and span.amount >= first.amount
        ]
        if not earlier:
            return first.valid_from
        first = min(earlier, key=lambda span: span.valid_from)


def find_reduction(
    history: Sequence[PriceSpan], amount: Decimal, *, moment: datetime, days: int
) -> Reduction | None:
    """Say what may be announced of a price at a moment: nothing, unless it is lower than before.

    `history` is of what the same shopper could have paid. No `days` announce nothing.
    """
    if days <= 0:
        return None
    start = find_reduction_start(history, moment=moment)
    if start is None:
        return None
    prior = prior_price(history, reduction_start=start, days=days)
    if prior is None or amount >= prior:
        return None
    percent = ((prior - amount) / prior * 100).to_integral_value(rounding=ROUND_FLOOR)
    return Reduction(prior=prior, percent=int(percent), began_at=start, days=days)
