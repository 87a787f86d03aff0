"""Watching real processes from tests: each wait is for a fact, with a limit."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil

PATIENCE_SECONDS = 60


def eventually(condition: Callable[[], bool]) -> bool:
    """Look until the condition holds; False when it does not in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def first_number(file: Path) -> int:
    """Wait for a file whose first line is a number, such as a pid file, and read it."""

    def read() -> int | None:
        try:
            return int(file.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    assert eventually(lambda: read() is not None), f"{file} was not written"
    number = read()
    assert number is not None
    return number
