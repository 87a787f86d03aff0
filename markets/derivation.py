"""Derived prices and cross rates: pure arithmetic, Decimal throughout."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Context, Decimal, localcontext

from markets.money import quantise, smallest_unit, to_minor
from markets.price_endings import PriceEnding, apply_ending

# A cross rate is kept and shown with this many significant digits: twice what the feed gives,
# and few enough that the stored rate is the rate that was used.
CROSS_RATE_DIGITS = 12

_CONTEXT = Context(prec=60)


class NoRate(LookupError):
    """No quote and no peg leads to the currency."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"no exchange rate for {currency}")
        self.currency = currency


@dataclass(frozen=True)
class Peg:
    """A currency held at a fixed rate: `rate` units of it buy one unit of `anchor`."""

    currency: str
    anchor: str
    rate: Decimal


def cross_rate(
    quotes: Mapping[str, Decimal],
    *,
    source: str,
    target: str,
    pegs: Iterable[Peg] = (),
    base: str = "EUR",
) -> Decimal:
    """Return how many units of target one unit of source buys, to twelve significant digits.

    Quotes are units per one unit of base. A currency without a quote is reached through its
    peg; a quote wins over a peg. Raises NoRate.
    """
    if source == target:
        return Decimal(1)
    per_base = {base: Decimal(1), **{code: _rate(rate) for code, rate in quotes.items()}}
    fixed = {peg.currency: peg for peg in pegs}

    def quote(currency: str) -> Decimal:
        if currency in per_base:
            return per_base[currency]
        peg = fixed.get(currency)
        if peg is None or peg.anchor not in per_base:
            raise NoRate(currency)
        return _CONTEXT.multiply(per_base[peg.anchor], _rate(peg.rate))

    return Context(prec=CROSS_RATE_DIGITS).divide(quote(target), quote(source))


def derive_price(
    base_amount: Decimal,
    *,
    rate: Decimal,
    margin: Decimal,
    adjustment: Decimal,
    ending: PriceEnding | None,
    currency: str,
    floor: Decimal | None = None,
) -> Decimal:
    """Return a market's price: base * rate * (1 + margin) * (1 + adjustment), then its ending.

    `margin` and `adjustment` are fractions (0.02 is two per cent) above -1; the buffer of an old
    rate is a part of the margin. `floor` and the result are in `currency`. Raises ValueError for
    factors that make no price, and InexactAmount for an ending the currency cannot carry.
    """
    target = target_of(base_amount, rate=rate, margin=margin, adjustment=adjustment)
    if ending is not None:
        for digits in (ending.step, *ending.endings):
            to_minor(digits, currency)
    return fit_price(target, ending=ending, currency=currency, floor=floor)


def target_of(
    base_amount: Decimal, *, rate: Decimal, margin: Decimal, adjustment: Decimal
) -> Decimal:
    """Return base * rate * (1 + margin) * (1 + adjustment), exactly; raise ValueError."""
    for factor in (base_amount, rate, margin, adjustment):
        if not isinstance(factor, Decimal):
            raise TypeError(f"prices and rates are Decimal, not {type(factor).__name__}")
    if base_amount <= 0 or rate <= 0 or margin <= -1 or adjustment <= -1:
        raise ValueError("base and rate must be positive, margin and adjustment above -1")
    with localcontext(_CONTEXT):
        return base_amount * rate * (1 + margin) * (1 + adjustment)


def floor_of(cost: Decimal, *, rate: Decimal, minimum_margin: Decimal) -> Decimal:
    """Return what a price must not fall below: cost * rate * (1 + minimum margin), exactly."""
    with localcontext(_CONTEXT):
        return cost * rate * (1 + minimum_margin)


def fit_price(
    target: Decimal, *, ending: PriceEnding | None, currency: str, floor: Decimal | None = None
) -> Decimal:
    """Return the price nearest to target that has a fitting ending and is not below floor.

    Without an ending it is rounded half up to the smallest unit. It is at least one such unit.
    `markets_fit_price` is the same in SQL.
    """
    if floor is not None and not isinstance(floor, Decimal):
        raise TypeError(f"prices and rates are Decimal, not {type(floor).__name__}")
    with localcontext(_CONTEXT):
        least = smallest_unit(currency)
        if floor is not None:
            least = max(least, quantise(floor, currency, rounding=ROUND_CEILING))
        if ending is None:
            return max(quantise(target, currency), least)
        if ending.grid is None and target < ending.step:
            # Kept digits are rounded too, and what they round up to may need an ending.
            ending = replace(ending, grid=smallest_unit(currency))
        return quantise(apply_ending(target, ending, floor=least), currency)


def _rate(rate: Decimal) -> Decimal:
    if not isinstance(rate, Decimal):
        raise TypeError(f"rates are Decimal, not {type(rate).__name__}")
    if not rate.is_finite() or rate <= 0:
        raise ValueError(f"a rate must be positive, not {rate}")
    return rate
