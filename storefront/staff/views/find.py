from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from storefront.staff.access import console_view, show
from storefront.staff.finding import find_code, find_variant, list_similar, load_sku_page


@require_GET
@console_view()
def find(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    found = find_code(text)
    if found:
        return redirect(found)
    if text:
        messages.error(request, _("Nothing here has the number “%(text)s”.") % {"text": text})
    return show(request, "staff/find.html", {"text": text, "orders": list_similar(text)})


@require_GET
@console_view()
def sku(request: HttpRequest, sku: str) -> HttpResponse:
    variant = find_variant(sku)
    if variant is None:
        raise Http404
    return show(request, "staff/sku.html", {"page": load_sku_page(variant)})
