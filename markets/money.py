"""Decimal arithmetic of money: the one place that rounds.

Three numbers of a currency are easily confused: the ISO 4217 exponent (what it is kept in),
the digits a locale likes to show, and the exponent a payment gateway counts in. Amounts here
are in major units (12.34 is twelve pounds thirty-four) and carry the ISO exponent; prices are
shown with the ISO digits too, so that page, invoice and charge read the same.
"""

import copy
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, localcontext
from fractions import Fraction
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_symbol
from moneyed import CURRENCIES

# Enough digits that a quotient of two amounts which ends at all ends within them: a tie is
# then a true tie and is never made or missed by the division.
_CONTEXT = Context(prec=60)

# Metals, units of account, test codes: ISO 4217 gives them no minor unit.
_WITHOUT_MINOR_UNIT = frozenset({
    "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XEU", "XFO", "XFU", "XPD", "XPT", "XRE",
    "XSU", "XTS", "XUA", "XXX",
})  # fmt: skip

# How Stripe counts, https://docs.stripe.com/currencies. ISK and UGX have no minor unit any more
# but are still sent with two decimals, both 0. HUF and TWD are charged with two decimals like
# the default; only their payouts must be whole units.
_GATEWAY_ZERO_DECIMAL = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
})  # fmt: skip
# Sent with three decimals of which the last must be 0.
_GATEWAY_THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class UnknownCurrency(ValueError):
    """A code that is no ISO 4217 currency with a minor unit; codes are upper case."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"unknown currency {currency!r}")
        self.currency = currency


class InexactAmount(ValueError):
    """An amount finer than its currency, or than the gateway, can carry."""

    def __init__(self, amount: Decimal | int, currency: str) -> None:
        super().__init__(f"{amount} {currency} is finer than the currency allows here")
        self.amount = amount
        self.currency = currency


class CannotSplit(ValueError):
    """Weights that give no shares: none, negative, or all zero with something to split."""


def exponent(currency: str) -> int:
    """Return the number of ISO 4217 decimals of a currency; raise UnknownCurrency."""
    known = CURRENCIES.get(currency)
    if known is None or currency in _WITHOUT_MINOR_UNIT:
        raise UnknownCurrency(currency)
    return len(str(known.sub_unit)) - 1


def gateway_exponent(currency: str) -> int:
    """Return the number of decimals in which Stripe counts a currency; raise UnknownCurrency."""
    exponent(currency)
    if currency in _GATEWAY_ZERO_DECIMAL:
        return 0
    if currency in _GATEWAY_THREE_DECIMAL:
        return 3
    return 2


def smallest_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency: 0.01 for EUR, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-exponent(currency))


def quantise(
    amount: Decimal | int | Fraction, currency: str, *, rounding: str = ROUND_HALF_UP
) -> Decimal:
    """Round an amount to the smallest unit of its currency, half away from zero unless told."""
    return _quantise(amount, smallest_unit(currency), rounding=rounding)


def quantise_for_gateway(
    amount: Decimal | int, currency: str, *, rounding: str = ROUND_HALF_UP
) -> Decimal:
    """Round an amount to what the gateway can charge: 5.124 KWD becomes 5.120 KWD.

    Totals of a three-decimal currency go through here before an order is frozen, so that the
    charge equals the order; `to_gateway` itself never rounds.
    """
    finest = _quantise(amount, _gateway_unit(currency), rounding=rounding)
    return _exactly(finest, smallest_unit(currency), currency)


def to_minor(amount: Decimal | int, currency: str) -> int:
    """Return an amount in minor units; raise InexactAmount rather than round."""
    return int(_exactly(amount, smallest_unit(currency), currency).scaleb(exponent(currency)))


def from_minor(units: int, currency: str) -> Decimal:
    """Return the amount of a whole number of minor units."""
    return Decimal(_whole(units)).scaleb(-exponent(currency), _CONTEXT)


def to_gateway(amount: Decimal | int, currency: str) -> int:
    """Return an amount as Stripe's integer; raise InexactAmount rather than charge another sum."""
    exact = _exactly(amount, smallest_unit(currency), currency)
    _exactly(exact, _gateway_unit(currency), currency)
    return int(exact.scaleb(gateway_exponent(currency), _CONTEXT))


