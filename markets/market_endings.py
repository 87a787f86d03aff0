"""A market's price endings, from the words that staff write to what derivation works with."""

from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from markets.money import InexactAmount, UnknownCurrency, to_minor
from markets.price_endings import PriceEnding


def parse_endings(text: str) -> tuple[Decimal, ...]:
    """Read endings parted by spaces, "0.99 0.49"; raise ValidationError naming a bad word."""
    endings = []
    for word in text.split():
        try:
            ending = Decimal(word)
        except InvalidOperation:
            ending = Decimal("NaN")
        if not ending.is_finite():
            raise ValidationError(
                _("“%(word)s” is no number; write endings such as 0.99 0.49."),
                params={"word": word},
            )
        endings.append(ending)
    return tuple(endings)


def build_ending(
    text: str, *, step: Decimal, grid: Decimal | None, avoid_digits: str, currency: str
) -> PriceEnding | None:
    """Make the ending of a market's fields; None for no endings at all. Raise ValidationError."""
    endings = parse_endings(text)
    if not endings:
        return None
    for ending in endings:
        if not 0 <= ending < step:
            raise ValidationError(
                _("The ending %(ending)s does not lie between 0 and the step of %(step)s."),
                params={"ending": ending, "step": step},
            )
    if grid is not None and not 0 < grid <= step:
        raise ValidationError(
            _("The grid %(grid)s is not positive, or coarser than the step of %(step)s."),
            params={"grid": grid, "step": step},
        )
    for number in (step, *endings, *(() if grid is None else (grid,))):
        _check_fineness(number, currency)
    try:
        return PriceEnding(step=step, endings=endings, avoid_digits=avoid_digits, grid=grid)
    except ValueError as error:
        raise ValidationError(
            _(
                "The digits to avoid do not go with the endings: they need a step of 1, 10, 100 … "
                "and endings without these digits, and must leave a digit to use."
            )
        ) from error


def _check_fineness(number: Decimal, currency: str) -> None:
    try:
        to_minor(number, currency)
    except InexactAmount as error:
        raise ValidationError(
            _("%(number)s is finer than %(currency)s can be paid in."),
            params={"number": number, "currency": currency},
        ) from error
    except UnknownCurrency as error:
        raise ValidationError(
            _("“%(currency)s” is no currency."), params={"currency": currency}
        ) from error
