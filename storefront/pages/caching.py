"""Which pages may be kept by a browser or a CDN, and which by nobody."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

View = Callable[..., HttpResponse]
PUBLIC_SECONDS = 60


def public_page(view: View) -> View:
    """Let a page that has no person in it be cached by its address.

    Such a page must not touch the session: that would set `Vary: Cookie` and make a page of its
    own for every visitor.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # allauth looks into the session after each page to end a login that was left half-way,
        # unless the page itself has looked at it. A page without a person leaves it alone.
        request._account_login_accessed = True  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        if request.method in ("GET", "HEAD") and response.status_code in (200, 301, 404):
            patch_cache_control(response, public=True, max_age=PUBLIC_SECONDS)
        return response

    return wrapped


def private_page(view: View) -> View:
    """Keep a page with a person in it out of every cache, the browser's too."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return wrapped
