"""`python -m fulfillment.carrier_server`: run the simulated carriers until told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from fulfillment.carrier_server.server import DEFAULT_KEY, DEFAULT_SECRET, LOOPBACK, CarrierServer


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; returns the exit status."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = CarrierServer(
            options.state,
            port=options.port,
            key=options.key,
            webhook_url=options.webhook_url,
            webhook_secret=options.webhook_secret,
            log=_print,
        )
    except OSError as error:
        print(f"The carriers cannot listen on port {options.port}: {error}", file=sys.stderr)
        return 1
    with server:
        _print(f"simulated carriers at {server.url}, no parcel moves")
        stop.wait()
        _print("simulated carriers stop")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fulfillment.carrier_server", description=__doc__
    )
    parser.add_argument(
        "--host", choices=[LOOPBACK], default=LOOPBACK, help="only the loopback address is served"
    )
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
    parser.add_argument("--state", type=Path, required=True, help="folder that holds the state")
    parser.add_argument("--key", default=DEFAULT_KEY, help="what the shop proves itself with")
    parser.add_argument(
        "--webhook-url", help="where events are delivered; the carrier's code is added to it"
    )
    parser.add_argument("--webhook-secret", default=DEFAULT_SECRET, help="signs the events")
    return parser


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
