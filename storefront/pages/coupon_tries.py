"""How many coupon codes may be guessed: of one cart, and of one sender who makes many carts."""

import hashlib
import logging
from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from markets.promotions import read_circumstances
from orders.models import Cart
from storefront.client_address import client_address

logger = logging.getLogger(__name__)
UNKNOWN_PER_CART = 20
# Many people may share one address of the net.
UNKNOWN_PER_SENDER = 200
WINDOW_SECONDS = 60 * 60


def may_try(request: HttpRequest, cart: Cart) -> bool:
    """Tell whether another code may be tried; yes where no cache is there to know it."""
    try:
        tries = cache.get_many(list(_limits(request, cart)))
    except RedisError as error:
        logger.warning("No cache to count coupon codes in: %s", error)
        return True
    return all(tries.get(key, 0) < limit for key, limit in _limits(request, cart).items())


def is_unknown(cart: Cart, *, now: datetime) -> bool:
    """Tell whether there is no coupon of the code that a cart holds."""
    found = read_circumstances(cart.market, moment=now, coupon=cart.coupon)
    return bool(cart.coupon) and found.coupon is None


def count_unknown(request: HttpRequest, cart: Cart) -> None:
    """Count a code that no coupon has."""
    try:
        for key in _limits(request, cart):
            _count(key)
    except RedisError as error:
        logger.warning("No cache to count coupon codes in: %s", error)


def _count(key: str) -> None:
    cache.add(key, 0, timeout=WINDOW_SECONDS)
    try:
        cache.incr(key)
    except ValueError:  # It expired in between.
        cache.add(key, 1, timeout=WINDOW_SECONDS)


def _limits(request: HttpRequest, cart: Cart) -> dict[str, int]:
    """Give how often each key may be counted."""
    sender = hashlib.sha256(str(client_address(request)).encode()).hexdigest()
    return {
        f"coupon-tries:cart:{cart.pk}": UNKNOWN_PER_CART,
        f"coupon-tries:sender:{sender}": UNKNOWN_PER_SENDER,
    }
