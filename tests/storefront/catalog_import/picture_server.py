"""A server on loopback that has a few pictures, and some things that are none."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
GIF = b"GIF89a" + b"\0" * 20


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answers = {
            "/mug.png": (200, "image/png", PNG),
            "/mug.gif": (200, "image/gif; charset=binary", GIF),
            "/page": (200, "text/html", b"<html>"),
            "/mug.svg": (200, "image/svg+xml", b"<svg/>"),
            "/lie.png": (200, "image/png", b"<script>"),
            "/gone": (404, "image/png", PNG),
        }
        target = {"/moved": "/mug.png", "/round": "/round", "/file": "file:///etc/passwd"}
        if self.path in target:
            self.send_response(302)
            self.send_header("Location", target[self.path])
            self.end_headers()
            return
        status, kind, body = answers[self.path]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serve_pictures() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
