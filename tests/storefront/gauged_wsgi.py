"""The shop as its web server runs it, noting of each request when it began and ended."""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from storefront.wsgi import application as shop

_notes = os.open(os.environ["REQUEST_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Serve a request; the clock is the machine's, so that processes can be compared."""
    statuses: list[str] = []

    def note(status: str, *rest: Any) -> Any:
        statuses.append(status.split()[0])
        return start_response(status, *rest)

    began = time.monotonic()
    try:
        return shop(environ, note)
    finally:
        status = statuses[0] if statuses else "500"
        line = f"{began} {time.monotonic()} {status} {environ['REQUEST_METHOD']} "
        # One write of a short line to a file that is open for appending is not cut in two.
        os.write(_notes, f"{line}{environ['PATH_INFO']}\n".encode())
