"""What every address of the API has in common: methods, language, limits, problems, caching."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
    set_response_etag,
)
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from storefront.api.limits import count_request
from storefront.api.problems import INVALID, METHOD, Fault, Problem, problem_response

View = Callable[..., HttpResponse]
PUBLIC_SECONDS = 60


def endpoint(*methods: str) -> Callable[[View], View]:
    """Make a view an address of the API.

    Nothing here changes anything, so no token against forged requests is asked for: another
    site can send one but not read the answer.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            # allauth would look into the session after the answer, and vary it by cookie.
            request._account_login_accessed = True  # type: ignore[attr-defined]
            try:
                response = _answer(view, request, *args, methods=methods, **kwargs)
            except Problem as problem:
                response = problem_response(problem, request)
            if "language" not in request.GET:
                patch_vary_headers(response, ["Accept-Language"])
            return response

        return wrapped

    return decorate


def _answer(
    view: View, request: HttpRequest, *args: Any, methods: tuple[str, ...], **kwargs: Any
) -> HttpResponse:
    count_request(request)
    with translation.override(_language(request)):
        if request.method not in methods:
            raise Problem(
                METHOD,
                _("%(method)s is not allowed at this address.") % {"method": request.method},
                allow=methods,
            )
        response = view(request, *args, **kwargs)
        response.headers["Content-Language"] = translation.get_language() or "en"
        return response


def _language(request: HttpRequest) -> str:
    """Give the language asked for; else the middleware's, which is the browser's wish."""
    asked = request.GET.get("language")
    if asked is None:
        return translation.get_language() or settings.LANGUAGE_CODE
    if asked not in dict(settings.LANGUAGES):
        fault = Fault(
            _("It is one of %(codes)s.") % {"codes": ", ".join(dict(settings.LANGUAGES))},
            parameter="language",
        )
        raise Problem(INVALID, _("The language is not known."), faults=[fault])
    return asked


def answer(data: dict[str, object]) -> HttpResponse:
    """Answer one person alone: no cache keeps it."""
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    patch_cache_control(response, private=True, no_store=True)
    return response


def public_answer(request: HttpRequest, data: dict[str, object]) -> HttpResponse:
    """Answer what is the same for everybody: caches keep it for a minute, by its address."""
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    patch_cache_control(response, public=True, max_age=PUBLIC_SECONDS)
    set_response_etag(response)
    return get_conditional_response(
        request, etag=response.headers["ETag"], response=response
    ) or response  # fmt: skip
