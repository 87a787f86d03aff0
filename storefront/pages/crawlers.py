"""What crawlers read: robots.txt and sitemaps."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Product
from catalog.selectors import list_categories
from markets.legality import refused_products
from markets.models import Price
from markets.pricing import everybodys_prices
from storefront.pages.alternates import (
    Page,
    absolute,
    alternates,
    category_page,
    product_page,
)
from storefront.pages.caching import public_page
from storefront.pages.requests import ShopRequest, now
from storefront.pages.texts import TITLES
from storefront.shops import Shop, list_shops

# A sitemap may list 50,000 addresses.
MOST_PRODUCTS = 45_000
ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /staff/
Disallow: /*/cart/
Disallow: /*/checkout/
Disallow: /*/account/
Disallow: /*/orders/
Disallow: /*/returns/
Disallow: /*/search/

Sitemap: {sitemap}
"""


@require_safe
@public_page
def robots(request: HttpRequest) -> HttpResponse:
    text = ROBOTS.format(sitemap=absolute("/sitemap.xml"))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@public_page
def sitemap_index(request: HttpRequest) -> HttpResponse:
    maps = [shop.absolute_url("shop:sitemap") for shop in list_shops()]
    return render(
        request, "pages/sitemap_index.xml", {"sitemaps": maps}, content_type="application/xml"
    )


@require_safe
@public_page
def shop_sitemap(request: ShopRequest) -> HttpResponse:
    shops = list_shops()
    entries = [
        (absolute(page.path_in(request.shop)), alternates(page, shops))
        for page in _pages(request.shop)
    ]
    return render(
        request, "pages/sitemap.xml", {"entries": entries}, content_type="application/xml"
    )


def _pages(shop: Shop) -> Iterator[Page]:
    yield Page(lambda other: other.url("shop:home"))
    for slug in TITLES:
        yield Page(lambda other, slug=slug: other.url("shop:text", slug))  # type: ignore[misc]
    for category in list_categories():
        yield category_page(category)
    moment = now()
    sold: dict[int, set[int]] = {}
    pairs = (
        Price.objects.filter(
            everybodys_prices(moment),
            variant__is_active=True,
            variant__product__status=Product.Status.ACTIVE,
        )
        .order_by()
        .values_list("variant__product_id", "market_id")
        .distinct()
    )
    for product_id, market_id in pairs:
        sold.setdefault(product_id, set()).add(market_id)
    markets = {market_id for found in sold.values() for market_id in found}
    for market_id, product_ids in refused_products(None, markets, now=moment).items():
        for product_id in product_ids & sold.keys():
            sold[product_id].discard(market_id)
    here = [pk for pk, markets in sold.items() if shop.market.pk in markets][:MOST_PRODUCTS]
    for product in Product.objects.filter(pk__in=here).order_by("pk"):
        yield product_page(product, markets=sold[product.pk])
