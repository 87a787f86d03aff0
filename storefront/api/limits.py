"""How often one sender may ask, and how many coupon codes it may guess."""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from storefront.api.problems import TOO_MANY, Problem
from storefront.client_address import client_address

# A shop front of somebody's own asks for all of its visitors from one address.
REQUESTS = 600
REQUEST_SECONDS = 60
# A code of eight letters is not found in a year of these; a shopper mistypes three times.
UNKNOWN_COUPONS = 30
COUPON_SECONDS = 15 * 60


def count_request(request: HttpRequest) -> None:
    """Count a request of a sender; raise Problem once there are too many of them."""
    if _count(_key("request", request), seconds=REQUEST_SECONDS) > REQUESTS:
        raise Problem(
            TOO_MANY,
            _("No more than %(count)s requests a minute are answered.") % {"count": REQUESTS},
            retry_after=REQUEST_SECONDS,
        )


def refuse_guessing(request: HttpRequest) -> None:
    """Raise Problem if the sender has named too many coupons that do not exist."""
    if cache.get(_key("coupon", request), 0) >= UNKNOWN_COUPONS:
        raise Problem(
            TOO_MANY,
            _("Too many coupon codes that do not exist. Please wait a quarter of an hour."),
            retry_after=COUPON_SECONDS,
        )


def count_unknown_coupon(request: HttpRequest) -> None:
    _count(_key("coupon", request), seconds=COUPON_SECONDS)


def _key(what: str, request: HttpRequest) -> str:
    sender = hashlib.sha256(str(client_address(request)).encode()).hexdigest()
    return f"api:{what}:{sender}"


def _count(key: str, *, seconds: int) -> int:
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # It expired in between.
        return 1
