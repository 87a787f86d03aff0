"""`python -m markets.register_sandbox`: run the stand-in until it is told to stop."""

import argparse
import signal
import sys
import threading

from markets.register_sandbox.server import RegisterSandbox


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m markets.register_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
    port = parser.parse_args(arguments).port
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        sandbox = RegisterSandbox(port=port, log=_print)
    except OSError as error:
        print(f"The VAT id sandbox cannot listen on port {port}: {error}", file=sys.stderr)
        return 1
    with sandbox:
        _print(f"VAT id sandbox at {sandbox.url}")
        stop.wait()
    return 0


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
