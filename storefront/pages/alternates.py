"""The same page in other shops: for hreflang, for the two switchers and for the sitemap."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from catalog.models import Category, Product
from catalog.selectors import translated_slug
from storefront.shops import URLCONF, Shop

PathIn = Callable[[Shop], str]


@dataclass(frozen=True)
class Page:
    """Where a page is found in each shop.

    `markets` are the ids of those that have it (None: all); `query` is the part of the query
    string that makes it a page of its own.
    """

    path_in: PathIn
    markets: frozenset[int] | None = None
    query: tuple[tuple[str, str], ...] = ()

    def exists_in(self, shop: Shop) -> bool:
        return self.markets is None or shop.market.pk in self.markets


@dataclass(frozen=True)
class Alternate:
    tag: str
    href: str


def alternates(page: Page, shops: Iterable[Shop]) -> tuple[Alternate, ...]:
    """List a page's addresses in every shop that has it, itself included, then x-default.

    Each shop builds the same list, so the links are reciprocal by construction.
    """
    found = [
        Alternate(shop.tag, absolute(page.path_in(shop), page.query))
        for shop in shops
        if page.exists_in(shop)
    ]
    return (*found, Alternate("x-default", f"{settings.PUBLIC_URL}/"))


def absolute(path: str, query: tuple[tuple[str, str], ...] = ()) -> str:
    return f"{settings.PUBLIC_URL}{path}{'?' + urlencode(query) if query else ''}"


def same_path(request: HttpRequest) -> Page:
    """Give the page whose address is the same in every shop but for the prefix."""
    rest = request.path_info
    return Page(lambda shop: f"/{shop.prefix}{rest}")


def product_page(product: Product, *, markets: Iterable[int]) -> Page:
    return Page(_by_slug("shop:product", product), frozenset(markets))


def category_page(category: Category, *, query: tuple[tuple[str, str], ...] = ()) -> Page:
    return Page(_by_slug("shop:category", category), query=query)


def _by_slug(name: str, thing: Product | Category) -> PathIn:
    """Build addresses with the slug of each shop's language, once per language.

    A sitemap asks for every product in every shop.
    """

    @cache
    def rest(language: str) -> str:
        address = reverse(name, urlconf=URLCONF, args=[translated_slug(thing, language)])
        return address.removeprefix(get_script_prefix())

    return lambda shop: f"/{shop.prefix}/{rest(shop.language)}"
