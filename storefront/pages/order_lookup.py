"""Finding an order by its number and e-mail address, without an account."""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from orders.models import Order
from storefront.client_address import client_address
from storefront.pages.caching import private_page
from storefront.pages.requests import ShopRequest
from storefront.shops import shop_of_order

TRIES_PER_NUMBER = 10
# Many people may share one address of the net.
TRIES_PER_SENDER = 60
WINDOW_SECONDS = 15 * 60


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
@csrf_protect
def lookup(request: ShopRequest) -> HttpResponse:
    number = request.POST.get("number", "").strip().upper()[:20]
    email = request.POST.get("email", "").strip()[:254]
    context = {"number": number, "email": email, "error": "", "noindex": True}
    if request.method != "POST":
        return render(request, "pages/order_lookup.html", context)
    if not _may_try(request, number):
        context["error"] = _("Too many tries. Please wait a quarter of an hour.")
        return render(request, "pages/order_lookup.html", context, status=429)
    order = (
        Order.objects.select_related("market").filter(number=number, email__iexact=email).first()
        if number and email
        else None
    )
    if order is None:
        # The same words whether the number, the address or both are wrong.
        context["error"] = _("We found no order with this number and e-mail address.")
        return render(request, "pages/order_lookup.html", context, status=422)
    return redirect(shop_of_order(order).url("shop:order", order.token))


def _may_try(request: HttpRequest, number: str) -> bool:
    """Count tries by sender and by number, so that neither can be gone through."""
    by_sender = _count(f"sender {client_address(request)}")
    by_number = _count(f"number {number}")
    return by_sender <= TRIES_PER_SENDER and by_number <= TRIES_PER_NUMBER


def _count(name: str) -> int:
    key = f"order-lookup:{hashlib.sha256(name.encode()).hexdigest()}"
    cache.add(key, 0, timeout=WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # It expired in between.
        return 1
