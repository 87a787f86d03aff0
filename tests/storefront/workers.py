"""Real Celery workers on this test's database and broker, to be killed at will."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings

from fulfillment.carrier_server import CarrierServer
from fulfillment.carrier_server.server import DEFAULT_KEY, DEFAULT_SECRET
from storefront.celery import app
from tests.storefront.web_server import database_address

LEASE_SECONDS = 2


@contextmanager
def worker(
    *, queues: str = "routing,default", more: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker of processes of its own; `more` is added to its environment."""
    environment = os.environ | {
        "DATABASE_URL": database_address(),
        "EVENT_LEASE_SECONDS": str(LEASE_SECONDS),
        "DJANGO_SETTINGS_MODULE": "storefront.settings",
        **(more or {}),
    }
    command = [
        sys.executable, "-m", "celery", "-A", "storefront", "worker", "--concurrency", "2",
        "--queues", queues, "--loglevel", "WARNING", "--without-mingle", "--without-gossip",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env=environment, cwd=settings.BASE_DIR, start_new_session=True
    )
    try:
        yield process
    finally:
        kill(process)


def carrier_settings(carriers: CarrierServer) -> dict[str, str]:
    """Tell a worker where the simulated carriers are."""
    return {
        "SIMULATED_CARRIER_URL": carriers.url,
        "SIMULATED_CARRIER_KEY": DEFAULT_KEY,
        "SIMULATED_CARRIER_SECRET": DEFAULT_SECRET,
        "CARRIER_READ_SECONDS": "30",
    }


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a worker and its children at once, as a machine does that loses its power."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(what: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not after {seconds} s"
        time.sleep(0.05)


def flush_broker() -> None:
    """Forget every message, as a broker does that comes back empty."""
    with app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()  # type: ignore[attr-defined]