def from_gateway(units: int, currency: str) -> Decimal:
    """Return the amount of Stripe's integer; raise InexactAmount where the currency has no such."""
    amount = Decimal(_whole(units)).scaleb(-gateway_exponent(currency), _CONTEXT)
    return _exactly(amount, smallest_unit(currency), currency)


def split(amount: Decimal | int, weights: Sequence[Decimal | int], currency: str) -> list[Decimal]:
    """Split an amount by weights so that the parts add up to it exactly.

    Largest remainder: every part is less than one minor unit from its exact share, ties go to
    the earlier part, a weight of zero gets zero, and a negative amount splits as the mirror of
    the positive one. Raises CannotSplit, or InexactAmount for an amount that is not quantised.
    """
    _exactly(amount, smallest_unit(currency), currency)
    exact = [Fraction(_number(weight)) for weight in weights]
    total = sum(exact)
    if any(weight < 0 for weight in exact):
        raise CannotSplit("weights must not be negative")
    if total == 0:
        if amount == 0:
            return [from_minor(0, currency) for _ in exact]
        raise CannotSplit(f"no weight to split {amount} {currency} by")
    shares = [Fraction(amount) * weight / total for weight in exact]
    return round_shares(shares, currency)


def round_shares(shares: Sequence[Fraction], currency: str) -> list[Decimal]:
    """Round exact shares, of any sign, so that they add up to their rounded sum.

    Largest remainder, ties to the earlier share; shares that are whole minor units stay as
    they are.
    """
    sign = -1 if sum(shares) < 0 else 1
    units = [sign * share * 10 ** exponent(currency) for share in shares]
    floors = [unit.numerator // unit.denominator for unit in units]
    total = sign * to_minor(quantise(sum(shares, Fraction(0)), currency), currency)
    by_remainder = sorted(range(len(units)), key=lambda i: floors[i] - units[i])
    for index in by_remainder[: total - sum(floors)]:
        floors[index] += 1
    return [from_minor(sign * unit, currency) for unit in floors]


def format_money(amount: Decimal | int, currency: str, locale: str) -> str:
    """Write an amount as people of a locale (`de_CH`) read it, always with the ISO digits.

    CLDR would drop the decimals of HUF or AMD; the price shown would then not be the price
    charged.
    """
    rounded = quantise(amount, currency)
    language = _locale(locale)
    pattern = copy.copy(language.currency_formats["standard"])
    pattern.frac_prec = (exponent(currency), exponent(currency))
    # CLDR sets a letter apart from a digit: "AED 5.00" but "$5.00". Babel leaves that to us.
    symbol = get_currency_symbol(currency, language)
    if symbol[-1].isalpha():
        pattern.prefix = tuple(re.sub("¤$", "¤\xa0", prefix) for prefix in pattern.prefix)
    if symbol[0].isalpha():
        pattern.suffix = tuple(re.sub("^¤", "\xa0¤", suffix) for suffix in pattern.suffix)
    return str(pattern.apply(rounded, language, currency=currency, currency_digits=False))


@lru_cache(maxsize=64)
def _locale(identifier: str) -> Locale:
    return Locale.parse(identifier.replace("-", "_"))


def _gateway_unit(currency: str) -> Decimal:
    decimals = min(gateway_exponent(currency), exponent(currency), 2)
    return Decimal(1).scaleb(-decimals)


def _quantise(amount: Decimal | int | Fraction, unit: Decimal, *, rounding: str) -> Decimal:
    if isinstance(amount, Fraction):
        number = _CONTEXT.divide(Decimal(amount.numerator), Decimal(amount.denominator))
    else:
        number = Decimal(_number(amount))
    rounded = number.quantize(unit, rounding=rounding, context=_CONTEXT)
    return abs(rounded) if rounded == 0 else rounded  # no "-0.00" on an invoice


def _exactly(amount: Decimal | int, unit: Decimal, currency: str) -> Decimal:
    """Return the amount with the decimals of unit, or raise InexactAmount."""
    number = Decimal(_number(amount))
    with localcontext(_CONTEXT) as context:
        context.traps[Inexact] = True
        try:
            exact = number.quantize(unit)
        except Inexact:
            raise InexactAmount(amount, currency) from None
    return abs(exact) if exact == 0 else exact


def _number(value: Decimal | int) -> Decimal | int:
    """Return the value if it is a finite Decimal or int; floats are refused, not converted."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"money takes Decimal or int, not {type(value).__name__}")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value} is not an amount")
    return value


def _whole(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"minor units are int, not {type(value).__name__}")
    return value
