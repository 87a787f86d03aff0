"""`python -m payments.sandbox`: run the payment sandbox until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from payments.sandbox.server import DEFAULT_SECRET, LOOPBACK, SandboxServer


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; returns the exit status."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = SandboxServer(
            options.state,
            port=options.port,
            webhook_url=options.webhook_url,
            webhook_secret=options.webhook_secret,
            log=_print,
        )
    except OSError as error:
        print(f"The payment sandbox cannot listen on port {options.port}: {error}", file=sys.stderr)
        return 1
    with server:
        _print(f"payment sandbox at {server.url}, no money moves")
        stop.wait()
        _print("payment sandbox stops")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m payments.sandbox", description=__doc__)
    parser.add_argument(
        "--host", choices=[LOOPBACK], default=LOOPBACK, help="only the loopback address is served"
    )
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
    parser.add_argument("--state", type=Path, required=True, help="folder that holds the state")
    parser.add_argument("--webhook-url", help="where events are delivered")
    parser.add_argument("--webhook-secret", default=DEFAULT_SECRET, help="signs the events")
    return parser


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
