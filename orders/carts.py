"""The cart: what a shopper may order, in one market at a time."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from catalog.models import Product, Variant
from markets.models import Market
from orders.errors import CartNotOpen, NotForSale
from orders.models import Cart, CartLine

MAX_QUANTITY = 999
COUPON_LENGTH = 60


def find_cart(token: str | None) -> Cart | None:
    """Find the open cart with this token."""
    if not token:
        return None
    return (
        Cart.objects.select_related("market", "shipping_address", "billing_address")
        .filter(token=token, status=Cart.Status.OPEN)
        .first()
    )


def get_or_create_cart(
    token: str | None, *, market: Market, language: str, user: Any = None
) -> Cart:
    """Give the open cart with this token, or a new one in the market.

    A cart of another market is given as it is: `switch_market` moves it, when the shopper agrees.
    """
    owner = user if user is not None and user.is_authenticated else None
    return find_cart(token) or Cart.objects.create(market=market, language=language, user=owner)


@transaction.atomic
def add_to_cart(cart: Cart, variant_id: int, *, quantity: int = 1) -> CartLine:
    """Add units to the cart's line of a variant, up to `MAX_QUANTITY`. Locks the cart.

    Raises NotForSale if the variant or its product is not active, CartNotOpen.
    """
    _lock_open(cart)
    if not Variant.objects.filter(
        pk=variant_id, is_active=True, product__status=Product.Status.ACTIVE
    ).exists():
        raise NotForSale(f"Variant {variant_id} is not for sale.")
    line = cart.lines.filter(variant_id=variant_id).first()
    if line is None:
        line = CartLine(cart=cart, variant_id=variant_id, quantity=0)
    line.quantity = max(1, min(line.quantity + quantity, MAX_QUANTITY))
    line.save()
    return line


@transaction.atomic
def set_quantity(cart: Cart, variant_id: int, *, quantity: int) -> None:
    """Set the units of a line; 0 takes it out. Locks the cart. Raises CartNotOpen."""
    _lock_open(cart)
    lines = cart.lines.filter(variant_id=variant_id)
    if quantity <= 0:
        lines.delete()
    else:
        lines.update(quantity=min(quantity, MAX_QUANTITY))


@transaction.atomic
def switch_market(cart: Cart, market: Market, *, language: str) -> None:
    """Move the cart to another market, where its lines are priced anew. Raises CartNotOpen.

    The delivery option is asked for again; addresses of another market's countries go too. The
    coupon comes along, whether or not it holds there; held prices do not.
    """
    _lock_open(cart)
    countries = set(market.countries.values_list("country", flat=True))
    if cart.shipping_address and cart.shipping_address.country not in countries:
        cart.shipping_address = None
    if cart.billing_address and cart.billing_address.country not in countries:
        cart.billing_address = None
    cart.market = market
    cart.language = language
    cart.delivery_option = ""
    cart.priced_at = cart.prices_held_until = None
    cart.save(
        update_fields=[
            "market",
            "language",
            "delivery_option",
            "priced_at",
            "prices_held_until",
            "shipping_address",
            "billing_address",
            "changed_at",
        ]
    )


def hold_prices(cart: Cart, *, now: datetime) -> None:
    """Keep the cart's prices as they are now for as long as its market says.

    Does nothing while they are held already, or if the market holds none. Of two requests at
    once the first one's moment stands for both. Raises CartNotOpen, also if the cart has moved to
    another market since it was read.
    """
    minutes = cart.market.price_lock_minutes
    if not minutes or cart.held_until(now):
        return
    open_carts = Cart.objects.filter(pk=cart.pk, status=Cart.Status.OPEN, market=cart.market_id)
    free = Q(prices_held_until__isnull=True) | Q(prices_held_until__lte=now)
    until = now + timedelta(minutes=minutes)
    if open_carts.filter(free).update(priced_at=now, prices_held_until=until):
        cart.priced_at, cart.prices_held_until = now, until
        return
    held = open_carts.values_list("priced_at", "prices_held_until").first()
    if held is None:
        raise CartNotOpen(f"Cart {cart.pk} is not open in market {cart.market_id}.")
    cart.priced_at, cart.prices_held_until = held


@transaction.atomic
def set_coupon(cart: Cart, code: str) -> None:
    """Keep the coupon code that a shopper typed, or none. Locks the cart. Raises CartNotOpen.

    One code at a time: a new one takes the place of the old. Characters that cannot be seen go.
    """
    _lock_open(cart)
    readable = "".join(letter for letter in code[:1000] if letter.isprintable())
    cart.coupon = readable.strip()[:COUPON_LENGTH]
    cart.save(update_fields=["coupon", "changed_at"])


def _lock_open(cart: Cart) -> None:
    if not Cart.objects.select_for_update().filter(pk=cart.pk, status=Cart.Status.OPEN).exists():
        raise CartNotOpen(f"Cart {cart.pk} is not open.")
