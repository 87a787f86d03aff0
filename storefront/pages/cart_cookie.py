"""Which cart is this browser's: a cookie of its own, so that shopping needs no session."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from orders.carts import find_cart
from orders.models import Cart

COOKIE = "cart"
AGE_SECONDS = 60 * 60 * 24 * 60


def cart_of(request: HttpRequest) -> Cart | None:
    """Find the visitor's open cart, whichever market it is in.

    It belongs to whoever is signed in, and to nobody again when they sign out: a group's prices
    are for its members alone.
    """
    found = find_cart(request.COOKIES.get(COOKIE))
    visitor = request.user.pk if request.user.is_authenticated else None
    if found is not None and found.user_id != visitor:
        found.user_id = visitor
        found.save(update_fields=["user", "changed_at"])
    return found


def remember_cart(response: HttpResponse, cart: Cart) -> None:
    response.set_cookie(
        COOKIE,
        cart.token,
        max_age=AGE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
