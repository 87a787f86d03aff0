from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from storefront.shops import Shop


class ShopRequest(HttpRequest):
    """A request below `<market>-<language>/`, as the middleware hands it to a shop's page."""

    shop: Shop
    htmx: HtmxDetails


def now() -> datetime:
    """Read the clock: pages are entry points, below them it is an argument."""
    return timezone.now()
