"""Find the page for an address, and let a press of a button do its work."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from fulfillment.carrier_server.document import MEDIA_TYPE
from fulfillment.carrier_server.errors import ApiError
from fulfillment.carrier_server.network import Network
from fulfillment.carrier_server.pages.home_page import show_home
from fulfillment.carrier_server.pages.rendering import Page, plain, redirect, stylesheet
from fulfillment.carrier_server.tracking import move_parcel, send_again, set_webhooks

_LABEL = re.compile(r"/labels/([A-Za-z0-9_]+)\.pdf")
_CARRIER = re.compile(r"/carriers/([a-z0-9-]+)/(trouble|webhooks)")
_PARCEL = re.compile(r"/parcels/([A-Z0-9]+)")
_EVENT = re.compile(r"/events/([a-z0-9_]+)/again")
_MAX_DAYS = 365


@dataclass(frozen=True)
class PageRequest:
    """A browser's request; `body` is the form of a POST."""

    method: str
    path: str
    body: str


def answer_page(network: Network, request: PageRequest) -> Page:
    """Answer a browser; what a button does happens in one transaction."""
    try:
        with network.store.transaction():
            if request.method == "POST":
                return _act(network, request)
            return _show(network, request.path)
    except ApiError as error:
        return plain(error.message, status=error.status)


def _show(network: Network, path: str) -> Page:
    if path == "/":
        return show_home(network)
    if path == "/carriers.css":
        return stylesheet()
    match = _LABEL.fullmatch(path)
    row = match and network.store.find("SELECT document FROM labels WHERE id = ?", match[1])
    if not row:
        return plain("Not found", status=404)
    return Page(row["document"], content_type=MEDIA_TYPE)


def _act(network: Network, request: PageRequest) -> Page:
    fields = {name: values[0] for name, values in parse_qs(request.body).items()}
    if match := _PARCEL.fullmatch(request.path):
        _move(network, match[1], fields)
    elif match := _CARRIER.fullmatch(request.path):
        code, what = match.groups()
        if what == "trouble":
            network.set_trouble(code, fields.get("choice", ""))
        else:
            set_webhooks(network, code, fields.get("choice", ""))
    elif match := _EVENT.fullmatch(request.path):
        send_again(network, match[1])
    else:
        return plain("Not found", status=404)
    return redirect("/")


def _move(network: Network, number: str, fields: dict[str, str]) -> None:
    kind = fields.get("kind", "")
    expected_on = None
    if kind == "delayed":
        days = fields.get("days", "")
        if not (days.isascii() and days.isdigit() and 0 < int(days) <= _MAX_DAYS):
            raise ApiError(400, "invalid_days", f"Days are 1 to {_MAX_DAYS}.")
        today = datetime.fromtimestamp(network.clock(), UTC).date()
        expected_on = today + timedelta(days=int(days))
    move_parcel(network, number, kind, expected_on=expected_on)
