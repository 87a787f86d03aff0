"""The embedded Valkey: started, adopted and stopped in `<state>/valkey`."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from storefront.embedded.errors import EmbeddedServerFailed
from storefront.embedded.locations import valkey_program
from storefront.embedded.processes import recorded_pid, works_in
from storefront.embedded.server_user import ServerUser

READY_SECONDS = 20


@dataclass(frozen=True)
class Valkey:
    """One embedded Valkey; its methods are called with the turn of the state folder held."""

    state: Path
    sockets: Path
    user: ServerUser
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.state / "valkey"

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Use the running server, or start one."""
        if self._accepts():
            return
        self.stop()  # Alive but out of reach: its socket was swept away with old files.
        self.user.make_folder(self.data)
        log = self.state / "log" / "valkey.log"
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self.data / "valkey.pid"),
            "logfile": str(log),
            "daemonize": "yes",
            "databases": "64",
            "appendonly": "no",
            # Only what has an expiry, the cache, may be dropped when memory is short: never a task.
            "maxmemory": "128mb",
            "maxmemory-policy": "volatile-lru",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        saving = ("--save", "60", "1") if self.durable else ("--save", "")
        self.user.run((valkey_program(), *words, *saving), log=log)
        deadline = time.monotonic() + READY_SECONDS
        while not self._accepts():
            if time.monotonic() > deadline:
                raise EmbeddedServerFailed(f"Valkey does not answer at {self.socket}; see {log}.")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server, which saves first, and wait for its end; none running is fine."""
        pid = recorded_pid(self.data / "valkey.pid")
        if pid is not None and works_in(pid, self.data):
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + READY_SECONDS
            while works_in(pid, self.data):
                if time.monotonic() > deadline:
                    raise EmbeddedServerFailed(f"Valkey (process {pid}) does not stop.")
                time.sleep(0.02)
        self.socket.unlink(missing_ok=True)

    def _accepts(self) -> bool:
        # The client's own retries would spend seconds on a server that is not there.
        once = Retry(NoBackoff(), retries=0)
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5, retry=once)
        try:
            return bool(client.ping())
        except redis.exceptions.ConnectionError:  # Still loading its data is one of these.
            return False
        finally:
            client.close()
