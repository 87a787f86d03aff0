"""Exact parts of an amount, one for each line of goods, and their rounding."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from markets.landed_cost.terms import (
    CostKind,
    CustomsGoods,
    DutyComponent,
    Shares,
)
from markets.money import round_shares


def by_value(amount: Decimal | Fraction, goods: Sequence[CustomsGoods]) -> list[Fraction]:
    """Part an amount by the goods' value, or by their number where all of them are free."""
    if not goods:
        return []
    if not amount:
        return [Fraction(0)] * len(goods)
    if len(goods) == 1:
        return [Fraction(amount)]
    weights: list[Decimal] = [line.amount for line in goods]
    if not any(weights):
        weights = [Decimal(line.quantity) for line in goods]
    each = Fraction(amount) / Fraction(sum(weights))
    return [Fraction(weight) * each for weight in weights]


def by_heading(amount: Decimal | Fraction, goods: Sequence[CustomsGoods]) -> list[Fraction]:
    """Part an amount evenly by heading, and within a heading by value."""
    lines: dict[str, list[CustomsGoods]] = {}
    for line in goods:
        lines.setdefault(line.heading, []).append(line)
    if not lines:
        return []
    each = Fraction(amount) / len(lines)
    parts: dict[str, Fraction] = {}
    for same in lines.values():
        parts |= {line.key: part for line, part in zip(same, by_value(each, same), strict=True)}
    return [parts[line.key] for line in goods]


def headings_of(goods: Sequence[CustomsGoods]) -> tuple[str, ...]:
    """List the distinct headings in the order of the goods."""
    return tuple(dict.fromkeys(line.heading for line in goods))


def rounded(
    parts: Sequence[Fraction], goods: Sequence[CustomsGoods], currency: str
) -> tuple[Decimal, Shares]:
    """Round the sum of the parts once, half up, and give each line its share of it."""
    amounts = round_shares(parts, currency)
    shares = tuple((line.key, part) for line, part in zip(goods, amounts, strict=True))
    return sum(amounts, Decimal(0)), shares


def component(
    parts: Sequence[Fraction],
    goods: Sequence[CustomsGoods],
    *,
    currency: str,
    label: str,
    row: str,
    kind: CostKind = CostKind.DUTY,
    percent: Decimal = Decimal(0),
    taxable: bool = True,
    refundable: bool = True,
    code: str = "duty",
    row_currency: str = "",
) -> DutyComponent:
    amount, shares = rounded(parts, goods, currency)
    return DutyComponent(
        label=label,
        amount=amount,
        row=row,
        taxable_base=amount if taxable else Decimal(0),
        refundable=refundable,
        kind=kind,
        percent=percent,
        shares=shares,
        code=code,
        currency=row_currency,
    )
