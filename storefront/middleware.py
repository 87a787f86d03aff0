from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import translation

from storefront.shops import PREFIX, URLCONF, find_shop, use_shop

GetResponse = Callable[[HttpRequest], HttpResponse]


def market(get_response: GetResponse) -> GetResponse:
    """Take `<market>-<language>/` off the address and serve what is left as that shop."""

    def middleware(request: HttpRequest) -> HttpResponse:
        found = PREFIX.match(request.path_info)
        shop = find_shop(found["market"], found["language"]) if found else None
        if found is None or shop is None:
            request.shop = None  # type: ignore[attr-defined]
            with translation.override(_staff_language(request)):
                return get_response(request)
        if request.path_info == found[0]:
            return HttpResponsePermanentRedirect(f"{found[0]}/")
        request.shop = shop  # type: ignore[attr-defined]
        request.path_info = request.path_info[found.end() :]
        request.urlconf = URLCONF
        request.LANGUAGE_CODE = shop.language
        with use_shop(shop):
            response = get_response(request)
            response.headers.setdefault("Content-Language", shop.tag)
            return response

    return middleware


def security_policy(get_response: GetResponse) -> GetResponse:
    """Relax the policy where the admin's own scripts need it, and nowhere else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/admin/"):
            # Unfold's Alpine evaluates expressions and sets styles.
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        return response

    return middleware


def _staff_language(request: HttpRequest) -> str:
    """Outside the shop the browser's wish counts: those pages belong to no market."""
    wished = translation.get_language_from_request(request)
    return wished if wished in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
