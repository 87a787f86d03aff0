import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from storefront.run.__main__ import main
from storefront.run.environment import BASE_DIR
from storefront.run.ports import any_free_port, is_free
from tests.run.processes import eventually, first_number


def test_taken_port_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("storefront.run.__main__.PORT_SECONDS", 0)
    monkeypatch.setenv("ENTREPOT_VAR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert main() == 1
    assert capsys.readouterr().out == (
        f"shop    | Port {port} is taken. "
        f"Choose another one, for example: PORT={port + 1} make run\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["run.lock"]


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_port_that_is_none_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    port: str,
) -> None:
    monkeypatch.setenv("ENTREPOT_VAR", str(tmp_path))
    monkeypatch.setenv("PORT", port)
    assert main() == 1
    assert capsys.readouterr().out == f"shop    | PORT must be a port number, not '{port}'.\n"


def test_second_shop_in_one_state_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENTREPOT_VAR", str(tmp_path))
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main() == 1
    assert f"A shop is running in {tmp_path}." in capsys.readouterr().out


class Shop:
    """A whole shop in a process tree of its own."""

    def __init__(self, state: Path, *, environment: dict[str, str]) -> None:
        self.port = any_free_port()
        self.state = state
        self.process = subprocess.Popen(
            [sys.executable, "-m", "storefront.run"],
            cwd=BASE_DIR,
            env=environment | {"PORT": str(self.port), "ENTREPOT_VAR": str(state)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def is_open(self) -> bool:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "The shop is open." in line:
                return True
        return False

    def health(self) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", "/health/")
            return connection.getresponse().read()
        finally:
            connection.close()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def close(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=60)


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_killed_shop_comes_back_and_a_terminated_one_leaves_nothing(
    state: Path, clean_environment: dict[str, str]
) -> None:
    first = Shop(state, environment=clean_environment)
    try:
        assert first.is_open(), "".join(first.said)
        assert first.health() == b"ok"
        family = first.family()
        postmaster = first_number(state / "postgres" / "postmaster.pid")
    finally:
        first.process.kill()
        first.process.communicate()
    assert eventually(lambda: still_running(family) == [])
    assert eventually(lambda: is_free(first.port))

    second = Shop(state, environment=clean_environment)
    try:
        assert second.is_open(), "".join(second.said)
        assert second.health() == b"ok"
        assert first_number(state / "postgres" / "postmaster.pid") == postmaster
        family = second.family()
    finally:
        second.close()
    assert second.process.returncode == 0
    assert eventually(lambda: still_running(family) == [])
    assert not (state / "postgres" / "postmaster.pid").exists()


def test_manage_finds_and_leaves_the_servers_alone(
    state: Path, clean_environment: dict[str, str]
) -> None:
    result = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "shell",
            "-c",
            "from django.db import connection; connection.ensure_connection(); print('reached')",
        ],
        cwd=BASE_DIR,
        env=clean_environment | {"ENTREPOT_VAR": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout.splitlines()[-1:]) == (0, ["reached"]), result.stderr
    assert not (state / "postgres" / "postmaster.pid").exists()


def test_manage_that_is_terminated_stops_the_servers_it_started(
    state: Path, clean_environment: dict[str, str]
) -> None:
    command = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", "print('up', flush=True); input()"],
        cwd=BASE_DIR,
        env=clean_environment | {"ENTREPOT_VAR": str(state)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    assert any(line == "up\n" for line in command.stdout)
    os.kill(command.pid, signal.SIGTERM)
    command.communicate()
    assert command.returncode == 128 + signal.SIGTERM
    assert not (state / "postgres" / "postmaster.pid").exists()
