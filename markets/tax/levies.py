"""Which taxes a class of goods bears in a place, and on how much of its price."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from markets.tax.arithmetic import STANDARD, NoTaxRate, TaxRule
from markets.tax.basket import Place
from markets.tax.rows import CategoryExemption, PlaceRule, TaxTables

Convert = Callable[[Decimal, str, str], Decimal]  # amount, from a currency, to another


@dataclass(frozen=True)
class Levies:
    """The taxes on something: none, one, or several side by side as GST and PST.

    `share` is how much of the amount they are taken of: all, nothing, or what is above a cap.
    """

    rules: tuple[TaxRule, ...] = ()
    share: Fraction = Fraction(1)

    @cached_property
    def rates(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(rule.percent) / 100 * self.share for rule in self.rules)

    @cached_property
    def rate(self) -> Fraction:
        return sum(self.rates, Fraction(0))

    @cached_property
    def percent(self) -> Decimal:
        return sum((rule.percent for rule in self.rules), Decimal(0)) if self.share else Decimal(0)

    @cached_property
    def name(self) -> str:
        return " + ".join(rule.name for rule in self.rules)

    @cached_property
    def row(self) -> str:
        return "+".join(f"taxrate:{rule.id}" for rule in self.rules)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What has to be alike for two amounts to be rounded together."""
        return (self.share == 0, *((rule.name, rule.percent) for rule in self.rules))


NONE = Levies()


def place_rule(place: Place, tables: TaxTables) -> PlaceRule:
    """Give how a place taxes: its region's rule, its country's, or the defaults."""
    table = tables.place_table
    return (
        table.get((place.country, place.region))
        or table.get((place.country, ""))
        or PlaceRule(country=place.country)
    )


def levies_of(category: str, *, at: Place, tables: TaxTables) -> Levies:
    """Give the taxes on a class of goods in a place; raise NoTaxRate where no row tells.

    A region's row stands in place of the country's, or beside it where it says so.
    """
    key = (category, at.country, at.region)
    known: Levies | None = tables.known.get(key)
    if known is None:
        known = tables.known[key] = Levies(_rules(category, at, tables))
    return known


def levies_on(
    category: str, *, unit_price: Decimal, currency: str, at: Place, tables: TaxTables,
    convert: Convert,
) -> Levies:  # fmt: skip
    """Give the taxes on goods of one price, after what their place leaves untaxed of them."""
    levies = levies_of(category, at=at, tables=tables)
    exemption = tables.exemption_table.get((at.country, at.region, category)) or (
        tables.exemption_table.get((at.country, "", category))
    )
    if exemption is None:
        return levies
    return Levies(levies.rules, _taxed_share(exemption, unit_price, currency, convert))


def shipping_levies(goods: Levies, *, at: Place, tables: TaxTables) -> Levies:
    """Give the taxes on the part of a delivery that brings these goods."""
    rule = place_rule(at, tables)
    if not rule.shipping_taxable:
        return NONE
    if rule.shipping_follows_goods:
        return goods
    return levies_of(STANDARD, at=at, tables=tables)


def _rules(category: str, at: Place, tables: TaxTables) -> tuple[TaxRule, ...]:
    own = _find(category, at.country, at.region, tables) if at.region else None
    if own is not None and own.id not in tables.adding:
        return (own,)
    common = _find(category, at.country, "", tables)
    if own is not None:
        return (common, own) if common else (own,)
    if common is not None:
        return (common,)
    raise NoTaxRate(at.country, category, at.region)


def _find(category: str, country: str, region: str, tables: TaxTables) -> TaxRule | None:
    table = tables.rate_table
    return table.get((country, region, category)) or table.get((country, region, STANDARD))


def _taxed_share(
    exemption: CategoryExemption, unit_price: Decimal, currency: str, convert: Convert
) -> Fraction:
    if exemption.kind == "exempt" or exemption.amount is None or unit_price <= 0:
        return Fraction(0)
    limit = exemption.amount
    if exemption.currency != currency:
        limit = convert(limit, exemption.currency, currency)
    if exemption.kind == "exempt_below":
        return Fraction(int(unit_price >= limit))
    if unit_price <= limit:
        return Fraction(0)
    if exemption.kind == "above_only":
        return 1 - Fraction(limit) / Fraction(unit_price)
    return Fraction(1)
