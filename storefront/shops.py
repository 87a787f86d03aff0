"""The shop that a page, an e-mail or a task speaks for: one market in one of its languages.

An address starts with `<market>-<language>/`, and that segment alone decides what is shown.
The middleware takes it off and makes it the script prefix, so that `reverse` writes it and the
shop's addresses (`storefront.shop_urls`) never have to name it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from babel import Locale
from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import get_script_prefix, get_urlconf, reverse, set_script_prefix, set_urlconf
from django.utils import translation

from markets.models import Market, MarketCountry, MarketLanguage
from orders.models import Order

URLCONF = "storefront.shop_urls"
PREFIX = re.compile(
    r"/(?P<market>[a-z0-9]{2,8})-(?P<language>en|de|fr|es|pt-br|ja|zh-hans|ar)(?=/|\Z)"
)
_active: ContextVar["Shop | None"] = ContextVar("shop", default=None)


@dataclass(frozen=True)
class Shop:
    """A market in a language; `locale` formats, `country` is the market's first."""

    market: Market
    language: str
    locale: str
    country: str

    @property
    def prefix(self) -> str:
        return f"{self.market.code}-{self.language}"

    @property
    def currency(self) -> str:
        return self.market.currency

    @property
    def direction(self) -> str:
        return "rtl" if self.language == "ar" else "ltr"

    @cached_property
    def babel(self) -> Locale:
        return Locale.parse(self.locale)

    @property
    def tag(self) -> str:
        """The language tag of pages and hreflang: de-CH, zh-Hans-CN, pt-BR."""
        return language_tag(self.language, self.country)

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Give the path of one of the shop's pages, whichever shop is active."""
        with use_shop(self):
            return reverse(name, args=args, kwargs=kwargs)

    def absolute_url(self, name: str, *args: Any, **kwargs: Any) -> str:
        return settings.PUBLIC_URL + self.url(name, *args, **kwargs)


def language_tag(language: str, country: str) -> str:
    """Write a tag as browsers and search engines want it: script in title case, then country."""
    language, _, script = language.partition("-")
    # pt-br names its country already; zh-hans names a script.
    parts = [language, script.title() if len(script) == 4 else "", country]
    return "-".join(part for part in parts if part)


def find_shop(market: str, language: str) -> Shop | None:
    """Find an active market in a language that it is shown in."""
    row = _rows().filter(market__code=market, language=language).first()
    return _shop(row) if row else None


def list_shops() -> list[Shop]:
    """List every active market in each of its languages, defaults first."""
    return [_shop(row) for row in _rows()]


def shop_of_order(order: Order) -> Shop:
    """Give the shop that an order was placed in, active or not by now."""
    first = order.market.countries.order_by("position").values_list("country", flat=True)[0]
    return Shop(order.market, order.language, order.locale, first)


def _rows() -> QuerySet[MarketLanguage]:
    first = MarketCountry.objects.filter(market=OuterRef("market")).order_by("position")
    return (
        MarketLanguage.objects.select_related("market")
        .filter(market__is_active=True)
        .annotate(country=Subquery(first.values("country")[:1]))
        .order_by("market__position", "market__code", "position")
    )


def _shop(row: MarketLanguage) -> Shop:
    return Shop(row.market, row.language, row.locale, row.country or "")  # type: ignore[attr-defined]


def active_shop() -> Shop | None:
    return _active.get()


@contextmanager
def use_shop(shop: Shop) -> Iterator[None]:
    """Speak the shop's language and write its addresses inside the block."""
    token = _active.set(shop)
    prefix, urlconf = get_script_prefix(), get_urlconf()
    set_script_prefix(f"/{shop.prefix}/")
    set_urlconf(URLCONF)
    try:
        with translation.override(shop.language):
            yield
    finally:
        _active.reset(token)
        set_script_prefix(prefix)
        set_urlconf(urlconf)
