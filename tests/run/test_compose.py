"""The services of docker-compose.yml, started without Docker on the tests' own servers.

Each runs with the very command and the very variables of the file; only addresses differ.
"""

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from storefront.run.environment import BASE_DIR
from storefront.run.parts import QUEUES
from storefront.run.ports import any_free_port
from tests.run.processes import eventually

COMPOSE = (BASE_DIR / "docker-compose.yml").read_text()
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
VALUES = {
    "POSTGRES_PASSWORD": "secret",
    "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "shop.example,www.shop.example",
    "PUBLIC_URL": "https://shop.example",
    "STRIPE_SECRET_KEY": "sk_live_only_for_tests",
    "STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
}


def command_of(service: str) -> list[str]:
    """Read a service's command; each is written as a list on one line, which is JSON."""
    found = re.search(
        rf"^  {service}:\n(?:    .*\n)*?    command: (\[.*\])$", COMPOSE, re.MULTILINE
    )
    assert found is not None, f"{service} has no command"
    words: list[str] = json.loads(found[1])
    return words


def variables() -> dict[str, str]:
    """Read the variables of the shop's services, with the values a person has to give."""
    block = re.search(r"environment: &environment\n((?:    \w+: .*\n)+)", COMPOSE)
    assert block is not None
    lines = [line.strip().split(": ", 1) for line in block[1].splitlines()]
    return {name: _filled_in(text) for name, text in lines}


def _filled_in(text: str) -> str:
    required = re.sub(r"\$\{(\w+):\?\}", lambda found: VALUES[found[1]], text)
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", required)


@pytest.fixture
def environment(clean_environment: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give the services' variables on a database and a broker of this test's own."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = f"compose_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield (
            clean_environment
            | variables()
            | {
                "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
                "REDIS_URL": os.environ["REDIS_URL"],
                "REDIS_DB": str(int(os.environ.get("REDIS_DB", "0")) + 2),
                "ENTREPOT_VAR": str(tmp_path),
                "PYTHONUNBUFFERED": "1",
            }
        )
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def here(command: list[str]) -> list[str]:
    """Run the image's programs with this environment's Python."""
    program, *words = command
    return [sys.executable, *words] if program == "python" else [sys.executable, "-m", *command]


def start(command: list[str], environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        here(command),
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def says(service: "subprocess.Popen[str]", words: str) -> bool:
    assert service.stdout is not None
    return any(words in line for line in service.stdout)


def stop(service: "subprocess.Popen[str]") -> None:
    service.terminate()
    service.communicate(timeout=30)


def test_image_starts_the_web_as_compose_does() -> None:
    found = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found is not None
    assert json.loads(found[1]) == command_of("web")


def test_worker_serves_every_queue() -> None:
    command = command_of("worker")
    assert command[command.index("--queues") + 1] == QUEUES


def test_image_holds_every_room_and_no_address() -> None:
    copied = set(re.findall(r"^COPY (\w+)(?:\.py)? \./", DOCKERFILE, re.MULTILINE))
    rooms = {"catalog", "markets", "orders", "payments", "fulfillment", "storefront"}
    assert copied == rooms | {"manage", "locale"}
    assert re.findall(r"https?://(?!127\.0\.0\.1|shop\.example)\S+", DOCKERFILE + COMPOSE) == []


def test_services_start_with_their_commands_and_variables(
    environment: dict[str, str], tmp_path: Path
) -> None:
    migrated = subprocess.run(
        here(command_of("migrate")),
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr

    port = any_free_port()
    moved = {"0.0.0.0": "127.0.0.1", "8000": str(port)}  # noqa: S104 - the container's address
    web = start([moved.get(word, word) for word in command_of("web")], environment)
    schedule = {"/tmp/beat-schedule": str(tmp_path / "beat")}  # noqa: S108 - the container's own
    beat = start([schedule.get(word, word) for word in command_of("beat")], environment)
    worker = start(command_of("worker"), environment)
    try:
        assert eventually(lambda: health(port) == (200, b"ok"))
        assert eventually(lambda: any(tmp_path.glob("beat*")))  # It keeps its schedule there.
        assert says(worker, " ready.")
    finally:
        for service in (web, beat, worker):
            stop(service)


def health(port: int) -> tuple[int, bytes] | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/", headers={"Host": "shop.example"})
        response = connection.getresponse()
        return response.status, response.read()
    except OSError:
        return None
    finally:
        connection.close()
