"""A real web server on this test's database: several processes of several threads each."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from django.conf import settings
from django.db import connection

from storefront.run.ports import LOOPBACK, any_free_port
from tests.run.processes import eventually

WORKERS = 2
THREADS = 8


@dataclass(frozen=True)
class Served:
    """One request that was served; times are of the machine's monotonic clock."""

    began: float
    ended: float
    status: int
    method: str
    path: str


@dataclass(frozen=True)
class WebServer:
    url: str
    folder: Path

    def served(self) -> list[Served]:
        rows = (line.split(" ", 4) for line in _notes(self.folder).read_text().splitlines())
        return [
            Served(float(began), float(ended), int(status), method, path)
            for began, ended, status, method, path in rows
        ]

    def log(self) -> str:
        """Give the end of what the server said: a request that broke is in it."""
        return _log(self.folder).read_text()[-8_000:]


def most_in_flight(served: Iterable[Served]) -> int:
    """Count the requests that the server was at in the moment when it was at most of them."""
    steps = sorted(step for request in served for step in ((request.began, 1), (request.ended, -1)))
    most = now = 0
    for _at, change in steps:
        now += change
        most = max(most, now)
    return most


@contextmanager
def open_web_server(folder: Path) -> Iterator[WebServer]:
    """Serve the shop on a free port until the block ends. Make its goods before it."""
    port = any_free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", LOOPBACK, "--port", str(port), "--log-level", "warning"),
        *("--workers", str(WORKERS), "--blocking-threads", str(THREADS)),
        "tests.storefront.gauged_wsgi:application",
    ]
    with _log(folder).open("wb") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **_environment(folder)},
            cwd=settings.BASE_DIR,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    server = WebServer(f"http://{LOOPBACK}:{port}", folder)
    try:
        assert eventually(lambda: process.poll() is not None or _answers(server)), server.log()
        assert process.poll() is None, server.log()
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)


def database_address() -> str:
    """Give the address of this test's database for programs of their own."""
    database = connection.settings_dict
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"


def _environment(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": database_address(),
        "DJANGO_SETTINGS_MODULE": "storefront.settings",
        "REQUEST_NOTES": str(_notes(folder)),
    }


def _answers(server: WebServer) -> bool:
    try:
        return requests.get(f"{server.url}/health/", timeout=10).ok
    except requests.ConnectionError:
        return False


def _notes(folder: Path) -> Path:
    return folder / "requests"


def _log(folder: Path) -> Path:
    return folder / "log"
