from datetime import datetime

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.models import Product
from catalog.reference import one_reference
from catalog.selectors import get_product, translated_slug
from markets.legality import refusing_markets
from markets.models import Price
from markets.pricing import everybodys_prices
from storefront.pages.alternates import product_page
from storefront.pages.caching import public_page
from storefront.pages.cards import make_cards
from storefront.pages.frame import set_page
from storefront.pages.listing import list_beside
from storefront.pages.product_details import describe_product
from storefront.pages.requests import ShopRequest, now
from storefront.pages.safety import show_safety, why_not_sold
from storefront.pages.structured_data import product_data
from storefront.shops import Shop

BESIDE = 4


@require_safe
@public_page
def product(request: ShopRequest, slug: str) -> HttpResponse:
    shop, moment = request.shop, now()
    try:
        found = get_product(slug, language=shop.language)
    except Product.DoesNotExist:
        raise Http404(slug) from None
    own_slug = translated_slug(found, shop.language)
    if slug != own_slug:
        query = request.META.get("QUERY_STRING", "")
        address = reverse("shop:product", args=[own_slug])
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    with one_reference():
        return _show(request, found, shop, moment=moment)


def _show(request: ShopRequest, found: Product, shop: Shop, *, moment: datetime) -> HttpResponse:
    sold_in = set(
        Price.objects.filter(
            everybodys_prices(moment), variant__product=found, variant__is_active=True
        )
        .order_by()
        .values_list("market_id", flat=True)
        .distinct()
    )
    sold_in -= refusing_markets(found.pk, sold_in, now=moment)
    set_page(request, product_page(found, markets=sold_in))
    beside = make_cards(list_beside(found, shop.market, count=BESIDE, now=moment), shop.market)
    if shop.market.pk not in sold_in:
        context = {
            "title": found.title,
            "cards": beside,
            "obstacles": why_not_sold(found, shop, now=moment),
            "noindex": True,
        }
        return render(request, "pages/product_not_sold.html", context, status=404)
    details = describe_product(found, shop, sku=request.GET.get("v", ""), now=moment)
    return render(
        request,
        "pages/product.html",
        {
            "product": details,
            "safety": show_safety(found, shop, now=moment),
            "cards": beside,
            "structured": product_data(details, shop),
            "noindex": False,
        },
    )
