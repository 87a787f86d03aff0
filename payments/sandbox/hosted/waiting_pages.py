"""Pages of an intent that waits: 3-D Secure, a voucher, a code, the bank's answer."""

from __future__ import annotations

from datetime import UTC, datetime

from payments.sandbox.account import Account
from payments.sandbox.amounts import format_amount
from payments.sandbox.hosted.controls import button, fact, form, link, notice
from payments.sandbox.hosted.language import Words
from payments.sandbox.hosted.pay_page import REDIRECT_FAILED, REDIRECT_FAILED_MESSAGE, show_next
from payments.sandbox.hosted.rendering import Html, Page, join, page, redirect, render
from payments.sandbox.methods import METHODS, Flow
from payments.sandbox.objects.checkout_sessions import session_of, success_url
from payments.sandbox.store import Record
from payments.sandbox.transitions.attempts import authenticated, fail, instrument_of, succeed
from payments.sandbox.transitions.expiry import expire_voucher


def show_authentication(account: Account, intent: Record, *, words: Words) -> Page:
    if not _waits_for_redirect(intent):
        return _leave(account, intent)
    return _page(
        intent,
        words=words,
        title=words("authenticate"),
        text=words("authenticate_why"),
        url=f"/authenticate/{intent.id}",
        buttons=[
            button("pass", words("pass"), is_main=True),
            button("fail", words("refuse")),
        ],
    )


def act_on_authentication(account: Account, intent: Record, *, action: str) -> Page:
    if _waits_for_redirect(intent) and action in ("pass", "fail"):
        is_card = METHODS[instrument_of(intent).type].flow is Flow.CARD
        if action == "pass":
            succeed(account, intent, three_d_secure=authenticated() if is_card else None)
        elif is_card:
            fail(
                account,
                intent,
                code="payment_intent_authentication_failure",
                is_charged=False,
                message="The provided PaymentMethod has failed authentication.",
            )
        else:
            fail(account, intent, code=REDIRECT_FAILED, message=REDIRECT_FAILED_MESSAGE)
    return _leave(account, intent)


def _waits_for_redirect(intent: Record) -> bool:
    action = intent.data["next_action"]
    return action is not None and bool(action["type"] == "redirect_to_url")


def show_voucher(account: Account, intent: Record, *, words: Words) -> Page:
    if not _waits_for_voucher(intent):
        return _result(account, intent, words=words)
    type = intent.private["voucher_type"]
    name = words.method(type, name=METHODS[type].name)
    until = datetime.fromtimestamp(intent.private["voucher_expires_at"], UTC)
    return _page(
        intent,
        words=words,
        title=words("pay_later", method=name),
        facts=[
            fact(words("number"), intent.private["voucher_number"], test="number"),
            fact(words("until"), until.strftime("%Y-%m-%d %H:%M UTC"), test="until"),
        ],
        url=f"/vouchers/{intent.id}",
        buttons=[
            button("pay", words("pay_now", amount=_total(intent, words)), is_main=True),
            button("expire", words("let_expire")),
        ],
        back=_back_link(account, intent, words=words),
    )


def act_on_voucher(account: Account, intent: Record, *, action: str) -> Page:
    if _waits_for_voucher(intent):
        if action == "pay":
            succeed(account, intent)
        elif action == "expire":
            expire_voucher(account, intent.id)
    return redirect(f"/vouchers/{intent.id}")


def _waits_for_voucher(intent: Record) -> bool:
    return intent.data["status"] == "requires_action" and "voucher_number" in intent.private


def show_settlement(account: Account, intent: Record, *, words: Words) -> Page:
    if intent.data["status"] != "processing":
        return _result(account, intent, words=words)
    return _page(
        intent,
        words=words,
        title=words("settlement"),
        url=f"/settlements/{intent.id}",
        buttons=[
            button("pass", words("settle"), is_main=True),
            button("fail", words("bounce")),
        ],
        back=_back_link(account, intent, words=words),
    )


def act_on_settlement(account: Account, intent: Record, *, action: str) -> Page:
    if intent.data["status"] == "processing":
        if action == "pass":
            succeed(account, intent)
        elif action == "fail":
            fail(
                account,
                intent,
                code="payment_method_provider_decline",
                message="The customer's bank refused the direct debit.",
            )
    return redirect(f"/settlements/{intent.id}")


def _result(account: Account, intent: Record, *, words: Words) -> Page:
    text = words("was_paid" if intent.data["status"] == "succeeded" else "is_over")
    session = session_of(account, intent)
    href = success_url(session) if session else None
    return page(words, title=text, content=notice(text, words, href=href))


def _page(
    intent: Record,
    *,
    words: Words,
    title: str,
    url: str,
    buttons: list[Html],
    text: str = "",
    facts: list[Html] | None = None,
    back: Html | None = None,
) -> Page:
    content = render(
        "action.html",
        title=title,
        total=_total(intent, words),
        text=render("_lead.html", text=text) if text else Html(""),
        facts=join(facts or []),
        form=form(url, *buttons),
        back=back or Html(""),
    )
    return page(words, title=title, content=content)


def _total(intent: Record, words: Words) -> str:
    return format_amount(
        intent.data["amount"], currency=intent.data["currency"], language=words.language
    )


def _back_link(account: Account, intent: Record, *, words: Words) -> Html:
    session = session_of(account, intent)
    if session is None:
        return Html("")
    return link(words("back"), href=success_url(session), test="back")


def _leave(account: Account, intent: Record) -> Page:
    session_id = intent.private.get("session")
    if session_id:
        return show_next(account, session_id, back=f"/pay/{session_id}?method=card")
    return redirect(_with_outcome(intent) or "/")


def _with_outcome(intent: Record) -> str | None:
    url: str | None = intent.private.get("return_url")
    if url is None:
        return None
    status = "succeeded" if intent.data["latest_charge"] else "failed"
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}payment_intent={intent.id}&redirect_status={status}"
