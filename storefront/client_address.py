"""Whose address a request came from, with the shop's own proxies between."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Give the address that the outermost proxy of ours was called from.

    With no proxies, or where the header has less entries than there are proxies or no address at
    the place, it is the address of whoever called this process. What stands further left in the
    header is the sender's own word and never read.
    """
    direct = _address(request.META.get("REMOTE_ADDR", ""))
    count = settings.TRUSTED_PROXIES
    if count < 1:
        return direct
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return (_address(hops[-count]) if len(hops) >= count else None) or direct


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None
