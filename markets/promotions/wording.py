"""What a promotion does, in the words of a merchant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.lists import format_list
from babel.numbers import format_percent
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext, to_locale

from catalog.models import Category, Product
from markets.models import CustomerGroup, Market
from markets.money import format_money
from markets.promotions.errors import MissingAmount
from markets.promotions.terms import Action

# Beyond so many names, or amounts, the rest of them is a number.
_MOST_NAMES = 5
_MOST_AMOUNTS = 3


@dataclass(frozen=True)
class Names:
    """What the rows that terms point to are called, by id, and the currencies by market."""

    currencies: Sequence[str]
    markets: Mapping[int, str]
    categories: Mapping[int, str]
    products: Mapping[int, str]
    groups: Mapping[int, str]


def read_names(all_terms: Iterable[Mapping[str, Any]]) -> Names:
    """Read the names that sentences about some terms need, in four queries."""
    kept = list(all_terms)

    def ids(*fields: str) -> set[int]:
        return {pk for terms in kept for field in fields for pk in terms[field]}

    markets = list(Market.objects.all())
    products = Product.objects.filter(pk__in=ids("products", "excluded_products"))
    return Names(
        currencies=list(dict.fromkeys(row.currency for row in markets)),
        markets={row.pk: row.name for row in markets},
        categories={row.pk: row.name for row in Category.objects.filter(pk__in=ids("categories"))},
        products={row.pk: row.title for row in products.only("title")},
        groups={
            row.pk: row.name for row in CustomerGroup.objects.filter(pk__in=ids("customer_groups"))
        },
    )


def describe_terms(
    terms: Mapping[str, Any], names: Names, *, code: str = "", count: int = 0
) -> str:
    """Say in one sentence what terms do; with how many coupons there are, and the code of one."""
    parts = [
        _deal(terms, names),
        *_where(terms, names),
        *_when(terms),
        *_conditions(terms, names),
        *_coupon(terms, code, count),
        *_limits(terms),
    ]
    comma = gettext(", ")
    return gettext("%(parts)s.") % {"parts": comma.join(parts)}


def explain_missing(missing: MissingAmount) -> str:
    """Say in which currency an amount is missing, and for whom."""
    data = {"currency": missing.currency, "markets": _list(missing.markets)}
    if missing.amount:
        return gettext("There is no amount in %(currency)s, in which %(markets)s pays.") % data
    return gettext("There is no minimum spend in %(currency)s, in which %(markets)s pays.") % data


def _deal(terms: Mapping[str, Any], names: Names) -> str:
    action, goods = Action(terms["action"]), _goods(terms, names)
    if action is Action.FREE_DELIVERY:
        if not (terms["products"] or terms["categories"]):
            return gettext("Free delivery")
        return gettext("Free delivery with %(goods)s") % {"goods": goods}
    if action is Action.AMOUNT:
        what = _amounts(terms["amounts"], names) if terms["amounts"] else "–"
        return gettext("%(what)s off %(goods)s") % {"what": what, "goods": goods}
    percent = _percent(terms["percent"])
    if action is Action.PERCENT:
        return gettext("%(what)s off %(goods)s") % {"what": percent, "goods": goods}
    data = {
        "buy": terms["buy_quantity"],
        "get": terms["get_quantity"],
        "percent": percent,
        "goods": goods,
    }
    if Decimal(terms["percent"]) == 100:
        deal = gettext("Buy %(buy)s of %(goods)s and get %(get)s more free") % data
    else:
        deal = gettext("Buy %(buy)s of %(goods)s and get %(get)s more at %(percent)s off") % data
    if terms["most_times"]:
        times = ngettext("once per basket", "%(count)s times per basket", terms["most_times"])
        return gettext(", ").join([deal, times % {"count": terms["most_times"]}])
    return deal


def _goods(terms: Mapping[str, Any], names: Names) -> str:
    chosen = [
        *(names.categories.get(pk, f"#{pk}") for pk in terms["categories"]),
        *(names.products.get(pk, f"#{pk}") for pk in terms["products"]),
    ]
    goods = _shortened(chosen) if chosen else gettext("everything")
    excluded = [names.products.get(pk, f"#{pk}") for pk in terms["excluded_products"]]
    if excluded:
        return gettext("%(goods)s but not %(excluded)s") % {
            "goods": goods,
            "excluded": _shortened(excluded),
        }
    return goods


def _where(terms: Mapping[str, Any], names: Names) -> list[str]:
    parts = []
    if terms["markets"]:
        markets = _shortened([names.markets.get(pk, f"#{pk}") for pk in terms["markets"]])
        parts.append(gettext("in %(markets)s") % {"markets": markets})
    if terms["customer_groups"]:
        groups = _shortened([names.groups.get(pk, f"#{pk}") for pk in terms["customer_groups"]])
        parts.append(gettext("for %(groups)s") % {"groups": groups})
    return parts


def _when(terms: Mapping[str, Any]) -> list[str]:
    start, end = _moment(terms["valid_from"]), _moment(terms["valid_to"])
    if start and end:
        return [gettext("from %(start)s to %(end)s") % {"start": start, "end": end}]
    if start:
        return [gettext("from %(start)s on") % {"start": start}]
    return [gettext("until %(end)s") % {"end": end}] if end else []


def _conditions(terms: Mapping[str, Any], names: Names) -> list[str]:
    parts = []
    if terms["thresholds"]:
        amounts = _amounts(terms["thresholds"], names)
        parts.append(gettext("from %(amount)s spent") % {"amount": amounts})
    if terms["min_quantity"] > 1:
        parts.append(gettext("from %(count)s units on") % {"count": terms["min_quantity"]})
    return parts


def _coupon(terms: Mapping[str, Any], code: str, count: int) -> list[str]:
    if not terms["needs_coupon"]:
        return []
    if count == 0:
        return [gettext("with a coupon")]
    if count == 1:
        return [gettext("with coupon %(code)s") % {"code": code}]
    words = ngettext("with one of %(count)s coupon", "with one of %(count)s coupons", count)
    return [words % {"count": count}]


def _limits(terms: Mapping[str, Any]) -> list[str]:
    parts = []
    if terms["customer_limit"]:
        count = terms["customer_limit"]
        words = ngettext("once per customer", "%(count)s times per customer", count)
        parts.append(words % {"count": count})
    if terms["use_limit"]:
        count = terms["use_limit"]
        words = ngettext("once in total", "%(count)s times in total", count)
        parts.append(words % {"count": count})
    if not terms["combines"]:
        parts.append(gettext("not with others"))
    return parts


def _shortened(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return _list(names)
    shown = names[: _MOST_NAMES - 1]
    more = len(names) - len(shown)
    rest = ngettext("%(count)s more", "%(count)s more", more) % {"count": more}
    return _list([*shown, rest])


def _list(names: Sequence[str]) -> str:
    return str(format_list(list(names), locale=_locale()))


def _amounts(kept: Mapping[str, str], names: Names) -> str:
    """Write amounts of several currencies, those of the first markets first."""
    order = [*(code for code in names.currencies if code in kept), *sorted(kept)]
    codes = list(dict.fromkeys(order))
    shown = codes if len(codes) <= _MOST_AMOUNTS else codes[: _MOST_AMOUNTS - 1]
    amounts = [_money(kept[code], code) for code in shown]
    either = str(format_list(amounts, style="or", locale=_locale()))
    more = len(codes) - len(shown)
    if not more:
        return either
    return ngettext(
        "%(amounts)s, or the like in %(count)s other currency",
        "%(amounts)s, or the like in %(count)s other currencies",
        more,
    ) % {"amounts": either, "count": more}


def _money(amount: str, currency: str) -> str:
    return format_money(Decimal(amount), currency, _locale())


def _percent(percent: str) -> str:
    return str(format_percent(Decimal(percent) / 100, format="#,##0.## %", locale=_locale()))


def _moment(kept: str | None) -> str:
    if kept is None:
        return ""
    moment = localtime(datetime.fromisoformat(kept))
    is_day = (moment.hour, moment.minute) == (0, 0)
    return date_format(moment, "DATE_FORMAT" if is_day else "DATETIME_FORMAT")


def _locale() -> str:
    return to_locale(get_language() or "en")
