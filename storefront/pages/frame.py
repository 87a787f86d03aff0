"""What stands around every page of the shop: categories, switchers, links for crawlers."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from modeltranslation.utils import build_localized_fieldname

from catalog.selectors import list_root_categories
from markets.models import Market
from storefront.pages.alternates import (
    Alternate,
    Page,
    absolute,
    alternates,
    same_path,
)
from storefront.shops import Shop, list_shops

LANGUAGE_NAMES = dict(settings.LANGUAGES)


@dataclass(frozen=True)
class CategoryLink:
    name: str
    url: str


@dataclass(frozen=True)
class MarketLink:
    """A market as its own people name it; `tag` is the language of the name."""

    name: str
    currency: str
    url: str
    tag: str
    current: bool


@dataclass(frozen=True)
class LanguageLink:
    name: str
    url: str
    tag: str
    current: bool


@dataclass(frozen=True)
class Frame:
    categories: tuple[CategoryLink, ...]
    markets: tuple[MarketLink, ...]
    languages: tuple[LanguageLink, ...]
    alternates: tuple[Alternate, ...]
    canonical: str

    @property
    def market(self) -> MarketLink:
        return next(link for link in self.markets if link.current)

    @property
    def language(self) -> LanguageLink:
        return next(link for link in self.languages if link.current)


def set_page(request: HttpRequest, page: Page) -> None:
    """Say where this page is found in other shops, if not under the same path."""
    request.page = page  # type: ignore[attr-defined]


def build_frame(request: HttpRequest, shop: Shop) -> Frame:
    page: Page = getattr(request, "page", None) or same_path(request)
    shops = list_shops()
    query = request.META.get("QUERY_STRING", "") if request.method == "GET" else ""
    suffix = f"?{query}" if query else ""
    return Frame(
        categories=_categories(),
        markets=tuple(
            MarketLink(
                name=own_name(target.market, target.language),
                currency=target.currency,
                url=page.path_in(target) + suffix,
                tag=target.tag,
                current=target.market.pk == shop.market.pk,
            )
            for target in one_per_market(shops, language=shop.language)
        ),
        languages=tuple(
            LanguageLink(
                name=LANGUAGE_NAMES[target.language],
                url=page.path_in(target) + suffix,
                tag=target.tag,
                current=target.language == shop.language,
            )
            for target in shops
            if target.market.pk == shop.market.pk
        ),
        alternates=alternates(page, shops),
        canonical=absolute(page.path_in(shop), page.query),
    )


def one_per_market(shops: list[Shop], *, language: str) -> list[Shop]:
    """Take each market's shop in the language that is being read, else its default one."""
    chosen: dict[int, Shop] = {}
    for shop in shops:
        if shop.market.pk not in chosen or shop.language == language:
            chosen[shop.market.pk] = shop
    return list(chosen.values())


def own_name(market: Market, language: str) -> str:
    """Give a market's name in one of its own languages."""
    return str(getattr(market, build_localized_fieldname("name", language), None) or market.name)


def _categories() -> tuple[CategoryLink, ...]:
    return tuple(
        CategoryLink(row.name, reverse("shop:category", args=[row.slug]))
        for row in list_root_categories()
    )
