"""The adapter against answers that no carrier should give."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fulfillment.carrier_server import CarrierServer
from fulfillment.carrier_server.server import DEFAULT_KEY, DEFAULT_SECRET
from fulfillment.carriers.base import Item, Parcel, Party
from fulfillment.carriers.errors import CarrierDown, CarrierRefused
from fulfillment.carriers.simulated import SimulatedCarrier
from storefront.run.ports import any_free_port

PARCEL = Parcel(
    reference="7KQ2-9F4M-X-S1",
    service="postline-standard",
    option="standard",
    sender=Party("NL", ("Entrepot", "Waalhaven 81", "3087 BM Rotterdam")),
    receiver=Party("CH", ("Zoë Müller", "Bahnhofstr. 1", "8001 ZÜRICH", "SWITZERLAND")),
    weight_grams=1200,
    items=(Item("Teapot", 2, Decimal("12.50"), "CHF", "691110", "JP"),),
    currency="CHF",
)


def adapter(url: str, *, key: str = DEFAULT_KEY, read_seconds: float = 5) -> SimulatedCarrier:
    return SimulatedCarrier("postline", url, key, DEFAULT_SECRET, 2, read_seconds)


class Answers:
    """A server that gives one answer to everything."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Answers:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server(carriers: CarrierServer) -> CarrierServer:
    return carriers


@pytest.mark.parametrize(
    ("status", "body", "headers", "error"),
    [
        (200, b"<html>Welcome to our website</html>", {}, CarrierDown),
        (200, b"[]", {}, CarrierDown),
        (201, b"{}", {}, CarrierDown),
        (201, json.dumps({"id": "l", "tracking_number": "n", "document": "%%"}).encode(), {},
         CarrierDown),
        (302, b"", {"Location": "http://127.0.0.1:1/"}, CarrierDown),
        (429, b'{"error": {"code": "slow_down", "message": "too many"}}', {}, CarrierDown),
        (401, b'{"error": {"code": "unknown_key", "message": "who?"}}', {}, CarrierDown),
        (500, b"oops", {}, CarrierDown),
        (422, b'{"error": {"code": "x", "message": "no"}}', {}, CarrierRefused),
    ],
    ids=["html", "list", "empty", "broken", "redirect", "limit", "key", "failure", "refusal"],
)  # fmt: skip
def test_answer_proves_what_it_can(
    status: int, body: bytes, headers: dict[str, str], error: type[Exception]
) -> None:
    with Answers(status, body, headers) as answers, pytest.raises(error):
        adapter(answers.url).make_label(PARCEL, key="k")


def test_nobody_there_is_down() -> None:
    with pytest.raises(CarrierDown):
        adapter(f"http://127.0.0.1:{any_free_port()}").make_label(PARCEL, key="k")


def test_wrong_key_is_no_verdict_on_the_parcel(server: CarrierServer) -> None:
    with pytest.raises(CarrierDown, match="401"):
        adapter(server.url, key="guess").make_label(PARCEL, key="k")


def test_label_rate_and_tracking_are_read(server: CarrierServer) -> None:
    carrier = adapter(server.url)
    (rate,) = carrier.rate(PARCEL)
    label = carrier.make_label(PARCEL, key="k")
    assert (rate.amount, rate.currency) == (label.cost, "EUR")
    assert carrier.find_labels("k") == [label]
    assert carrier.track(label.tracking_number) == []
    server.move(label.tracking_number, "picked_up")
    assert [report.kind for report in carrier.track(label.tracking_number)] == ["picked_up"]
    assert carrier.track("NOBODY") == []


def test_void_is_no_error_twice_and_refused_on_the_way(server: CarrierServer) -> None:
    carrier = adapter(server.url)
    first, moving = (carrier.make_label(PARCEL, key=key) for key in ("a", "b"))
    server.move(moving.tracking_number, "picked_up")
    for reference in (first.reference, first.reference, "lab_unknown"):
        carrier.void_label(reference)
    assert carrier.find_labels("a") == []
    with pytest.raises(CarrierRefused):
        carrier.void_label(moving.reference)
