from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from djmoney.money import Money

from orders.models import Order
from storefront.pages.caching import private_page
from storefront.pages.requests import ShopRequest
from storefront.shops import shop_of_order

MOST_ORDERS = 100


@dataclass(frozen=True)
class OrderRow:
    number: str
    url: str
    placed_at: datetime
    total: Money
    quantity: int
    state: str


@require_safe
@private_page
def account(request: ShopRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        here = reverse("shop:account")
        return redirect(f"{reverse('account_login')}?{urlencode({'next': here})}")
    orders = (
        Order.objects.filter(user=request.user)
        .select_related("market")
        .prefetch_related("lines")[:MOST_ORDERS]
    )
    return render(
        request,
        "pages/account.html",
        {"orders": [_row(order) for order in orders], "noindex": True},
    )


def _row(order: Order) -> OrderRow:
    state = (
        order.get_status_display()
        if order.status == Order.Status.CANCELLED
        else order.get_fulfillment_status_display()
    )
    return OrderRow(
        number=order.number,
        url=shop_of_order(order).url("shop:order", order.token),
        placed_at=order.placed_at,
        total=order.total,
        quantity=sum(line.quantity for line in order.lines.all()),
        state=str(state),
    )
