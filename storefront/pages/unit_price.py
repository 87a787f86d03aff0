"""The price of a kilogram, a litre, … beside a price, as the market's law wants it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil

from babel import Locale
from babel.numbers import format_decimal
from babel.units import format_unit
from django.utils.translation import ngettext
from djmoney.money import Money

from catalog.models import ContentUnit, Variant
from markets.legality import Content, UnitPrice, find_unit_price
from storefront.shops import Shop

_UNITS = {
    ContentUnit.GRAM: "mass-gram",
    ContentUnit.KILOGRAM: "mass-kilogram",
    ContentUnit.MILLILITRE: "volume-milliliter",
    ContentUnit.LITRE: "volume-liter",
    ContentUnit.CENTIMETRE: "length-centimeter",
    ContentUnit.METRE: "length-meter",
    ContentUnit.SQUARE_METRE: "area-square-meter",
}


@dataclass(frozen=True)
class ShownUnitPrice:
    """What `per` (1 kg, 100 ml) costs; `content` is how much is in the good."""

    price: Money
    per: str
    content: str


def show_unit_price(
    variant: Variant, price: Money, shop: Shop, *, now: datetime
) -> ShownUnitPrice | None:
    """Show the unit price of a price as shown; None where the shop's country wants none of it."""
    if variant.content_amount is None:
        return None
    content, currency = Content(variant.content_amount, variant.content_unit), str(price.currency)
    on = now.astimezone(shop.market.zone).date()
    found = find_unit_price(Decimal(price.amount), currency, content, country=shop.country, on=on)
    return _show(found, content, currency=currency, locale=shop.babel) if found else None


def _show(found: UnitPrice, content: Content, *, currency: str, locale: Locale) -> ShownUnitPrice:
    return ShownUnitPrice(
        price=Money(found.amount, currency),
        per=write_content(found.per_amount, found.per_unit, locale),
        content=write_content(content.amount, content.unit, locale),
    )


def write_content(amount: Decimal, unit: str, locale: Locale) -> str:
    """Write a content in the locale's way: 100 g, 0,75 l, 8 pieces."""
    if unit == ContentUnit.PIECE:
        words = ngettext("%(number)s piece", "%(number)s pieces", ceil(amount))
        return words % {"number": format_decimal(amount.normalize(), locale=locale)}
    return str(format_unit(amount.normalize(), _UNITS[ContentUnit(unit)], "short", locale=locale))
