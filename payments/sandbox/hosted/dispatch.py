"""Find the page for an address, and let a press of a button do its work once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from payments.sandbox.account import Account
from payments.sandbox.errors import ApiError
from payments.sandbox.hosted.home_page import act_on_refund, show_home
from payments.sandbox.hosted.language import Words, choose_words
from payments.sandbox.hosted.pay_page import act_on_session, show_session
from payments.sandbox.hosted.rendering import Page, stylesheet
from payments.sandbox.hosted.waiting_pages import (
    act_on_authentication,
    act_on_settlement,
    act_on_voucher,
    show_authentication,
    show_settlement,
    show_voucher,
)
from payments.sandbox.objects.checkout_sessions import session_of
from payments.sandbox.store import Record

_ADDRESS = re.compile(r"/(pay|authenticate|vouchers|settlements|refunds)/([A-Za-z0-9_]+)")
_SHOW_INTENT = {
    "authenticate": show_authentication,
    "vouchers": show_voucher,
    "settlements": show_settlement,
}
_ACT_ON_INTENT = {
    "authenticate": act_on_authentication,
    "vouchers": act_on_voucher,
    "settlements": act_on_settlement,
}


@dataclass(frozen=True)
class PageRequest:
    """A browser's request; `encoded` is the query of a GET and the body of a POST."""

    method: str
    path: str
    encoded: str
    accept_language: str = ""


def answer_page(account: Account, request: PageRequest) -> Page:
    """Answer a browser; what a button does happens in one transaction."""
    if request.path == "/sandbox.css":
        return stylesheet()
    try:
        with account.store.transaction():
            return _answer(account, request)
    except ApiError as error:
        return Page(error.message, error.status, content_type="text/plain")


def _answer(account: Account, request: PageRequest) -> Page:
    if request.path == "/" and request.method == "GET":
        return show_home(account)
    match = _ADDRESS.fullmatch(request.path)
    if match is None:
        return Page("Not found", 404, content_type="text/plain")
    fields = {name: values[0] for name, values in parse_qs(request.encoded).items()}
    kind, id = match.groups()
    if request.method == "POST":
        return _act(account, kind, id=id, fields=fields)
    return _show(account, kind, id=id, fields=fields, request=request)


def _act(account: Account, kind: str, *, id: str, fields: dict[str, str]) -> Page:
    action = fields.get("action", "")
    if kind == "refunds":
        return act_on_refund(account, account.get("refund", id=id), action=action)
    if kind == "pay":
        session = account.get("checkout.session", id=id)
        return act_on_session(account, session, method=fields.get("method", ""), action=action)
    return _ACT_ON_INTENT[kind](account, account.get("payment_intent", id=id), action=action)


def _show(
    account: Account, kind: str, *, id: str, fields: dict[str, str], request: PageRequest
) -> Page:
    if kind == "refunds":
        return show_home(account)
    if kind == "pay":
        session = account.get("checkout.session", id=id)
        words = _words(session, request)
        return show_session(account, session, words=words, method=fields.get("method"))
    intent = account.get("payment_intent", id=id)
    return _SHOW_INTENT[kind](account, intent, words=_words(session_of(account, intent), request))


def _words(session: Record | None, request: PageRequest) -> Words:
    return choose_words(
        locale=session.data["locale"] if session else None,
        accept_language=request.accept_language,
    )
