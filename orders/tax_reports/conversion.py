"""Amounts of several currencies in the one of a return, by the rates of one day: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from markets.money import quantise
from orders.tax_reports.facts import Amounts

EURO = "EUR"


class ReportRateMissing(Exception):
    """A currency has no rate by which a return could count it."""

    def __init__(self, currency: str, day: date) -> None:
        super().__init__(f"no rate for {currency} on {day} or the days after")
        self.currency = currency
        self.day = day


@dataclass(frozen=True)
class DayRate:
    """Units of a currency per euro, as published for a day."""

    rate: Decimal
    as_of: date
    provider: str = "ecb"


@dataclass(frozen=True)
class Rates:
    """The rates by which a period is counted.

    `day` is the period's last. Where it is not over, or its rates are not out yet, the rates
    are older than `day` and what they give is provisional.
    """

    day: date
    per_euro: Mapping[str, DayRate] = field(default_factory=dict)

    def convert(self, amount: Decimal, source: str, target: str) -> Decimal:
        """Give an amount in another currency, rounded to its minor unit.

        Raises ReportRateMissing.
        """
        if source == target:
            return quantise(amount, target)
        return quantise(Fraction(amount) / self._of(source) * self._of(target), target)

    def total(self, parts: tuple[Amounts, ...], target: str) -> Amounts:
        """Convert the sum of each currency and add them up. Raises ReportRateMissing."""
        net = sum((self.convert(part.net, part.currency, target) for part in parts), Decimal(0))
        tax = sum((self.convert(part.tax, part.currency, target) for part in parts), Decimal(0))
        return Amounts(target, quantise(net, target), quantise(tax, target))

    def is_provisional(self, *currencies: str) -> bool:
        known = (self.per_euro[code] for code in currencies if code in self.per_euro)
        return any(rate.as_of < self.day for rate in known)

    def _of(self, currency: str) -> Fraction:
        if currency == EURO:
            return Fraction(1)
        known = self.per_euro.get(currency)
        if known is None:
            raise ReportRateMissing(currency, self.day)
        return Fraction(known.rate)
