"""Amounts, moments and places as the reader's language writes them."""

from datetime import date, datetime, tzinfo
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone_gmt
from babel.units import format_unit
from django.utils.translation import get_language
from djmoney.money import Money

from markets.money import format_money

_NAMES = {"zh-hans": "zh_Hans_CN", "pt-br": "pt_BR", "en": "en_GB"}


def reader_locale() -> Locale:
    code = get_language() or "en"
    return Locale.parse(_NAMES.get(code, code))


def money_text(amount: Money) -> str:
    """Write an amount, isolated from the direction of the text around it."""
    text = format_money(amount.amount, amount.currency.code, str(reader_locale()))
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def amount_text(value: Decimal | str, currency: str) -> str:
    return money_text(Money(value, currency))


def moment_text(value: datetime, zone: tzinfo) -> str:
    """Write a moment at a place, without its year: Tue, 24 Nov, 15:00."""
    local = value.astimezone(zone)
    return _day_and_time(day_text(local.date()), local)


def zone_text(value: datetime, zone: tzinfo) -> str:
    """Name a zone by its distance at a moment: GMT+01:00."""
    return str(get_timezone_gmt(value.astimezone(zone), "long", locale=reader_locale()))


def day_text(value: date) -> str:
    return str(format_skeleton("MMMEd", value, locale=reader_locale()))


def full_moment_text(value: datetime, zone: tzinfo) -> str:
    local = value.astimezone(zone)
    return _day_and_time(format_date(local.date(), "medium", locale=reader_locale()), local)


def _day_and_time(day: str, local: datetime) -> str:
    locale = reader_locale()
    pattern = str(locale.datetime_formats["medium"])
    return pattern.replace("{1}", day).replace("{0}", format_time(local, "short", locale=locale))


def country_text(code: str) -> str:
    return str(reader_locale().territories.get(code, code))


def language_of_country(code: str) -> str:
    """Give the tag of the language in which a country mostly writes, for the right glyphs."""
    try:
        found = Locale.parse(f"und_{code}")
    except ValueError:
        return ""
    return found.language


def weight_text(grams: int) -> str:
    """Write a weight in kilograms, as scales show it, isolated like an amount."""
    kilograms = (Decimal(grams) / 1000).normalize()
    text = format_unit(kilograms, "mass-kilogram", "short", "0.###", locale=reader_locale())
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
