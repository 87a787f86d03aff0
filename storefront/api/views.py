from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from storefront.accounts.customer_groups import list_group_ids
from storefront.api.asking import (
    StaffWish,
    read_price_question,
    read_quote_question,
    read_staff_wish,
    refuse_other_currency,
    refuse_unknown_parameters,
)
from storefront.api.buyers import read_buyer
from storefront.api.endpoint import answer, endpoint, public_answer
from storefront.api.limits import count_unknown_coupon, refuse_guessing
from storefront.api.markets import describe_markets, get_open_market
from storefront.api.prices import answer_prices
from storefront.api.problems import KINDS, NOT_FOUND, Problem
from storefront.api.quotes import answer_quote


@endpoint("GET", "HEAD")
def markets(request: HttpRequest) -> HttpResponse:
    refuse_unknown_parameters(request)
    return public_answer(request, {"markets": describe_markets()})


@endpoint("GET", "HEAD")
def prices(request: HttpRequest, code: str) -> HttpResponse:
    question = read_price_question(request)
    wish = read_staff_wish(request)
    if question.coupon:
        refuse_guessing(request)
    market = get_open_market(code)
    refuse_other_currency(question.currency, market)
    found = answer_prices(question, market, wish=wish, now=timezone.now())
    if found.coupon_is_unknown:
        count_unknown_coupon(request)
    # A coupon is counted, so that what it gives may be over before a cache is.
    if question.coupon or wish != StaffWish():
        return answer(found.data)
    return public_answer(request, found.data)


@endpoint("POST")
def quote(request: HttpRequest, code: str) -> HttpResponse:
    question = read_quote_question(request)
    wish = read_staff_wish(request)
    if question.coupon:
        refuse_guessing(request)
    market = get_open_market(code)
    refuse_other_currency(question.currency, market)
    if not wish.group_ids:
        wish = replace(wish, group_ids=list_group_ids(request.user.pk))
    now = timezone.now()
    buyer = read_buyer(question, market, request=request, now=now)
    found = answer_quote(question, market, buyer=buyer, wish=wish, now=now)
    if found.coupon_is_unknown:
        count_unknown_coupon(request)
    return answer(found.data)


@endpoint("GET", "HEAD")
def problem_kind(request: HttpRequest, slug: str) -> HttpResponse:
    kind = KINDS.get(slug)
    if kind is None:
        raise Problem(NOT_FOUND, _("There is no such kind of problem."))
    return public_answer(
        request, {"title": str(kind.title), "status": kind.status, "detail": str(kind.meaning)}
    )


@endpoint("GET", "HEAD", "POST")
def not_found(request: HttpRequest) -> HttpResponse:
    raise Problem(NOT_FOUND, _("The API has nothing at this address."))
