"""Price endings: the last digits a market's shoppers are used to."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

_CONTEXT = Context(prec=60)


@dataclass(frozen=True)
class PriceEnding:
    """Prices of the form `k * step + ending`, in major units of the market's currency.

    `avoid_digits` are digits shoppers dislike in a price (4 in China). It needs a step that is
    a power of ten and endings free of these digits, so that a candidate always exists. `grid`
    is what an amount below one step is rounded to, such as 0.05 for Swiss francs; without it
    such an amount is left alone.
    """

    step: Decimal
    endings: tuple[Decimal, ...]
    avoid_digits: str = ""
    grid: Decimal | None = None

    def __post_init__(self) -> None:
        numbers = (self.step, *self.endings, *(() if self.grid is None else (self.grid,)))
        if not all(isinstance(number, Decimal) and number.is_finite() for number in numbers):
            raise TypeError("step, endings and grid are finite Decimals")
        if self.step <= 0 or (self.grid is not None and not 0 < self.grid <= self.step):
            raise ValueError("step and grid must be positive, and grid no coarser than step")
        if not self.endings or not all(0 <= ending < self.step for ending in self.endings):
            raise ValueError("endings must be given, each from 0 to less than step")
        if self.avoid_digits:
            self._check_avoided()

    def _check_avoided(self) -> None:
        if not set(self.avoid_digits) < set("0123456789") or not set("123456789") - set(
            self.avoid_digits
        ):
            raise ValueError("avoid_digits are digits, and must leave one of 1 to 9")
        if self.step.normalize().as_tuple().digits != (1,):
            raise ValueError("avoid_digits needs a step that is a power of ten")
        if any(set(self.avoid_digits) & set(_digits(ending)) for ending in self.endings):
            raise ValueError("an ending holds a digit that is to be avoided")


def apply_ending(target: Decimal, ending: PriceEnding, *, floor: Decimal | None = None) -> Decimal:
    """Return the price with a fitting ending nearest to target; of two equally near, the lower.

    The price is above zero and never below floor: then it is the next candidate above floor.
    Below one step there is no sensible ending (0.39 would become 0.99), so a target whose floor
    lies there too keeps its own digits, rounded to the grid if the ending has one; avoided
    digits play no part there. Raises ValueError for a target that is not positive.
    """
    for number in (target, *(() if floor is None else (floor,))):
        if not isinstance(number, Decimal):
            raise TypeError(f"prices are Decimal, not {type(number).__name__}")
    if not target.is_finite() or target <= 0:
        raise ValueError(f"a price must be positive, not {target}")
    lowest = target if floor is None else max(target, floor)
    if lowest < ending.step:
        price = _below_one_step(lowest, ending, floor=floor)
        if price < ending.step:  # Rounded up to a whole step it needs an ending after all.
            return price
    return min(
        _candidates(target, ending, floor=floor),
        key=lambda price: (abs(price - target), price),
    )


def ending_below(limit: Decimal, ending: PriceEnding, *, unit: Decimal) -> Decimal | None:
    """Return the highest price in form at or below limit; None where there is none above zero.

    Below one step every multiple of the grid, or of `unit`, is in form.
    """
    if limit < ending.step:
        price = _multiple(limit, ending.grid or unit, rounding=ROUND_FLOOR)
        return price if price > 0 else None
    prices = (
        steps * ending.step + digits
        for digits in ending.endings
        for steps in [_allowed(_steps(limit - digits, ending, ROUND_FLOOR), ending, up=False)]
        if steps is not None
    )
    return max((price for price in prices if price > 0), default=None)


def ending_above(limit: Decimal, ending: PriceEnding, *, unit: Decimal) -> Decimal | None:
    """Return the lowest price in form at or above a positive limit, as `ending_below` does."""
    if limit < ending.step:
        price = _multiple(limit, ending.grid or unit, rounding=ROUND_CEILING)
        if price < ending.step:
            return price
    return min(
        (
            steps * ending.step + digits
            for digits in ending.endings
            for steps in [_allowed(_steps(limit - digits, ending, ROUND_CEILING), ending, up=True)]
            if steps is not None
        ),
        default=None,
    )


def _below_one_step(price: Decimal, ending: PriceEnding, *, floor: Decimal | None) -> Decimal:
    if ending.grid is None:
        return price
    rounded = _multiple(price, ending.grid, rounding=ROUND_HALF_UP)
    if rounded <= 0 or (floor is not None and rounded < floor):
        rounded = _multiple(price, ending.grid, rounding=ROUND_CEILING)
    return rounded


def _candidates(
    target: Decimal, ending: PriceEnding, *, floor: Decimal | None
) -> Iterator[Decimal]:
    """Yield for each ending the nearest allowed price at or below target and at or above it."""
    lowest = target if floor is None else max(target, floor)
    for digits in ending.endings:
        below = _allowed(_steps(target - digits, ending, ROUND_FLOOR), ending, up=False)
        if below is not None:
            price = below * ending.step + digits
            if price > 0 and (floor is None or price >= floor):
                yield price
        above = _allowed(_steps(lowest - digits, ending, ROUND_CEILING), ending, up=True)
        if above is not None:
            yield above * ending.step + digits


def _steps(amount: Decimal, ending: PriceEnding, rounding: str) -> int:
    quotient = _CONTEXT.divide(amount, ending.step)
    return int(quotient.to_integral_value(rounding=rounding, context=_CONTEXT))


def _allowed(steps: int, ending: PriceEnding, *, up: bool) -> int | None:
    """Return the nearest number of steps, from here up or down, free of avoided digits."""
    while steps > 0:
        text = str(steps)
        bad = next((at for at, digit in enumerate(text) if digit in ending.avoid_digits), None)
        if bad is None:
            return steps
        # Every number that shares the prefix up to the bad digit holds it too: jump past all.
        place: int = 10 ** (len(text) - bad - 1)
        prefix = steps // place
        steps = (prefix + 1) * place if up else prefix * place - 1
    return steps if steps == 0 else None


def _multiple(amount: Decimal, unit: Decimal, *, rounding: str) -> Decimal:
    quotient = _CONTEXT.divide(amount, unit)
    return quotient.to_integral_value(rounding=rounding, context=_CONTEXT) * unit


def _digits(amount: Decimal) -> str:
    return format(amount.normalize(), "f")
