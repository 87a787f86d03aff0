from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.models import Category
from catalog.reference import one_reference
from catalog.selectors import list_root_categories
from storefront.pages.caching import public_page
from storefront.pages.cards import make_cards
from storefront.pages.listing import list_newest
from storefront.pages.requests import ShopRequest, now

NEW_GOODS = 8


@dataclass(frozen=True)
class Shelf:
    """A category as it is shown on the home page."""

    name: str
    description: str
    url: str
    image: str


@require_safe
@public_page
def home(request: ShopRequest) -> HttpResponse:
    market = request.shop.market
    with one_reference():
        new = make_cards(list_newest(market, count=NEW_GOODS, now=now()), market)
    return render(
        request,
        "pages/home.html",
        {
            "shelves": [_shelf(category) for category in list_root_categories()],
            "new_goods": new,
        },
    )


def _shelf(category: Category) -> Shelf:
    return Shelf(
        name=category.name,
        description=category.description,
        url=reverse("shop:category", args=[category.slug]),
        image=category.image.url if category.image else "",
    )
