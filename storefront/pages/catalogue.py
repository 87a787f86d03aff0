from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from catalog.models import Category
from catalog.reference import one_reference
from catalog.search import search_products
from catalog.selectors import (
    category_with_descendants,
    get_category,
    list_ancestors,
    translated_slug,
)
from markets.money import exponent
from storefront.pages.alternates import category_page
from storefront.pages.caching import public_page
from storefront.pages.cards import make_cards
from storefront.pages.frame import CategoryLink, set_page
from storefront.pages.listing import (
    SORTS,
    Listing,
    ListQuery,
    list_by_category,
    list_found,
    list_newest,
)
from storefront.pages.requests import ShopRequest, now
from storefront.shops import Shop

MAX_SEARCH_LENGTH = 100
SUGGESTIONS = 4


@dataclass(frozen=True)
class PageLink:
    """A number in the pagination; without an address it is a gap or the page itself."""

    number: int | None
    url: str
    current: bool = False


@dataclass(frozen=True)
class Controls:
    """The list's controls: what is chosen, what may be, and where each link goes."""

    query: ListQuery
    listing: Listing
    words: str
    lowest: str
    highest: str
    cheapest: str
    dearest: str
    sorts: tuple[tuple[str, str | Promise, bool], ...]
    pages: tuple[PageLink, ...]
    previous: str
    next: str
    plain: str


@require_safe
@public_page
def category(request: ShopRequest, slug: str) -> HttpResponse:
    language = request.shop.language
    try:
        found = get_category(slug, language=language)
    except Category.DoesNotExist:
        raise Http404(slug) from None
    own_slug = translated_slug(found, language)
    query = ListQuery.of(request.GET)
    if slug != own_slug:
        address = reverse("shop:category", args=[own_slug])
        return HttpResponsePermanentRedirect(address + query.parameters(page=query.page))
    market = request.shop.market
    ids = category_with_descendants(found)
    with one_reference():
        listing = list_by_category(ids, market, query=query, now=now())
        cards = make_cards(listing.items, market)
    page = (("page", str(listing.page)),) if listing.page > 1 and query.is_plain else ()
    set_page(request, category_page(found, query=page))
    return render(
        request,
        "pages/category.html",
        {
            "category": found,
            "image": found.image.url if found.image else "",
            "trail": _links(list_ancestors(found)) if found.parent_id else (),
            "children": _links(found.children.filter(is_active=True)),
            "cards": cards,
            "controls": _controls(query, listing, shop=request.shop),
            "noindex": not query.is_plain,
        },
    )


@require_safe
@public_page
def search(request: ShopRequest) -> HttpResponse:
    words = " ".join(request.GET.get("q", "").split())[:MAX_SEARCH_LENGTH]
    market, moment = request.shop.market, now()
    query = ListQuery.of(request.GET)
    ids = search_products(words, language=request.shop.language) if words else []
    with one_reference():
        listing = list_found(ids, market, query=query, now=moment) if ids else None
        suggestions = () if listing else list_newest(market, count=SUGGESTIONS, now=moment)
        cards = make_cards(listing.items if listing else suggestions, market)
    return render(
        request,
        "pages/search.html",
        {
            "words": words,
            "cards": cards,
            "controls": _controls(query, listing, shop=request.shop, words=words)
            if listing
            else None,
            "noindex": True,
        },
    )


def _links(categories: Iterable[Category]) -> tuple[CategoryLink, ...]:
    return tuple(
        CategoryLink(row.name, reverse("shop:category", args=[row.slug])) for row in categories
    )


def _controls(query: ListQuery, listing: Listing, *, shop: Shop, words: str = "") -> Controls:
    def address(page: int) -> str:
        return query.parameters(page=page, q=words) or "?"

    here, last = listing.page, listing.pages
    return Controls(
        query=query,
        listing=listing,
        words=words,
        lowest=_typed(query.lowest, shop),
        highest=_typed(query.highest, shop),
        cheapest=_typed(listing.cheapest, shop),
        dearest=_typed(listing.dearest, shop),
        sorts=tuple((key, label, key == query.sort) for key, label in SORTS.items()),
        pages=tuple(
            PageLink(number, address(number) if number else "", current=number == here)
            for number in _numbers(here, last)
        )
        if last > 1
        else (),
        previous=address(here - 1) if here > 1 else "",
        next=address(here + 1) if here < last else "",
        plain=ListQuery(sort=query.sort).parameters(q=words) or "?",
    )


def _typed(amount: Decimal | None, shop: Shop) -> str:
    """Write an amount as one would type it in the shop: 12,50 or 1200, without marks between."""
    if amount is None:
        return ""
    places = exponent(shop.currency)
    pattern = f"0.{'0' * places}" if places else "0"
    return str(format_decimal(amount, format=pattern, locale=shop.babel, group_separator=False))


def _numbers(here: int, last: int) -> list[int | None]:
    """Choose the first, the last and the neighbouring pages, with None for each gap."""
    shown = sorted({1, last, *range(max(1, here - 1), min(last, here + 1) + 1)})
    numbers: list[int | None] = []
    for number in shown:
        previous = numbers[-1] if numbers else 0
        if previous is not None and number - previous > 1:
            numbers.append(None)
        numbers.append(number)
    return numbers
