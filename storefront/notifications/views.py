from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from storefront.notifications.mailbox import Letter, find_letter, list_letters


@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/list.html", {"letters": list_letters()})


@require_GET
def letter(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "mailbox/letter.html", {"letter": _get(name)})


@require_GET
@csp_update({"style-src": [UNSAFE_INLINE]})  # type: ignore[arg-type]
def letter_html(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(_get(name).html)


def _get(name: str) -> Letter:
    found = find_letter(name)
    if found is None:
        raise Http404
    return found
