"""Ports of this machine: whether one is free, and one that stays the same over restarts."""

import os
import socket
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether nobody listens on the loopback port."""
    with socket.socket() as probe:
        # As a server would: a connection that is still closing down does not take the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def remembered_port(file: Path, *, must_be_free: bool = False) -> int:
    """Give the port kept in `file`, choosing and keeping one when there is none that will do."""
    with suppress(FileNotFoundError, ValueError):
        port = int(file.read_text())
        if not must_be_free or is_free(port):
            return port
    port = any_free_port()
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(f"{port}\n")
    fresh.replace(file)
    return port
