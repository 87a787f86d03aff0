"""What a shop's templates write in its market's manner: money, dates, places, weights."""

import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import nh3
from babel import Locale
from babel.dates import (
    format_date,
    format_interval,
    format_skeleton,
    format_time,
    get_datetime_format,
)
from babel.numbers import format_percent
from django import template
from django.utils import timezone
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from djmoney.money import Money

from markets.money import format_money
from storefront.pages.measures import write_weight
from storefront.pages.tax_note import tax_note
from storefront.shops import active_shop
from storefront.tax_names import tax_name

register = template.Library()

_HTML = re.compile(r"<(?:p|ul|ol|li|br|b|strong|em|i|a|h[2-4])\b", re.IGNORECASE)
_TAGS = {"p", "ul", "ol", "li", "br", "b", "strong", "em", "i", "a", "h3", "h4"}
_FIGURES = re.compile(r"^(?P<before>[^\d]*)(?P<figures>.*\d)(?P<after>[^\d]*)$", re.DOTALL)


@register.filter
def money(amount: Money) -> SafeString:
    """Write an amount with its currency smaller, isolated from the text's direction."""
    text = format_money(Decimal(amount.amount), str(amount.currency), _locale_name())
    found = _FIGURES.match(text)
    if found is None:
        return format_html('<bdi class="money">{}</bdi>', text)
    return format_html(
        '<bdi class="money">{}{}{}</bdi>',
        _unit(found["before"]),
        found["figures"],
        _unit(found["after"]),
    )


@register.filter
def money_text(amount: Money) -> str:
    """Write an amount as plain text, isolated from the text's direction (for attributes)."""
    return isolated(format_money(Decimal(amount.amount), str(amount.currency), _locale_name()))


@register.filter
def isolated(text: str) -> str:
    """Keep a number or an address in one piece where the text around it runs the other way."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


@register.simple_tag
def amount(value: Decimal | int, currency: str) -> SafeString:
    """Write a bare number in a currency, as `money` does."""
    return money(Money(value, currency))


@register.simple_tag
def days(first: date, last: date) -> str:
    """Write a day, or the range of two: Tue, 2 – Thu, 4 Dec."""
    if first == last:
        return day(first)
    return str(format_interval(first, last, skeleton="MMMEd", locale=_locale()))


@register.filter
def day(value: date) -> str:
    return str(format_skeleton("MMMEd", value, locale=_locale()))


@register.filter
def long_day(value: date) -> str:
    return str(format_date(value, "long", locale=_locale()))


@register.filter
def moment(value: datetime) -> str:
    """Write a moment in the market's own time: Tue 1 Dec, 15:00."""
    shop, locale = active_shop(), _locale()
    local = value.astimezone(shop.market.zone) if shop else value
    clock = format_time(local, "short", tzinfo=local.tzinfo, locale=locale)
    joined = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    return joined.replace("{0}", clock).replace("{1}", day(local.date()))


@register.filter
def country(code: str) -> str:
    return str(_locale().territories.get(code, code))


@register.filter
def percent(value: Decimal) -> str:
    """Write a tax's percent: 7.7 becomes 7,7 % where people write it so."""
    exact = (value / 100).normalize()
    return str(format_percent(exact, locale=_locale(), decimal_quantization=False))


@register.simple_tag(name="tax_note")
def write_tax_note() -> str:
    """Say what has to stand beside the active shop's prices: "incl. VAT" or "+ tax"."""
    shop = active_shop()
    return tax_note(shop.market, now=timezone.now()) if shop else ""


@register.filter(name="tax_name")
def write_tax_name(name: str) -> str:
    return tax_name(name)


@register.filter
def weight(grams: int) -> str:
    """Write a weight in the measures of the market's country."""
    return write_weight(grams, _locale())


@register.filter
def rich(text: str) -> SafeString:
    """Show a merchant's text: known tags stay, everything else is taken out or escaped."""
    if not _HTML.search(text):
        return mark_safe(linebreaks(text, autoescape=True))  # noqa: S308 - escaped by linebreaks
    clean = nh3.clean(text, tags=_TAGS, attributes={"a": {"href", "title"}})
    return mark_safe(clean)  # noqa: S308 - cleaned by nh3


@register.simple_tag
def json_ld(data: dict[str, Any]) -> SafeString:
    """Write data for search engines; no word in it can close the script element.

    A block of data is not executed, so the policy on scripts has nothing to allow.
    """
    text = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


def _unit(text: str) -> SafeString | str:
    word = text.strip("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} ")
    if len(word.strip("\u200e\u200f\u061c")) == 0:
        return text
    before, after = text.split(word, 1)
    return format_html('{}<span class="money__unit">{}</span>{}', before, word, after)


def _locale() -> Locale:
    shop = active_shop()
    return shop.babel if shop else Locale("en")


def _locale_name() -> str:
    shop = active_shop()
    return shop.locale if shop else "en"
