"""Checkout in three steps: where to, how, and the payment with one total that stays."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from djmoney.money import Money

from fulfillment.errors import OutOfStock
from markets.promotions import PromotionUsedUp
from orders.addresses import format_address
from orders.carts import hold_prices
from orders.errors import CartNotOpen, EmptyCart
from orders.models import Address, Cart, Order
from payments.methods import list_methods
from payments.models import PaymentMethod
from storefront import checkout as ordering
from storefront.client_address import client_address
from storefront.pages.address_form import address_data
from storefront.pages.business import BusinessAnswer, answer_for, refresh_check
from storefront.pages.caching import private_page
from storefront.pages.cart import is_elsewhere
from storefront.pages.cart_cookie import COOKIE, cart_of
from storefront.pages.cart_lines import ShownLine, show_lines, show_reason
from storefront.pages.checkout_form import (
    CheckoutForm,
    ContactInvalid,
    check_contact,
    form_of_cart,
    form_of_data,
    keep_contact,
    lacks_billing_form,
)
from storefront.pages.clock import clock_text
from storefront.pages.costs import ShownCosts, show_costs
from storefront.pages.discount_words import (
    ShownCoupon,
    ShownDiscount,
    show_coupon,
    show_discounts,
)
from storefront.pages.order_button import OBLIGATION_COUNTRIES, Button, button_for
from storefront.pages.paying import go_and_pay
from storefront.pages.requests import ShopRequest, now
from storefront.quoting import CartQuote, quote_cart
from storefront.shops import Shop
from storefront.tax_id_checks import is_reversed

Step = Callable[[ShopRequest, Cart], HttpResponse]


@dataclass(frozen=True)
class Summary:
    """What is always in sight at checkout; shipping and taxes once they are known.

    `goods` and `shipping` are before discounts; `held_until` is a time of day, or empty.
    """

    lines: tuple[ShownLine, ...]
    goods: Money
    shipping: Money | None
    discounts: tuple[ShownDiscount, ...]
    coupon: ShownCoupon | None
    costs: ShownCosts
    taxes: tuple[tuple[str, Decimal, Money], ...]
    taxes_known: bool
    includes_tax: bool
    total: Money
    quantity: int
    held_until: str


@dataclass(frozen=True)
class MethodChoice:
    code: str
    name: str
    hint: str
    when: str
    selected: bool


def step(view: Step) -> Callable[..., HttpResponse]:
    """Make a step of checkout, which needs a cart of this market with goods that can be had."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @private_page
    @csrf_protect
    @wraps(view)
    def wrapped(request: ShopRequest) -> HttpResponse:
        cart = cart_of(request)
        if cart is None:
            return _after_all(request)
        if is_elsewhere(cart, request.shop):
            return redirect("shop:cart-switch")
        try:
            hold_prices(cart, now=now())
        except CartNotOpen:
            return _after_all(request)
        return view(request, cart)

    return wrapped


@step
def address(request: ShopRequest, cart: Cart) -> HttpResponse:
    shop = request.shop
    if request.method != "POST":
        return _show_address(request, cart, form_of_cart(shop, cart))
    data = {name: str(value) for name, value in request.POST.items()}
    if "change" in data or lacks_billing_form(data):
        return _show_address(request, cart, form_of_data(shop, data))
    try:
        contact = check_contact(shop, data, sender=client_address(request))
    except ContactInvalid as error:
        form = form_of_data(shop, data, problems=error.problems)
        return _show_address(request, cart, form, status=422)
    keep_contact(cart, contact)
    return redirect("shop:checkout-delivery")


