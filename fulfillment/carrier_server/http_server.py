"""The HTTP side: API under /v1, pages elsewhere."""

from __future__ import annotations

import json
import socket
import threading
import time
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from fulfillment.carrier_server.api import ApiRequest, answer_request
from fulfillment.carrier_server.network import Network
from fulfillment.carrier_server.pages.dispatch import PageRequest, answer_page

_MAX_BODY_BYTES = 1_000_000


class HttpServer(ThreadingHTTPServer):
    """A threading server that can say goodbye to clients which keep their connection open."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        network: Network,
        *,
        after_change: Callable[[], None],
        log: Callable[[str], None],
    ) -> None:
        if address[0] != "127.0.0.1":
            raise ValueError("The simulated carriers listen on 127.0.0.1 only.")
        self.network = network
        self.after_change = after_change
        self.log = log
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._connections_lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Stop reading from clients; answers under way are still written."""
        with self._connections_lock:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is no news; everything else was answered with 500 already.
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SimulatedCarriers"
    # Headers and body leave in one packet, else each answer waits for a delayed acknowledgement.
    wbufsize = 65_536
    disable_nagle_algorithm = True
    server: HttpServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        started = time.monotonic()
        length = self.headers.get("Content-Length") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > _MAX_BODY_BYTES:
            self.close_connection = True
            self._write(413, "text/plain", b"", {})
            return
        body = self.rfile.read(int(length)).decode("utf-8", errors="replace")
        try:
            status = self._route(body)
        except Exception:
            self.server.log(traceback.format_exc())
            status = 500
            error = {"error": {"code": "internal", "message": "The simulated carriers failed."}}
            self._write(status, "application/json", json.dumps(error).encode(), {})
        self.server.after_change()
        milliseconds = (time.monotonic() - started) * 1000
        self.server.log(f"{self.command} {urlsplit(self.path).path} {status} {milliseconds:.0f} ms")

    def _route(self, body: str) -> int:
        parts = urlsplit(self.path)
        if parts.path.startswith("/v1/"):
            answer = answer_request(
                self.server.network,
                ApiRequest(
                    self.command,
                    parts.path,
                    parts.query,
                    body,
                    authorization=self.headers.get("Authorization", ""),
                    idempotency_key=self.headers.get("Idempotency-Key", ""),
                ),
            )
            self._write(answer.status, "application/json", json.dumps(answer.body).encode(), {})
            return answer.status
        page = answer_page(self.server.network, PageRequest(self.command, parts.path, body))
        self._write(page.status, page.content_type, page.body, page.headers)
        return page.status

    def _write(self, status: int, content_type: str, body: bytes, headers: dict[str, str]) -> None:
        charset = "" if content_type == "application/pdf" else "; charset=utf-8"
        self.send_response(status)
        self.send_header("Content-Type", content_type + charset)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in headers.items():
            # A name from outside must not start a header of its own.
            self.send_header(name, value.replace("\r", "").replace("\n", ""))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return
