"""Embedded PostgreSQL and Valkey of development and tests, from their wheels' programs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from storefront.embedded.errors import EmbeddedServerFailed
from storefront.embedded.postgres import Postgres
from storefront.embedded.server_user import user_of
from storefront.embedded.sharing import join, leave, turn_of, use_of
from storefront.embedded.sockets import socket_folder
from storefront.embedded.valkey import Valkey

__all__ = ["Addresses", "EmbeddedServerFailed", "embedded_servers", "stop_forgotten"]


@dataclass(frozen=True)
class Addresses:
    database_url: str
    redis_url: str


@contextmanager
def embedded_servers(
    var: Path,
    *,
    durable: bool = True,
    database_url: str | None = None,
    redis_url: str | None = None,
) -> Iterator[Addresses]:
    """Use the servers of a state folder, started for the duration where they are not running.

    An address that is given stands for a server of one's own, and none is started for it.
    `durable=False` gives up safety for speed: throw-away data only. Raises EmbeddedServerFailed.
    """
    if database_url and redis_url:
        yield Addresses(database_url=database_url, redis_url=redis_url)
        return
    state = _state_folder(var)
    with use_of(state) as users:
        with turn_of(state):
            postgres, valkey = _servers(state, durable=durable)
            join(users)
            try:
                if not database_url:
                    postgres.start()
                if not redis_url:
                    valkey.start()
            except BaseException:
                _leave_and_stop(users, servers=(valkey, postgres))
                raise
        entered_by = os.getpid()
        try:
            yield Addresses(
                database_url=database_url or postgres.url, redis_url=redis_url or valkey.url
            )
        finally:
            if os.getpid() == entered_by:  # A fork that unwinds must not stop them for us.
                with turn_of(state):
                    _leave_and_stop(users, servers=(valkey, postgres))


def stop_forgotten(var: Path) -> None:
    """Stop the servers that a killed command left running in a state folder nobody uses."""
    if not var.is_dir():
        return
    state = _state_folder(var)
    with use_of(state) as users, turn_of(state):
        postgres, valkey = _servers(state, durable=True)
        _leave_and_stop(users, servers=(valkey, postgres))


def _servers(state: Path, *, durable: bool) -> tuple[Postgres, Valkey]:
    user = user_of(state)
    user.make_folder(state / "log")
    sockets = socket_folder(state, user=user)
    return (
        Postgres(state, sockets=sockets, user=user, durable=durable),
        Valkey(state, sockets=sockets, user=user, durable=durable),
    )


def _leave_and_stop(users: IO[str], *, servers: tuple[Valkey, Postgres]) -> None:
    if not leave(users):
        return
    for server in servers:
        server.stop()
    with suppress(OSError):
        servers[0].sockets.rmdir()


def _state_folder(var: Path) -> Path:
    state = var.resolve()
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedServerFailed(f"The state folder {state} cannot be made: {error}") from error
    if not os.access(state, os.W_OK | os.X_OK):
        raise EmbeddedServerFailed(
            f"The state folder {state} is not yours to write; choose one with ENTREPOT_VAR."
        )
    return state