@step
def delivery(request: ShopRequest, cart: Cart) -> HttpResponse:
    if not _has_address(cart, request):
        return redirect("shop:checkout")
    refresh_check(cart, shop=request.shop, sender=client_address(request), now=now())
    quote = _quote(cart)
    refused = tuple(
        (line.title, reason) for line in quote.problems if (reason := show_reason(line))
    )
    if not quote.lines or (quote.problems and not refused):
        return redirect("shop:cart")
    if request.method == "POST" and not refused:
        chosen = request.POST.get("delivery", "")
        if chosen in {choice.option for choice in quote.deliveries}:
            cart.delivery_option = chosen
            cart.save(update_fields=["delivery_option", "changed_at"])
            return redirect("shop:checkout-payment")
    return render(
        request,
        "pages/checkout_delivery.html",
        {
            "deliveries": tuple(
                (choice, Money(quote.price_of(choice), quote.currency))
                for choice in quote.deliveries
            ),
            "chosen": quote.delivery.option if quote.delivery else "",
            "missing": request.method == "POST",
            "refused": refused,
            "contact": _contact(cart, locale=request.shop.locale),
            "business": _business(cart, quote),
            "summary": summarise(quote, request.shop),
            "step": 2,
            "noindex": True,
        },
    )


@step
def payment(request: ShopRequest, cart: Cart) -> HttpResponse:
    if not _has_address(cart, request):
        return redirect("shop:checkout")
    refresh_check(cart, shop=request.shop, sender=client_address(request), now=now())
    quote = _quote(cart)
    if any(line.obstacles for line in quote.problems):
        return redirect("shop:checkout-delivery")
    if quote.problems or not quote.lines:
        return redirect("shop:cart")
    if quote.delivery is None or quote.delivery.option != cart.delivery_option:
        return redirect("shop:checkout-delivery")
    if request.method == "POST":
        return _place(request, cart, quote)
    return _show_payment(request, cart, quote)


def summarise(quote: CartQuote, shop: Shop) -> Summary:
    currency = quote.currency
    return Summary(
        lines=show_lines(quote),
        goods=Money(quote.goods, currency),
        shipping=Money(quote.shipping, currency) if quote.shipping is not None else None,
        discounts=show_discounts(quote),
        coupon=show_coupon(quote.coupon, currency=currency, locale=shop.locale),
        costs=show_costs(quote),
        taxes=tuple((row.name, row.percent, Money(row.tax, currency)) for row in quote.taxes),
        taxes_known=quote.tax is not None,
        includes_tax=quote.market.prices_include_tax,
        total=Money(quote.total, currency),
        quantity=quote.quantity,
        held_until=clock_text(quote.held_until, shop) if quote.held_until else "",
    )


def _place(request: ShopRequest, cart: Cart, quote: CartQuote) -> HttpResponse:
    shop, moment = request.shop, now()
    code = request.POST.get("method", "")
    agreed = _agreed(request, quote)
    if agreed is None or not cart.shipping_address:
        return _show_payment(request, cart, quote, note=_("Check the total, then pay."))
    details = ordering.CheckoutDetails(
        shop=shop,
        email=cart.email,
        shipping_address=address_data(cart.shipping_address),
        billing_address=address_data(cart.billing_address) if cart.billing_address else None,
        delivery_option=cart.delivery_option,
        method=code,
        agreed_total=agreed,
        user=request.user if request.user.is_authenticated else None,
        ip_address=client_address(request),
    )
    try:
        order, payment_row = ordering.place_order(cart, details=details, now=moment)
    except ordering.TotalChanged as error:
        note = _("The total has changed since you saw it. Nothing was ordered; please check it.")
        return _show_payment(request, cart, error.quote, note=note, chosen=code)
    except PromotionUsedUp as error:
        note = _("“%(name)s” was just used up. Nothing was ordered; please check the total.")
        note %= {"name": error.label}
        return _show_payment(request, cart, _quote(cart), note=note, chosen=code)
    except ordering.MethodNotOffered:
        note = _("Choose how to pay.")
        return _show_payment(request, cart, quote, note=note, status=422)
    except (OutOfStock, ordering.LinesUnavailable, EmptyCart):
        return redirect("shop:cart")
    except ordering.NoDelivery:
        return redirect("shop:checkout-delivery")
    except CartNotOpen:
        return _after_all(request)
    return go_and_pay(order, payment_row, shop=shop, now=moment)


