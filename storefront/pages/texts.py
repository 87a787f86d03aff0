from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from fulfillment.models import DeliveryOption
from storefront.pages.address_form import countries_of
from storefront.pages.caching import public_page
from storefront.pages.requests import ShopRequest

TITLES = {
    "shipping": _("Delivery"),
    "returns": _("Returns"),
    "privacy": _("Privacy"),
    "terms": _("Terms"),
    "imprint": _("Imprint"),
}


@require_safe
@public_page
def text(request: ShopRequest, slug: str) -> HttpResponse:
    if slug not in TITLES:
        raise Http404(slug)
    context: dict[str, object] = {"title": TITLES[slug]}
    if slug == "shipping":
        context["options"] = list(
            DeliveryOption.objects.filter(market=request.shop.market, is_active=True)
        )
        context["countries"] = [name for _code, name in countries_of(request.shop)]
    return render(request, f"pages/texts/{slug}.html", context)
