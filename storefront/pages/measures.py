"""Measures as people of a locale write them."""

from decimal import Decimal, InvalidOperation

from babel import Locale
from babel.units import format_unit

_GRAMS_PER_OUNCE = Decimal("28.349523125")
_OUNCES_PER_POUND = 16
# An attribute whose code ends so has a number for a text, in this unit.
_UNIT_OF_SUFFIX = {
    "_ml": "volume-milliliter",
    "_l": "volume-liter",
    "_mm": "length-millimeter",
    "_cm": "length-centimeter",
    "_m": "length-meter",
    "_g": "mass-gram",
    "_kg": "mass-kilogram",
}


def write_weight(grams: int, locale: Locale) -> str:
    """Write a weight in the measures of the locale's country."""
    if locale.territory == "US":
        ounces = Decimal(grams) / _GRAMS_PER_OUNCE
        if ounces >= _OUNCES_PER_POUND:
            return _write(round(ounces / _OUNCES_PER_POUND, 1), "mass-pound", locale)
        return _write(round(ounces, 1), "mass-ounce", locale)
    if grams >= 1000:
        return _write(Decimal(grams) / 1000, "mass-kilogram", locale)
    return _write(Decimal(grams), "mass-gram", locale)


def write_fact(code: str, text: str, locale: Locale) -> str:
    """Write an attribute's text with the unit that its code names: capacity_ml 800 is 800 ml."""
    unit = next((unit for end, unit in _UNIT_OF_SUFFIX.items() if code.endswith(end)), None)
    if unit is None:
        return text
    try:
        return _write(Decimal(text), unit, locale)
    except InvalidOperation:
        return text


def _write(value: Decimal, unit: str, locale: Locale) -> str:
    return str(format_unit(value, unit, length="short", locale=locale))
