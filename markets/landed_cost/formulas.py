"""The simplified procedures that replace a tariff: Brazil's, Mexico's and China's.

Japan's and Canada's need no formula of their own beside their rule's factors and limits.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from markets.landed_cost.layers import Convert
from markets.landed_cost.parts import component
from markets.landed_cost.terms import (
    Band,
    CustomsGoods,
    CustomsParcel,
    DutyComponent,
    Formula,
    ImportTerms,
)
from markets.money import quantise

_FLAT = frozenset({Formula.BRAZIL, Formula.MEXICO})


def is_simplified(rule: ImportTerms) -> bool:
    """Tell whether a rule replaces the tariff, as far as it holds."""
    return rule.formula in _FLAT or rule.formula is Formula.CHINA


def is_free_of_duty(rule: ImportTerms) -> bool:
    """Tell whether the procedure takes no duty at all."""
    return rule.formula is Formula.CHINA


def holds(
    rule: ImportTerms, customs_value: Decimal, parcel: CustomsParcel, convert: Convert
) -> bool:
    """Tell whether a parcel is worth no more than the procedure takes."""
    limit = rule.factors.value_to
    return limit is None or convert(customs_value, parcel.currency, rule.currency) <= limit


def flat_duty(
    rule: ImportTerms,
    dutiable: Sequence[tuple[CustomsGoods, Fraction]],
    *,
    currency: str,
    convert: Convert,
) -> list[DutyComponent]:
    """Reckon a flat rate: the band of the goods' customs value takes a percentage less a sum.

    Brazil's two bands are 20 % up to 50 USD and 60 % less 20 USD above (Law 14,902 of 2024).
    """
    value = sum((part for _line, part in dutiable), Fraction(0))
    band = _band(rule, value, currency=currency, convert=convert)
    less = Fraction(convert(band.minus, rule.currency, currency)) if band.minus else Fraction(0)
    duty = max(Fraction(0), value * Fraction(band.percent) / 100 - less)
    if not duty:
        return []
    return [
        component(
            [duty * part / value for _line, part in dutiable],
            [line for line, _part in dutiable],
            currency=currency,
            label="Import duty, simplified procedure",
            row=rule.row,
            percent=band.percent,
            refundable=rule.refundable,
            code="duty_and_tax" if rule.factors.covers_tax else "duty",
            row_currency=rule.currency,
        )
    ]


def _band(rule: ImportTerms, value: Fraction, *, currency: str, convert: Convert) -> Band:
    worth = convert(quantise(value, currency), currency, rule.currency)
    for band in rule.factors.bands:
        if band.up_to is None or worth <= band.up_to:
            return band
    return Band(percent=Decimal(0))
