"""The page before any market: it suggests one and sends nobody anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from storefront.pages.alternates import Alternate, Page, alternates
from storefront.pages.caching import public_page
from storefront.pages.frame import LANGUAGE_NAMES, own_name
from storefront.shops import Shop, list_shops


@dataclass(frozen=True)
class ShopLink:
    language: str
    url: str
    tag: str
    direction: str


@dataclass(frozen=True)
class MarketEntry:
    name: str
    currency: str
    tag: str
    direction: str
    shops: tuple[ShopLink, ...]


@require_safe
@public_page
def chooser(request: HttpRequest) -> HttpResponse:
    shops = list_shops()
    page = Page(lambda shop: f"/{shop.prefix}/")
    links: tuple[Alternate, ...] = alternates(page, shops)
    suggested = suggest(shops, request.headers.get("Accept-Language", ""))
    response = render(
        request,
        "pages/chooser.html",
        {
            "markets": _entries(shops),
            "suggested": _suggestion(suggested) if suggested else None,
            "alternates": links,
            "canonical": f"{settings.PUBLIC_URL}/",
        },
    )
    patch_vary_headers(response, ["Accept-Language"])
    return response


def suggest(shops: Sequence[Shop], accepted: str) -> Shop | None:
    """Find the shop that a browser's languages speak for: region and language, else language.

    de-CH is Switzerland in German; ja is Japan, for nobody else sells in Japanese.
    """
    for wished, _weight in parse_accept_lang_header(accepted):
        exact = [shop for shop in shops if shop.tag.lower() == wished]
        alike = [
            shop
            for shop in shops
            if wished.split("-")[0] == shop.language.split("-")[0]
            and wished.rsplit("-", 1)[-1] == shop.country.lower()
        ]
        speaking = [shop for shop in shops if shop.language.split("-")[0] == wished.split("-")[0]]
        for found in (exact, alike, speaking):
            if found:
                return found[0]
    return None


def _entries(shops: Sequence[Shop]) -> list[MarketEntry]:
    by_market: dict[int, list[Shop]] = {}
    for shop in shops:
        by_market.setdefault(shop.market.pk, []).append(shop)
    return [
        MarketEntry(
            name=own_name(rows[0].market, rows[0].language),
            currency=rows[0].currency,
            tag=rows[0].tag,
            direction=rows[0].direction,
            shops=tuple(_link(row) for row in rows),
        )
        for rows in by_market.values()
    ]


def _link(shop: Shop) -> ShopLink:
    return ShopLink(LANGUAGE_NAMES[shop.language], f"/{shop.prefix}/", shop.tag, shop.direction)


def _suggestion(shop: Shop) -> dict[str, str]:
    return {
        "name": own_name(shop.market, shop.language),
        "currency": shop.currency,
        "language": LANGUAGE_NAMES[shop.language],
        "url": f"/{shop.prefix}/",
        "tag": shop.tag,
        "direction": shop.direction,
    }
