"""The stand-in as one object: start it, stop it."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from markets.register_sandbox.answers import Answer, hmrc_answer, token_answer, vies_answer
from markets.register_sandbox.numbers import outcome_of
from markets.register_sandbox.page import home_page

LOOPBACK = "127.0.0.1"
VIES_PATH = "/vies/check-vat-number"
_HMRC_LOOKUP = "/organisations/vat/check-vat-number/lookup/"
_TOKEN = "/oauth/token"  # noqa: S105 - the path where one is asked for
_SLOW_SECONDS = 3.0
_MAX_BODY_BYTES = 10_000


class RegisterSandbox:
    """A stand-in on the loopback address; `port` 0 takes a free one."""

    def __init__(
        self,
        *,
        port: int = 0,
        slow_seconds: float = _SLOW_SECONDS,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self._http = _Server((LOOPBACK, port), slow_seconds, log or (lambda line: None))
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            name="register-sandbox",
            kwargs={"poll_interval": 0.05},
            daemon=True,
        )

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Server(ThreadingHTTPServer):
    def __init__(
        self, address: tuple[str, int], slow_seconds: float, log: Callable[[str], None]
    ) -> None:
        self.slow_seconds = slow_seconds
        self.log = log
        self.stopping = threading.Event()
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A shop that stopped waiting is no news.
        return


class _Handler(BaseHTTPRequestHandler):
    server_version = "RegisterSandbox"
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/":
            self._write(200, "text/html; charset=utf-8", home_page().encode())
        elif self.path.startswith(_HMRC_LOOKUP):
            number, _slash, requester = self.path.removeprefix(_HMRC_LOOKUP).partition("/")
            outcome = self._wait_for(f"GB{number}")
            self._say(hmrc_answer(number, requester, outcome, now=datetime.now(UTC)))
        else:
            self._say((404, {"code": "MATCHING_RESOURCE_NOT_FOUND"}))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > _MAX_BODY_BYTES:
            self._say((413, {}))
            return
        body = self.rfile.read(int(length))
        if self.path == _TOKEN:
            self._say(token_answer())
        elif self.path == VIES_PATH:
            self._say(self._vies(body))
        else:
            self._say((404, {}))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing line by line: `_write` does, without the number that was asked about."""

    def _vies(self, body: bytes) -> Answer:
        try:
            question = json.loads(body)
        except ValueError:
            question = None
        if not isinstance(question, dict):
            return 400, {"actionSucceed": False, "errorWrappers": [{"error": "INVALID_INPUT"}]}
        number = f"{question.get('countryCode')}{question.get('vatNumber')}"
        return vies_answer(question, self._wait_for(number), now=datetime.now(UTC))

    def _wait_for(self, number: str) -> str:
        outcome = outcome_of(number)
        if outcome == "slow":
            self.server.stopping.wait(self.server.slow_seconds)
        return outcome

    def _say(self, answer: Answer) -> None:
        status, data = answer
        self._write(status, "application/json", json.dumps(data).encode())

    def _write(self, status: int, content_type: str, body: bytes) -> None:
        path = _HMRC_LOOKUP if self.path.startswith(_HMRC_LOOKUP) else self.path
        self.server.log(f"{self.command} {path} {status}")
        with suppress(OSError):  # The shop may have stopped waiting.
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