def _show_address(
    request: ShopRequest, cart: Cart, form: CheckoutForm, *, status: int = 200
) -> HttpResponse:
    quote = quote_cart(cart, now=now())
    if quote.problems or not quote.lines:
        return redirect("shop:cart")
    context = {"form": form, "summary": summarise(quote, request.shop), "step": 1, "noindex": True}
    return render(request, "pages/checkout_address.html", context, status=status)


def _show_payment(
    request: ShopRequest,
    cart: Cart,
    quote: CartQuote,
    *,
    note: str = "",
    chosen: str = "",
    status: int = 200,
) -> HttpResponse:
    country = cart.shipping_address.country if cart.shipping_address else ""
    methods = list_methods(
        quote.market,
        country=cart.billing_address.country if cart.billing_address else country,
        amount=Money(quote.total, quote.currency),
        today=now().astimezone(quote.market.zone).date(),
    )
    codes = [method.code for method in methods]
    selected = chosen if chosen in codes else next(iter(codes), "")
    total = Money(quote.total, quote.currency)
    button = button_for(country, total=total)
    if not total and country not in OBLIGATION_COUNTRIES:
        words = _("Place order")
        button = Button(now=words, later=words, door=words)
    return render(
        request,
        "pages/checkout_payment.html",
        {
            "methods": [_method(method, selected=selected) for method in methods],
            "is_free": not total and bool(methods),
            "is_ahead": bool(total) and any(line.ahead for line in quote.lines),
            "delivery": quote.delivery,
            "contact": _contact(cart, locale=request.shop.locale),
            "business": _business(cart, quote),
            "summary": summarise(quote, request.shop),
            "agreed": f"{quote.total:f}",
            "button": button,
            "note": note,
            "step": 3,
            "noindex": True,
        },
        status=status,
    )


def _method(method: PaymentMethod, *, selected: str) -> MethodChoice:
    return MethodChoice(
        code=method.code,
        name=method.name,
        hint=method.hint,
        when=when_paid(method),
        selected=method.code == selected,
    )


def when_paid(method: PaymentMethod) -> str:
    """Tell whether money moves now, later, or at the door: the button says so."""
    if method.gateway == PaymentMethod.Gateway.CASH_ON_DELIVERY:
        return "door"
    if method.settles_later or method.gateway == PaymentMethod.Gateway.BANK_TRANSFER:
        return "later"
    return "now"


def _quote(cart: Cart) -> CartQuote:
    address_row = cart.shipping_address
    return quote_cart(
        cart,
        now=now(),
        country=address_row.country if address_row else None,
        region=address_row.country_area if address_row else "",
        postal_code=address_row.postal_code if address_row else "",
        option=cart.delivery_option,
    )


def _business(cart: Cart, quote: CartQuote) -> BusinessAnswer | None:
    taxed = quote.tax is not None and bool(quote.tax.tax)
    return answer_for(cart, now=now(), reverse_charge=is_reversed(quote), taxed=taxed)


def _has_address(cart: Cart, request: ShopRequest) -> bool:
    found = cart.shipping_address
    return bool(
        found
        and cart.email
        and request.shop.market.countries.filter(country=found.country).exists()
    )


def _contact(cart: Cart, *, locale: str) -> dict[str, Any]:
    def lines(address: Address | None) -> list[str]:
        return format_address(address, locale=locale) if address else []

    return {
        "email": cart.email,
        "address": lines(cart.shipping_address),
        "billing": lines(cart.billing_address),
    }


def _agreed(request: ShopRequest, quote: CartQuote) -> Money | None:
    try:
        amount = Decimal(request.POST.get("agreed", ""))
    except InvalidOperation:
        return None
    return Money(amount, quote.currency) if amount.is_finite() else None


def _after_all(request: ShopRequest) -> HttpResponse:
    """Go on where the cart went: to the order that a first click made of it, else to the cart."""
    token = request.COOKIES.get(COOKIE, "")
    order = Order.objects.filter(cart__token=token, market=request.shop.market).first()
    if order and request.method == "POST":
        return redirect("shop:order", order.token)
    return redirect("shop:cart")
