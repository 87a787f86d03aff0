"""The parts of a running shop and how each is started."""

import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

QUEUES = "default,rates,fraud,routing,carriers,mail"
WEBHOOK_PATH = "/webhooks/stripe/"
CARRIER_WEBHOOK_PATH = "/webhooks/carriers/"


@dataclass(frozen=True)
class Part:
    """One program of the shop."""

    name: str
    command: tuple[str, ...]


def setup() -> Part:
    return Part("setup", (sys.executable, "-m", "storefront.run.prepare"))


def web(*, port: int) -> Part:
    return Part(
        "web",
        (
            *(sys.executable, "-m", "granian", "--interface", "wsgi"),
            *("--host", "127.0.0.1", "--port", str(port), "--no-ws"),
            *("--workers", "1", "--blocking-threads", "4", "--log-level", "warning"),
            *("--access-log", "--access-log-fmt", "%(status)d %(method)s %(path)s"),
            "storefront.wsgi:application",
        ),
    )


def worker(*, state: Path) -> Part:
    return Part(
        "worker",
        (
            # Root in a container or on a machine of one's own is no news on every start.
            *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
            *("-m", "celery", "--quiet", "-A", "storefront", "worker"),
            *("--beat", "--schedule", str(state / "beat-schedule"), "--concurrency", "2"),
            *("--queues", QUEUES, "--loglevel", "INFO"),
            # There is one worker; talk among several would only delay its start.
            *("--without-gossip", "--without-mingle"),
        ),
    )


def sandbox(*, address: str, state: Path, port: int, secret: str) -> Part:
    return Part(
        "sandbox",
        (
            *(sys.executable, "-m", "payments.sandbox"),
            *("--port", str(urlsplit(address).port), "--state", str(state / "sandbox")),
            *("--webhook-url", f"http://127.0.0.1:{port}{WEBHOOK_PATH}"),
            *("--webhook-secret", secret),
        ),
    )


def carriers(*, address: str, state: Path, port: int, key: str, secret: str) -> Part:
    return Part(
        "carriers",
        (
            *(sys.executable, "-m", "fulfillment.carrier_server"),
            *("--port", str(urlsplit(address).port), "--state", str(state / "carriers")),
            *("--webhook-url", f"http://127.0.0.1:{port}{CARRIER_WEBHOOK_PATH}"),
            *("--key", key, "--webhook-secret", secret),
        ),
    )


def registers(*, address: str) -> Part:
    port = str(urlsplit(address).port)
    return Part("vat ids", (sys.executable, "-m", "markets.register_sandbox", "--port", port))
