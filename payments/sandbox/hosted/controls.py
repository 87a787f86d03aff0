"""The buttons and small parts that pages are put together from."""

from __future__ import annotations

from payments.sandbox.hosted.language import Words
from payments.sandbox.hosted.rendering import Html, join, render


def button(action: str, label: str, *, is_main: bool = False) -> Html:
    """A button that sends `action`; browser tests find it as data-test="action"."""
    return render(
        "_button.html",
        action=action,
        label=label,
        kind="main" if is_main else "plain",
    )


def link(label: str, *, href: str, test: str) -> Html:
    return render("_link.html", label=label, href=href, test=test)


def alert(text: str) -> Html:
    return render("_alert.html", text=text)


def fact(label: str, value: str, *, test: str) -> Html:
    """A label with its value, in a row."""
    return render("_fact.html", label=label, value=value, test=test)


def form(url: str, *buttons: Html) -> Html:
    return render("_form.html", url=url, buttons=join(list(buttons)))


def notice(text: str, words: Words, *, href: str | None) -> Html:
    """A text alone with the way back to the shop."""
    back = link(words("back"), href=href, test="back") if href else Html("")
    return render("_notice.html", text=text, back=back)
