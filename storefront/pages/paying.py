"""The way to the payment page and back, and another try where the first one failed."""

import logging
from datetime import datetime

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from fulfillment.stock import extend_reservation
from orders.models import Order
from payments.errors import PaymentError
from payments.following import refresh_payment
from payments.models import Payment, PaymentMethod
from payments.starting import create_payment, open_payment
from storefront.checkout import PAYMENT_WINDOW
from storefront.pages.caching import private_page
from storefront.pages.order import get_order, show_order
from storefront.pages.order_view import payable_methods
from storefront.pages.requests import ShopRequest, now
from storefront.shops import Shop

logger = logging.getLogger(__name__)


@require_safe
@private_page
def come_back(request: ShopRequest, token: str) -> HttpResponse:
    """Take a shopper in who returns from the payment page, whatever the page says."""
    order = get_order(token)
    payment = order.payments.select_related("method").first()
    if payment and payment.method.gateway == PaymentMethod.Gateway.STRIPE:
        try:
            refresh_payment(payment.pk, now=now())
        except PaymentError:
            # The webhook or the sweep will tell; the page shows what is known.
            logger.warning("Payment %s could not be refreshed.", payment.pk, exc_info=True)
        order.refresh_from_db()
    return show_order(request, order, just_placed=True)


@require_POST
@private_page
@csrf_protect
def pay_again(request: ShopRequest, token: str) -> HttpResponse:
    order = get_order(token)
    moment = now()
    asked = request.POST.get("method")
    methods = payable_methods(order, now=moment)
    method = next((row for row in methods if row.code == asked), None)
    if method is None:
        return redirect("shop:order", order.token)
    try:
        with transaction.atomic():
            payment = create_payment(order, method, now=moment)
            # Under the order's lock, which `create_payment` took: the sweep cannot come between.
            extend_reservation(order, expires_at=moment + PAYMENT_WINDOW)
    except PaymentError:
        logger.info("Order %s takes no other payment.", order.number, exc_info=True)
        return redirect("shop:order", order.token)
    return go_and_pay(order, payment, shop=request.shop, now=moment)


def go_and_pay(order: Order, payment: Payment, *, shop: Shop, now: datetime) -> HttpResponse:
    """Send the shopper to the payment page, or to the order where there is none."""
    back = shop.absolute_url("shop:checkout-return", order.token)
    try:
        address = open_payment(payment.pk, success_url=back, cancel_url=back, now=now)
    except PaymentError:
        # The order stands; its page offers another try.
        logger.warning("Payment %s could not be opened.", payment.pk, exc_info=True)
        address = None
    return redirect(address or reverse("shop:checkout-return", args=[order.token]))
