"""The cart: what a shopper may order, in one market at a time."""

from typing import Any

from django.db import transaction

from catalog.models import Product, Variant
from markets.models import Market
from orders.errors import CartNotOpen, NotForSale
from orders.models import Cart, CartLine

MAX_QUANTITY = 999


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

    The delivery option is asked for again; addresses of another market's countries go too.
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
    cart.save(
        update_fields=[
            "market",
            "language",
            "delivery_option",
            "shipping_address",
            "billing_address",
            "changed_at",
        ]
    )


def _lock_open(cart: Cart) -> None:
    if not Cart.objects.select_for_update().filter(pk=cart.pk, status=Cart.Status.OPEN).exists():
        raise CartNotOpen(f"Cart {cart.pk} is not open.")
