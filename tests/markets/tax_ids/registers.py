"""Registers of VAT ids on this machine that answer as VIES and HMRC do."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Asked:
    """One question that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    json: dict[str, Any] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)


@dataclass
class Register:
    """Gives its answers one after the other, and the last one for ever; HMRC's token first."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    token_status: int = 200
    tokens: int = 0

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def lookups(self) -> list[Asked]:
        return [row for row in self.asked if row.path != "/oauth/token"]


@contextmanager
def register(*answers: Answer, token_status: int = 200) -> Iterator[Register]:
    """Serve a register on a free port of this machine."""
    state = Register(answers=list(answers), token_status=token_status)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(Asked("GET", self.path, dict(self.headers)))
            state.next_answer()(self)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            row = Asked("POST", self.path, dict(self.headers))
            state.asked.append(row)
            if self.path == "/oauth/token":
                row.form = dict(parse_qsl(body.decode()))
                state.tokens += 1
                token = {"access_token": f"token-{state.tokens}", "expires_in": 14_400}
                says(token, status=state.token_status)(self)
                return
            row.json = json.loads(body)
            state.next_answer()(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            state.released.set()
            server.shutdown()
            thread.join()


def sends(content: bytes, *, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        with suppress(OSError):  # The one who asked may have hung up.
            handler.wfile.write(content)
        handler.close_connection = True

    return answer


def says(data: object, *, status: int = 200) -> Answer:
    return sends(json.dumps(data).encode(), status=status, Content_Type="application/json")


def vies_valid(number: str = "DE136695976", **more: Any) -> Answer:
    return says(
        {
            "countryCode": number[:2],
            "vatNumber": number[2:],
            "requestDate": "2026-11-25T09:00:00.000Z",
            "valid": True,
            "requestIdentifier": "WAPIAAAAY3k0fEdT",
            "name": "Hafenkontor GmbH",
            "address": "Am Kai 1\n20457 Hamburg",
            "traderName": "---",
            **more,
        }
    )


def vies_invalid(number: str = "DE136695976") -> Answer:
    return says(
        {
            "countryCode": number[:2],
            "vatNumber": number[2:],
            "requestDate": "2026-11-25T09:00:00.000Z",
            "valid": False,
            "requestIdentifier": "",
            "name": "---",
            "address": "---",
        }
    )


def vies_error(code: str, *, status: int = 200) -> Answer:
    """Say it as VIES does: most often with the status 200."""
    return says({"actionSucceed": False, "errorWrappers": [{"error": code}]}, status=status)


def hmrc_valid(number: str = "980780684", **more: Any) -> Answer:
    return says(
        {
            "target": {
                "name": "HARBOUR GOODS LTD",
                "vatNumber": number,
                "address": {
                    "line1": "1 Quay Street",
                    "line2": "Bristol",
                    "postcode": "BS1 4RW",
                    "countryCode": "GB",
                },
            },
            "processingDate": "2026-11-25T09:00:00+00:00",
            **more,
        }
    )


def hmrc_unknown() -> Answer:
    return says(
        {"code": "NOT_FOUND", "message": "targetVrn does not match a registered company"},
        status=404,
    )
