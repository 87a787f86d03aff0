"""Fill templates: everything is escaped unless it is Html already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from string import Template

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


class Html(str):
    """Text that is safe to put in a page as it is."""

    __slots__ = ()


@dataclass
class Page:
    """An answer to a browser."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)


def render(template: str, /, **values: str) -> Html:
    """Fill a template."""
    safe = {
        key: value if isinstance(value, Html) else escape(value) for key, value in values.items()
    }
    return Html(_template(template).substitute(safe))


def join(parts: Iterable[Html]) -> Html:
    return Html("".join(parts))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    if not rows:
        return Html('<p class="empty">None.</p>')
    return render(
        "_table.html",
        head=join(Html(f"<th scope=col>{escape(text)}</th>") for text in head),
        rows=join(Html(f"<tr>{join(_cell(cell) for cell in row)}</tr>") for row in rows),
    )


def page(*, title: str, content: Html) -> Page:
    """Frame the content with what all pages share."""
    body = render("base.html", title=title, content=content)
    return Page(body.encode(), headers={"Content-Security-Policy": _POLICY})


def plain(text: str, *, status: int) -> Page:
    return Page(text.encode(), status, content_type="text/plain")


def redirect(path: str) -> Page:
    """Send the browser on with a GET."""
    return Page(status=303, headers={"Location": path})


def stylesheet() -> Page:
    return Page((_HERE / "static" / "carriers.css").read_bytes(), content_type="text/css")


def _cell(text: str) -> Html:
    return Html(f"<td>{text if isinstance(text, Html) else escape(text)}</td>")


@cache
def _template(name: str) -> Template:
    return Template((_HERE / "templates" / name).read_text("utf-8"))
