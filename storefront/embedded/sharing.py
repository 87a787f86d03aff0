"""How several commands share the servers of one state folder.

Every command holds a shared lock on `embedded.users` while it uses them; the last one out, who can
turn its lock into an exclusive one, stops them. Starting and stopping happen under `embedded.lock`.
The kernel drops the locks of a killed command; its servers are then found running and adopted.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

TURN = "embedded.lock"
USERS = "embedded.users"


@contextmanager
def turn_of(state: Path) -> Iterator[None]:
    """Wait for, then hold, the right to start or stop the servers of the state folder."""
    with (state / TURN).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def use_of(state: Path) -> Iterator[IO[str]]:
    """Open the file that counts the users of the servers; closing it ends the use."""
    with (state / USERS).open("a") as file:
        yield file


def join(users: IO[str]) -> None:
    """Count this command among the users."""
    fcntl.flock(users, fcntl.LOCK_SH)


def leave(users: IO[str]) -> bool:
    """Stop counting this command; tell whether it was the last user. Hold the turn."""
    # Unlocked first: a fork of this process has the same lock and must not keep it for us.
    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
