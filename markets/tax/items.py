"""The parts of an answer before tax is rounded, and the one place that rounds it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from markets.money import from_minor, quantise, round_shares, split
from markets.tax.answer import ComponentKind, TaxComponent, TaxPart
from markets.tax.basket import TaxRounding
from markets.tax.levies import Levies

_Cell = tuple[int, int]  # item, tax of the item


@dataclass
class Item:
    """An amount with its taxes; `inclusive` says that they are inside it.

    `exact` is the tax where the border works it out, else it follows from the amount.
    `home_rate` is the home's tax inside a shown amount that has yet to give way to another.
    """

    parcel: int | None
    kind: ComponentKind
    key: str
    label: str
    amount: Decimal
    inclusive: bool
    levies: Levies
    place: str
    quantity: int = 1
    row: str = ""
    refundable: bool = True
    code: str = ""
    currency: str = ""
    exact: Fraction | None = None
    home_rate: Fraction | None = None
    taxes: list[Decimal] = field(default_factory=list)

    @property
    def exact_tax(self) -> Fraction:
        if self.exact is not None:
            return self.exact
        rate = self.levies.rate
        if not rate:
            return rate
        return Fraction(self.amount) * (rate / (1 + rate) if self.inclusive else rate)


def round_taxes(items: Sequence[Item], *, rounding: TaxRounding, currency: str) -> None:
    """Set the taxes of all items, in the smallest unit of the currency, half up.

    Per line (parts of one line in several parcels count as one line), once for each rate of a
    place, or per unit of goods; what a border works out is rounded once for each parcel and rate.
    From a sum to its parts by largest remainder.
    """
    zero = from_minor(0, currency)
    groups: defaultdict[tuple[object, ...], list[_Cell]] = defaultdict(list)
    for number, item in enumerate(items):
        rules = item.levies.rules
        # Taxes inside a price are parts of one sum, else two of them could exceed the price.
        apart = len(rules) if len(rules) > 1 and not item.inclusive and item.exact is None else 1
        item.taxes = [zero] * apart
        if not item.exact_tax:
            continue
        for which in range(apart):
            groups[_group(item, which, apart, rounding)].append((number, which))
    for key, cells in groups.items():
        exact = [_exact(items[number], which) for number, which in cells]
        rounded = (
            _by_unit([items[number] for number, _which in cells], exact, currency)
            if key[0] == "unit"
            else round_shares(exact, currency)
        )
        for (number, which), tax in zip(cells, rounded, strict=True):
            items[number].taxes[which] = tax


def exchange_home_tax(items: Sequence[Item], *, currency: str) -> None:
    """Take the home's tax out of amounts shown with it, and put in that of where they go.

    Parts of a line are rounded together, so that packing changes no sum.
    """
    groups: defaultdict[tuple[object, ...], list[Item]] = defaultdict(list)
    for item in items:
        if item.home_rate is not None:
            key = (item.kind, item.key, item.place, item.levies.key, item.home_rate)
            groups[key].append(item)
    for group in groups.values():
        exact = [
            Fraction(item.amount)
            * (1 + (item.levies.rate if item.inclusive else 0))
            / (1 + (item.home_rate or 0))
            for item in group
        ]
        for item, amount in zip(group, round_shares(exact, currency), strict=True):
            item.amount, item.home_rate = amount, None


def component(item: Item, currency: str) -> TaxComponent:
    """Give an item with its rounded taxes as a line of the answer."""
    tax = sum(item.taxes, from_minor(0, currency))
    net = item.amount - tax if item.inclusive else item.amount
    return TaxComponent(
        key=item.key,
        parcel=item.parcel,
        kind=item.kind,
        label=item.label,
        net=net,
        tax=tax,
        gross=net + tax,
        percent=item.levies.percent,
        tax_name=item.levies.name,
        row=item.row or item.levies.row,
        parts=_parts(item, tax, currency),
        refundable=item.refundable,
        code=item.code,
        currency=item.currency,
    )


def _exact(item: Item, which: int) -> Fraction:
    if len(item.taxes) == 1:
        return item.exact_tax
    return Fraction(item.amount) * item.levies.rates[which]


def _group(item: Item, which: int, apart: int, rounding: TaxRounding) -> tuple[object, ...]:
    rules = item.levies.key if apart == 1 else item.levies.key[which + 1]
    if item.exact is not None:
        return ("border", item.parcel, rules)
    if rounding == "rate_group":
        return ("rate", item.place, rules)
    if rounding == "unit" and item.kind is ComponentKind.GOODS:
        return ("unit", item.place, rules, item.key, item.inclusive)
    # A duty shared by lines is one amount to the law.
    key = item.key if item.kind is ComponentKind.GOODS else item.row
    return ("line", item.place, rules, item.kind, key, item.inclusive)


def _by_unit(items: Sequence[Item], exact: Sequence[Fraction], currency: str) -> list[Decimal]:
    quantity = sum(item.quantity for item in items)
    tax = quantise(sum(exact, Fraction(0)) / quantity, currency) * quantity
    return split(tax, [item.amount for item in items], currency)


def _parts(item: Item, tax: Decimal, currency: str) -> tuple[TaxPart, ...]:
    rules = item.levies.rules
    if len(rules) < 2 and not (item.row and rules):
        return ()
    taxes = item.taxes
    if len(taxes) != len(rules):
        taxes = (
            split(tax, [rule.percent for rule in rules], currency) if tax else [tax] * len(rules)
        )
    return tuple(
        TaxPart(rule.name, rule.percent, part, f"taxrate:{rule.id}")
        for rule, part in zip(rules, taxes, strict=True)
    )
