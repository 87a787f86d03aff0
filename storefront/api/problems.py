"""What the API says when it cannot answer: problem details after RFC 9457."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """A kind of problem; `slug` ends its address, where its title and `meaning` are read."""

    slug: str
    status: int
    title: str | Promise
    meaning: str | Promise


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where: a query parameter or a JSON pointer into the body."""

    detail: str
    parameter: str = ""
    pointer: str = ""

    @property
    def members(self) -> dict[str, str]:
        place = {"parameter": self.parameter} if self.parameter else {"pointer": self.pointer}
        return {"detail": self.detail, **place}


class Problem(Exception):
    """The request cannot be answered; `faults` name each place that is wrong."""

    def __init__(
        self, kind: Kind, detail: str, *, faults: Sequence[Fault] = (), retry_after: int = 0,
        allow: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = {
            "Cache-Control": "no-store",
            **({"Retry-After": str(retry_after)} if retry_after else {}),
            **({"Allow": ", ".join(allow)} if allow else {}),
        }


def problem_response(problem: Problem, request: HttpRequest) -> HttpResponse:
    body: dict[str, object] = {
        "type": f"{settings.PUBLIC_URL}/api/v1/problems/{problem.kind.slug}/",
        "title": str(problem.kind.title),
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": request.path,
    }
    if problem.faults:
        body["errors"] = [fault.members for fault in problem.faults]
    return JsonResponse(
        body,
        status=problem.kind.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


INVALID = Kind(
    "invalid-request", 400, _("The request is not understood"),
    _("A parameter or a member is unknown, missing or out of bounds. “errors” names each."),
)  # fmt: skip
WRONG_CURRENCY = Kind(
    "wrong-currency", 400, _("The market does not sell in this currency"),
    _("A market has one currency, and nothing is converted for a caller. Leave “currency” out, "
      "or ask a market that sells in it."),
)  # fmt: skip
NOT_PERMITTED = Kind(
    "not-permitted", 403, _("This is for staff"),
    _("“explain”, “at” and “group” need a person who is signed in and may see prices in admin."),
)  # fmt: skip
NOT_FOUND = Kind(
    "not-found", 404, _("There is nothing at this address"),
    _("Addresses end with a slash and are listed in the documentation."),
)  # fmt: skip
UNKNOWN_MARKET = Kind(
    "unknown-market", 404, _("There is no such market"),
    _("The markets that can be asked are listed at /api/v1/markets/."),
)  # fmt: skip
METHOD = Kind(
    "method-not-allowed", 405, _("The method is not allowed here"),
    _("The header “Allow” lists the methods that are."),
)  # fmt: skip
TOO_LARGE = Kind(
    "body-too-large", 413, _("The body is too large"), _("64 KB hold the longest question.")
)
NOT_JSON = Kind(
    "not-json", 415, _("The body is not JSON"),
    _("A body is JSON in UTF-8 and comes with the content type application/json."),
)  # fmt: skip
NOT_SERVED = Kind(
    "country-not-served", 422, _("The market does not sell to this country"),
    _("The countries of each market are listed at /api/v1/markets/."),
)  # fmt: skip
NO_DELIVERY = Kind(
    "delivery-not-available", 422, _("The delivery option is not to be had"),
    _("Leave “delivery” out to have all options of these goods and this country listed."),
)  # fmt: skip
TOO_MANY = Kind(
    "too-many-requests", 429, _("Too many requests"),
    _("Wait as many seconds as the header “Retry-After” says."),
)  # fmt: skip

KINDS = {
    kind.slug: kind
    for kind in (
        INVALID, WRONG_CURRENCY, NOT_PERMITTED, NOT_FOUND, UNKNOWN_MARKET, METHOD, TOO_LARGE,
        NOT_JSON, NOT_SERVED, NO_DELIVERY, TOO_MANY,
    )
}  # fmt: skip
