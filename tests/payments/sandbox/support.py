"""What the sandbox's tests share: a clock to turn, a customer who presses buttons, a webhook."""

from __future__ import annotations

import http.client
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

import stripe

from payments.sandbox import SandboxServer

SUCCESS_URL = "https://shop.test/thanks?session={CHECKOUT_SESSION_ID}"
CANCEL_URL = "https://shop.test/cart"
SECRET = "whsec_test_secret"


def connect(server: SandboxServer, *, key: str = "sk_test_shop") -> stripe.StripeClient:
    """The official SDK; it does not retry by itself, so that tests see every answer."""
    return stripe.StripeClient(key, base_addresses={"api": server.url}, max_network_retries=0)


def session_params(
    *, amount: int = 4_280, currency: str = "eur", types: tuple[str, ...] = ("card",), **more: Any
) -> Any:
    return {
        "mode": "payment",
        "success_url": SUCCESS_URL,
        "cancel_url": CANCEL_URL,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": currency,
                    "unit_amount": amount,
                    "product_data": {"name": "Teapot <blue>"},
                },
            }
        ],
        "allowed_payment_method_types": list(types),
        **more,
    }


class Clock:
    """A clock that runs, and can be turned forward."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self._ahead

    def forward(self, *, seconds: float) -> None:
        self._ahead += seconds


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    body: str


class Customer:
    """A browser without redirects: what each press answers is seen."""

    def __init__(self, base_url: str) -> None:
        self._host = urlsplit(base_url).netloc

    def open(self, url: str, *, language: str = "") -> Answer:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return self._request("GET", path, None, {"Accept-Language": language})

    def press(self, url: str, action: str, *, method: str = "") -> Answer:
        body = urlencode({"action": action, "method": method})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._request("POST", urlsplit(url).path, body, headers)

    def _request(self, verb: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(verb, path, body, headers)
            response = connection.getresponse()
            return Answer(
                response.status, response.headers.get("Location", ""), response.read().decode()
            )
        finally:
            connection.close()


@dataclass(frozen=True)
class Delivery:
    body: bytes
    signature: str


class Receiver:
    """A webhook endpoint; `answers` are its first statuses, 200 afterwards."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.deliveries: queue.Queue[Delivery] = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.deliveries.put(Delivery(body, self.headers["Stripe-Signature"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/webhooks/stripe"

    def next(self) -> Delivery:
        return self.deliveries.get(timeout=20)

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def in_parallel(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Run all jobs at the same moment in threads; errors come back as results."""
    gate = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(index: int) -> None:
        gate.wait(timeout=20)
        try:
            results[index] = jobs[index]()
        except stripe.StripeError as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
