from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from orders.models import Order
from storefront.pages.caching import private_page
from storefront.pages.order_view import view_order
from storefront.pages.requests import ShopRequest, now
from storefront.shops import shop_of_order


@require_safe
@private_page
@ensure_csrf_cookie
def order(request: ShopRequest, token: str) -> HttpResponse:
    found = get_order(token)
    if found.market_id != request.shop.market.pk:
        # An order is shown in its own market: its money and dates are that market's.
        return redirect(shop_of_order(found).url("shop:order", token))
    return show_order(request, found)


def get_order(token: str) -> Order:
    return get_object_or_404(
        Order.objects.select_related("market", "shipping_address", "billing_address"), token=token
    )


def show_order(request: ShopRequest, order: Order, *, just_placed: bool = False) -> HttpResponse:
    return render(
        request,
        "pages/order.html",
        {
            "order": view_order(order, now=now()),
            "just_placed": just_placed,
            "noindex": True,
        },
    )
