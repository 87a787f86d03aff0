from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.carts import (
    COUPON_LENGTH,
    MAX_QUANTITY,
    add_to_cart,
    get_or_create_cart,
    set_coupon,
    set_quantity,
    switch_market,
)
from orders.errors import CartNotOpen, NotForSale
from orders.models import Cart
from storefront.pages.caching import private_page
from storefront.pages.cart_cookie import COOKIE, cart_of, remember_cart
from storefront.pages.cart_lines import show_lines
from storefront.pages.cart_switch import compare_markets
from storefront.pages.clock import clock_text
from storefront.pages.costs import show_costs
from storefront.pages.coupon_tries import count_unknown, is_unknown, may_try
from storefront.pages.discount_words import (
    ShownCoupon,
    nearly_reached,
    show_coupon,
    show_discounts,
)
from storefront.pages.frame import own_name
from storefront.pages.requests import ShopRequest, now
from storefront.pages.same_origin import same_origin_only
from storefront.quoting import CartQuote, quote_cart
from storefront.shops import Shop


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
@csrf_protect
def cart(request: ShopRequest) -> HttpResponse:
    found = cart_of(request)
    if found and is_elsewhere(found, request.shop):
        return redirect("shop:cart-switch")
    if request.method == "POST":
        return _update(request, found)
    return _show(request, found)


@require_POST
@private_page
@same_origin_only
def add(request: ShopRequest) -> HttpResponse:
    variant_id, quantity = _number(request, "variant"), _number(request, "quantity") or 1
    if not variant_id:
        return HttpResponseBadRequest("Which variant?")
    shop = request.shop
    found = get_or_create_cart(
        request.COOKIES.get(COOKIE), market=shop.market, language=shop.language, user=request.user
    )
    if is_elsewhere(found, shop):
        # What is in the cart would change its price: the shopper sees that first.
        address = f"{reverse('shop:cart-switch')}?variant={variant_id}&quantity={quantity}"
        return _go(request, address)
    if found.market_id != shop.market.pk:
        switch_market(found, shop.market, language=shop.language)
    try:
        line = add_to_cart(found, variant_id, quantity=quantity)
    except (NotForSale, CartNotOpen):
        return _go(request, reverse("shop:cart"))
    if request.htmx:
        context = {"line": line.variant, "title": line.variant.product.title, "cart": found}
        context["count"] = _count(found)
        response = render(request, "pages/_added.html", context)
    else:
        response = redirect(f"{reverse('shop:cart')}?added={line.variant_id}")
    remember_cart(response, found)
    return response


@require_safe
@private_page
def badge(request: ShopRequest) -> HttpResponse:
    """Fill in, after the page, how much is in the cart and whether it waits in another market."""
    found = cart_of(request)
    is_told = request.htmx.current_url_abs_path == reverse("shop:cart-switch")
    elsewhere = found is not None and not is_told and is_elsewhere(found, request.shop)
    return render(
        request,
        "pages/_badge.html",
        {
            "count": _count(found) if found else 0,
            "elsewhere": own_name(found.market, request.shop.language)
            if found and elsewhere
            else "",
            "currency": found.market.currency if found else "",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
@csrf_protect
def switch(request: ShopRequest) -> HttpResponse:
    """Show what changes when the cart moves to this market; move it when that is confirmed."""
    found, shop = cart_of(request), request.shop
    if found is None or not is_elsewhere(found, shop):
        return redirect("shop:cart")
    variant_id, quantity = _number(request, "variant"), _number(request, "quantity") or 1
    if request.method == "POST":
        switch_market(found, shop.market, language=shop.language)
        if variant_id:
            with suppress(NotForSale):
                add_to_cart(found, variant_id, quantity=quantity)
        return redirect("shop:cart")
    comparison = compare_markets(found, shop, now=now())
    return render(
        request,
        "pages/cart_switch.html",
        {"comparison": comparison, "variant": variant_id, "quantity": quantity},
    )


def is_elsewhere(cart: Cart, shop: Shop) -> bool:
    """Tell whether a cart holds something in another market than the one being read."""
    return cart.market_id != shop.market.pk and cart.lines.exists()


def _show(request: ShopRequest, found: Cart | None, *, refused: str = "") -> HttpResponse:
    """Show the cart; `refused` is a coupon code that was not looked at."""
    quote = quote_cart(found, now=now()) if found else None
    context: dict[str, Any] = {"quote": None, "added": request.GET.get("added", "")}
    if quote and quote.lines:
        context |= _shown(quote, request.shop)
    if refused:
        text = _("Too many coupon codes that do not exist. Please wait an hour.")
        context["coupon"] = ShownCoupon(refused, holds=False, text=text)
    return render(request, "pages/cart.html", context, status=429 if refused else 200)


def _shown(quote: CartQuote, shop: Shop) -> dict[str, Any]:
    return {
        "quote": quote,
        "lines": show_lines(quote),
        "discounts": show_discounts(quote),
        "costs": show_costs(quote),
        "coupon": show_coupon(quote.coupon, currency=shop.currency, locale=shop.locale),
        "nearly": nearly_reached(quote, locale=shop.locale),
        "held_until": clock_text(quote.held_until, shop) if quote.held_until else "",
    }


def _update(request: ShopRequest, found: Cart | None) -> HttpResponse:
    if found and "coupon" in request.POST:
        return _set_coupon(request, found, request.POST["coupon"].strip())
    variant_id = _number(request, "remove") or _number(request, "variant")
    if found and variant_id:
        quantity = 0 if request.POST.get("remove") else _number(request, "quantity")
        with suppress(CartNotOpen):
            set_quantity(found, variant_id, quantity=quantity)
    return redirect("shop:cart")


def _set_coupon(request: ShopRequest, found: Cart, code: str) -> HttpResponse:
    if code and not may_try(request, found):
        return _show(request, found, refused=code[:COUPON_LENGTH])
    with suppress(CartNotOpen):
        set_coupon(found, code)
    if code and is_unknown(found, now=now()):
        count_unknown(request, found)
    return redirect("shop:cart")


def _go(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect a form; htmx would follow a plain redirect inside the page."""
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _count(cart: Cart) -> int:
    return sum(cart.lines.values_list("quantity", flat=True))


def _number(request: HttpRequest, name: str) -> int:
    typed = (request.POST if request.method == "POST" else request.GET).get(name, "")
    if not (typed.isascii() and typed.isdigit()) or len(typed) > 18:
        return 0
    return min(int(typed), MAX_QUANTITY) if name == "quantity" else int(typed)
