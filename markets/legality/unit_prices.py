"""What a kilogram, a litre, … of a good costs, where law wants that beside its price."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from catalog.models import ContentUnit
from catalog.reference import Reference, keep, one_reference
from markets.legality.rules import in_force_on
from markets.models import UnitPriceRule
from markets.money import quantise

keep(UnitPriceRule)

# A unit's measure, and how much of the measure's own unit it is.
_MEASURES: dict[str, tuple[str, Decimal]] = {
    ContentUnit.GRAM: (UnitPriceRule.Measure.MASS, Decimal(1)),
    ContentUnit.KILOGRAM: (UnitPriceRule.Measure.MASS, Decimal(1000)),
    ContentUnit.MILLILITRE: (UnitPriceRule.Measure.VOLUME, Decimal(1)),
    ContentUnit.LITRE: (UnitPriceRule.Measure.VOLUME, Decimal(1000)),
    ContentUnit.CENTIMETRE: (UnitPriceRule.Measure.LENGTH, Decimal(1)),
    ContentUnit.METRE: (UnitPriceRule.Measure.LENGTH, Decimal(100)),
    ContentUnit.SQUARE_METRE: (UnitPriceRule.Measure.AREA, Decimal(1)),
    ContentUnit.PIECE: (UnitPriceRule.Measure.COUNT, Decimal(1)),
}
# The largest unit of a measure comes first: 1000 g are said as 1 kg.
_UNITS: dict[str, tuple[ContentUnit, ...]] = {
    UnitPriceRule.Measure.MASS: (ContentUnit.KILOGRAM, ContentUnit.GRAM),
    UnitPriceRule.Measure.VOLUME: (ContentUnit.LITRE, ContentUnit.MILLILITRE),
    UnitPriceRule.Measure.LENGTH: (ContentUnit.METRE, ContentUnit.CENTIMETRE),
    UnitPriceRule.Measure.AREA: (ContentUnit.SQUARE_METRE,),
    UnitPriceRule.Measure.COUNT: (ContentUnit.PIECE,),
}


@dataclass(frozen=True)
class Content:
    """How much is in a good without its packing."""

    amount: Decimal
    unit: str

    @property
    def measure(self) -> str:
        return _MEASURES[self.unit][0]

    @property
    def in_measure(self) -> Decimal:
        """The amount in the measure's own unit: g, ml, cm, m² or pieces."""
        return self.amount * _MEASURES[self.unit][1]


@dataclass(frozen=True)
class UnitPrice:
    """What `per_amount` of `per_unit` costs, in the price's currency; `row` is the rule's id."""

    amount: Decimal
    per_amount: Decimal
    per_unit: ContentUnit
    row: int


def find_unit_price(
    price: Decimal, currency: str, content: Content, *, country: str, on: date
) -> UnitPrice | None:
    """Give the unit price that a country wants beside a price; None where it wants none.

    Of the rules in force the one for the smallest contents that the content fits in is taken. A
    price that is nothing in the smallest unit of money, as of one paper clip, is not told.
    """
    with one_reference() as read:
        rules = read.derive(_rules, country)
    fitting = [
        rule
        for rule in in_force_on(rules, on)
        if rule.measure == content.measure
        and (rule.content_to is None or content.in_measure <= rule.content_to)
    ]
    if not fitting:
        return None
    rule = min(fitting, key=lambda rule: (rule.content_to is None, rule.content_to or 0))
    found = compute_unit_price(price, currency, content, per=rule.per_amount, row=rule.pk)
    return found if found.amount or not price else None


def compute_unit_price(
    price: Decimal, currency: str, content: Content, *, per: Decimal, row: int
) -> UnitPrice:
    """Compute what `per` (in the measure's own unit) costs, half up in the smallest unit of money.

    Pure. The price is as shown to the shopper, with tax where it is shown with tax.
    """
    for unit in _UNITS[content.measure]:
        amount = per / _MEASURES[unit][1]
        if amount >= 1:
            break
    cost = Fraction(price) * Fraction(per) / Fraction(content.in_measure)
    return UnitPrice(quantise(cost, currency), amount, unit, row)


def _rules(read: Reference, country: str) -> list[UnitPriceRule]:
    return read.rows(UnitPriceRule, country=country)
