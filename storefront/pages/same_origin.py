"""Forms on pages that everybody shares."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


def same_origin_only(view: View) -> View:
    """Guard a POST by where it comes from instead of by a token.

    A page that is cached for all cannot carry a token that is one visitor's. Browsers say with
    each POST where it was made, in headers that a page cannot forge: `Sec-Fetch-Site` since
    2023 in all of them, `Origin` long before. A POST that names neither is refused.
    """

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not _is_same_origin(request):
            return HttpResponseForbidden("This form must be sent from the shop itself.")
        return view(request, *args, **kwargs)

    return wrapped


def _is_same_origin(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", ""))
    return (origin.scheme, origin.netloc) == (request.scheme, request.get_host())
