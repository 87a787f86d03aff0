"""Fill templates: everything is escaped unless it is Html already."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from payments.sandbox.hosted.language import Words

_HERE = Path(__file__).parent
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


class Html(str):
    """Text that is safe to put in a page as it is."""

    __slots__ = ()


@dataclass
class Page:
    """An answer to a browser."""

    body: str = ""
    status: int = 200
    content_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)


def render(template: str, /, **values: str) -> Html:
    """Fill a template."""
    safe = {
        key: value if isinstance(value, Html) else escape(value) for key, value in values.items()
    }
    return Html(_template(template).substitute(safe))


def join(parts: list[Html]) -> Html:
    return Html("".join(parts))


def page(words: Words, *, title: str, content: Html, status: int = 200) -> Page:
    """Frame the content with what all pages share."""
    body = render(
        "base.html",
        lang=words.tag,
        dir=words.direction,
        title=title,
        sandbox=words("sandbox"),
        content=content,
    )
    return Page(body, status, headers={"Content-Security-Policy": _POLICY})


def redirect(url: str) -> Page:
    """Send the browser on with a GET."""
    location = quote(url, safe="%/:?#[]@!$&'()*+,;=~")
    return Page(status=303, headers={"Location": location})


def stylesheet() -> Page:
    return Page((_HERE / "static" / "sandbox.css").read_text("utf-8"), content_type="text/css")


@cache
def _template(name: str) -> Template:
    return Template((_HERE / "templates" / name).read_text("utf-8"))
