"""`/`: what developers look at."""

from __future__ import annotations

from datetime import UTC, datetime

from payments.sandbox.account import Account
from payments.sandbox.amounts import format_amount
from payments.sandbox.hosted.controls import button, form
from payments.sandbox.hosted.language import Words
from payments.sandbox.hosted.rendering import Html, Page, join, page, redirect, render
from payments.sandbox.store import Record
from payments.sandbox.transitions.refunds import fail_refund, settle_refund

_RECENT = 25


def show_home(account: Account) -> Page:
    words = Words("en")
    sessions = account.store.list("checkout.session", limit=_RECENT)
    intents = account.store.list("payment_intent", limit=_RECENT)
    refunds = account.store.list("refund", limit=_RECENT)
    events = account.store.list("event", limit=_RECENT)
    content = render(
        "home.html",
        url=account.base_url,
        webhook=account.webhook_url or "nowhere",
        waiting=_waiting(account),
        sessions=_table(
            ("Made", "Session", "Amount", "Status", "Payment", "Order"),
            [
                (
                    _time(s),
                    _session_link(s),
                    _amount(s, "amount_total"),
                    s.data["status"],
                    s.data["payment_status"],
                    s.data["client_reference_id"] or "",
                )
                for s in sessions
            ],
        ),
        intents=_table(
            ("Made", "Intent", "Amount", "Received", "Status", "Last error"),
            [
                (
                    _time(i),
                    i.id,
                    _amount(i, "amount"),
                    _amount(i, "amount_received"),
                    i.data["status"],
                    (i.data["last_payment_error"] or {}).get("code", ""),
                )
                for i in intents
            ],
        ),
        refunds=_table(
            ("Made", "Refund", "Amount", "Status", "Intent", ""),
            [
                (
                    _time(r),
                    r.id,
                    _amount(r, "amount"),
                    r.data["status"],
                    r.data["payment_intent"],
                    _refund_form(r),
                )
                for r in refunds
            ],
        ),
        events=_table(
            ("When", "Event", "Type", "About", "Delivery"),
            [
                (
                    _time(e),
                    e.id,
                    e.data["type"],
                    e.data["data"]["object"]["id"][:32],
                    _delivery(account, e),
                )
                for e in events
            ],
        ),
    )
    return page(words, title="Payment sandbox", content=content)


def act_on_refund(account: Account, refund: Record, *, action: str) -> Page:
    """Let the customer's bank details arrive, or prove wrong."""
    if refund.data["status"] in ("pending", "requires_action"):
        if action == "pass":
            settle_refund(account, refund)
        elif action == "fail":
            fail_refund(account, refund, reason="unknown")
    return redirect("/")


def _waiting(account: Account) -> Html:
    rows: list[tuple[str, ...]] = [
        (_time(intent), _intent_link(intent), _amount(intent, "amount"), status)
        for status in ("requires_action", "processing", "requires_capture")
        for intent in account.store.list("payment_intent", where={"status": status})
    ]
    return _table(("Since", "Intent", "Amount", "Status"), rows)


def _intent_link(intent: Record) -> Html:
    if intent.data["status"] == "processing":
        return _anchor(intent.id, f"/settlements/{intent.id}")
    if intent.data["status"] == "requires_capture":
        return render("_code.html", text=intent.id)
    kind = "vouchers" if "voucher_number" in intent.private else "authenticate"
    return _anchor(intent.id, f"/{kind}/{intent.id}")


def _session_link(session: Record) -> Html:
    short = f"{session.id[:20]}…"
    if session.data["status"] == "open":
        return _anchor(short, f"/pay/{session.id}")
    return render("_code.html", text=short)


def _anchor(label: str, href: str) -> Html:
    return render("_anchor.html", label=label, href=href)


def _refund_form(refund: Record) -> Html:
    if refund.data["status"] not in ("pending", "requires_action"):
        return Html("")
    url = f"/refunds/{refund.id}"
    return form(url, button("pass", "Let it arrive"), button("fail", "Let it fail"))


def _delivery(account: Account, event: Record) -> str:
    rows = account.store.execute(
        "SELECT attempts, due_at, delivered_at, last_error FROM deliveries WHERE event_id = ?",
        event.id,
    )
    if not rows:
        return "not sent"
    attempts, due_at, delivered_at, error = rows[0]
    if delivered_at is not None:
        return f"delivered, attempt {attempts}"
    if attempts == 0:
        return "due"
    return f"{error} ({attempts} attempts{'' if due_at else ', given up'})"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Html:
    if not rows:
        return Html('<p class="empty">None.</p>')
    return render(
        "_table.html",
        head=join([render("_head.html", text=text) for text in head]),
        rows=join(
            [
                render("_row.html", cells=join([render("_cell.html", text=cell) for cell in row]))
                for row in rows
            ]
        ),
    )


def _time(record: Record) -> str:
    return datetime.fromtimestamp(record.data["created"], UTC).strftime("%d %b %H:%M:%S")


def _amount(record: Record, name: str) -> str:
    return format_amount(record.data[name], currency=record.data["currency"], language="en")
