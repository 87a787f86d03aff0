"""`/pay/<session>`: where a customer pays."""

from __future__ import annotations

from payments.sandbox.account import Account
from payments.sandbox.amounts import format_amount
from payments.sandbox.api.payment_intents import needs_three_d_secure
from payments.sandbox.hosted.controls import alert, button, link, notice
from payments.sandbox.hosted.language import Words
from payments.sandbox.hosted.rendering import Html, Page, join, page, redirect, render
from payments.sandbox.methods import METHODS, Flow
from payments.sandbox.objects.checkout_sessions import intent_of, success_url
from payments.sandbox.objects.payment_methods import DECLINING_CARD, Instrument
from payments.sandbox.store import Record
from payments.sandbox.transitions.actions import qr_action, redirect_action, voucher_action
from payments.sandbox.transitions.attempts import (
    begin_attempt,
    decline,
    fail,
    require_action,
    start_processing,
    succeed,
)
from payments.sandbox.transitions.sessions import follow_intent

_ACTIONS = {
    Flow.CARD: ("pay", "three-d-secure", "decline"),
    Flow.REDIRECT: ("pay", "fail"),
    Flow.VOUCHER: ("voucher",),
    Flow.QR: ("pay", "voucher"),
    Flow.DEBIT: ("pay",),
}
REDIRECT_FAILED = "payment_intent_payment_attempt_failed"
REDIRECT_FAILED_MESSAGE = "The customer did not authorise the payment."


def show_session(account: Account, session: Record, *, words: Words, method: str | None) -> Page:
    """Show the session, or send a customer who is done on their way."""
    status = session.data["status"]
    if status == "complete":
        return redirect(success_url(session))
    if status == "expired":
        content = notice(words("expired"), words, href=session.data["cancel_url"])
        return page(words, title=words("sandbox"), content=content, status=410)
    types = session.data["payment_method_types"]
    chosen: str = method if method is not None and method in types else types[0]
    total = _format(session, session.data["amount_total"], words=words)
    cancel = session.data["cancel_url"]
    content = render(
        "pay.html",
        total_label=words("total"),
        total=total,
        lines=_lines(session, words=words),
        choose=words("choose"),
        tabs=_tabs(session, chosen=chosen, words=words),
        alert=_failure(account, session, words=words),
        url=f"/pay/{session.id}",
        method=chosen,
        buttons=_buttons(chosen, total=total, words=words),
        cancel=link(words("cancel"), href=cancel, test="cancel") if cancel else Html(""),
    )
    return page(words, title=f"{words('total')} {total}", content=content)


def _format(session: Record, amount: int, *, words: Words) -> str:
    return format_amount(amount, currency=session.data["currency"], language=words.language)


def _lines(session: Record, *, words: Words) -> Html:
    return join(
        [
            render(
                "_line.html",
                name=line["description"],
                quantity=f"× {line['quantity']}" if line["quantity"] > 1 else "",
                amount=_format(session, line["amount_total"], words=words),
            )
            for line in session.private["lines"]
        ]
    )


def _tabs(session: Record, *, chosen: str, words: Words) -> Html:
    return join(
        [
            render(
                "_tab.html",
                href=f"/pay/{session.id}?method={type}",
                type=type,
                name=words.method(type, name=METHODS[type].name),
                current=Html(' aria-current="true"' if type == chosen else ""),
            )
            for type in session.data["payment_method_types"]
        ]
    )


def _failure(account: Account, session: Record, *, words: Words) -> Html:
    if session.data["payment_intent"] is None:
        return Html("")
    error = account.get("payment_intent", id=session.data["payment_intent"]).data[
        "last_payment_error"
    ]
    return alert(words.failure(error["code"])) if error else Html("")


def _buttons(type: str, *, total: str, words: Words) -> Html:
    name = words.method(type, name=METHODS[type].name)
    pay = button("pay", words("pay", amount=total), is_main=True)
    match METHODS[type].flow:
        case Flow.CARD:
            parts = [
                pay,
                button("three-d-secure", words("three_d_secure")),
                button("decline", words("decline")),
            ]
        case Flow.REDIRECT:
            label = words("authorise", amount=total, method=name)
            parts = [button("pay", label, is_main=True), button("fail", words("fail"))]
        case Flow.VOUCHER:
            parts = [button("voucher", words("voucher", method=name), is_main=True)]
        case Flow.QR:
            parts = [pay, button("voucher", words("leave"))]
        case Flow.DEBIT:
            parts = [pay]
    return join(parts)


def act_on_session(account: Account, session: Record, *, method: str, action: str) -> Page:
    """Do what the customer pressed. Pressed twice, the second does nothing more."""
    back = f"/pay/{session.id}?method={method}"
    if session.data["status"] != "open" or method not in session.data["payment_method_types"]:
        return redirect(back)
    flow = METHODS[method].flow
    if action not in _ACTIONS[flow]:
        return redirect(back)
    intent = intent_of(account, session)
    instrument = DECLINING_CARD if action == "decline" else Instrument(method)
    begin_attempt(account, intent, instrument=instrument)
    match flow, action:
        case Flow.CARD, "decline":
            decline(account, intent)
        case Flow.CARD, ("pay" | "three-d-secure"):
            if action == "pay" and not needs_three_d_secure(intent, instrument=instrument):
                succeed(account, intent)
            else:
                require_action(
                    account,
                    intent,
                    next_action=redirect_action(account, intent, return_url=success_url(session)),
                )
                return redirect(f"/authenticate/{intent.id}")
        case Flow.REDIRECT, ("pay" | "fail"):
            step = redirect_action(account, intent, return_url=success_url(session))
            require_action(account, intent, next_action=step)
            if action == "pay":
                succeed(account, intent)
            else:
                fail(account, intent, code=REDIRECT_FAILED, message=REDIRECT_FAILED_MESSAGE)
        case Flow.VOUCHER, "voucher":
            step = voucher_action(account, intent, type=method)
            require_action(account, intent, next_action=step)
            follow_intent(account, intent, customer_is_done=True)
        case Flow.QR, ("pay" | "voucher"):
            require_action(account, intent, next_action=qr_action(account, intent))
            if action == "pay":
                succeed(account, intent)
            else:
                follow_intent(account, intent, customer_is_done=True)
        case Flow.DEBIT, "pay":
            start_processing(account, intent)
    return show_next(account, session.id, back=back)


def show_next(account: Account, session_id: str, *, back: str) -> Page:
    """Send the customer to the shop when the session is done, else back."""
    session = account.get("checkout.session", id=session_id)
    return redirect(success_url(session) if session.data["status"] == "complete" else back)
