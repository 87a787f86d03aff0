"""The embedded PostgreSQL: made, started, adopted and stopped in `<state>/postgres`."""

import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from storefront.embedded.errors import EmbeddedServerFailed
from storefront.embedded.locations import postgres_programs
from storefront.embedded.processes import recorded_pid, working_in, works_in
from storefront.embedded.server_user import ServerUser

NAME = "entrepot"
START_TRIES = 5
READY_SECONDS = 60
MODEST = {
    "shared_buffers": "64MB",
    "max_connections": "60",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# For throw-away data only: a crash of the machine may leave files that cannot be read again. Tests
# race with hundreds of threads, each on a connection of its own.
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "300",
}


@dataclass(frozen=True)
class Postgres:
    """One embedded PostgreSQL; its methods are called with the turn of the state folder held."""

    state: Path
    sockets: Path
    user: ServerUser
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.state / "postgres"

    @property
    def log(self) -> Path:
        return self.state / "log" / "postgres.log"

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets))}"

    def start(self) -> None:
        """Use the running server, or start one, making its data first where there is none."""
        programs = postgres_programs()
        if not self.data.exists():
            self._initialise(programs)
        self._check_version(programs)
        if not self._accepts() and not (self._pid() and self._becomes_ready()):
            self.stop()  # Alive but out of reach: its socket was swept away with old files.
            self._launch(programs)
        self._make_database()

    def stop(self) -> None:
        """Stop the server and wait for its end; none running is fine."""
        if self._pid():
            pg_ctl = postgres_programs() / "pg_ctl"
            command = (pg_ctl, "stop", "-D", self.data, "-m", "fast", "-w", "-t", "60")
            self.user.run(command, log=self.log)
        self._clear_remains()

    def _initialise(self, programs: Path) -> None:
        # Made beside and renamed when whole: a killed initdb leaves nothing that looks like data.
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        self.user.make_folder(new)
        # With a lc_ctype of C, pg_trgm drops every letter that is not ASCII without a word.
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust"]
        if _major_version(programs) >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = [] if self.durable else ["--no-sync"]
        command = [str(programs / "initdb"), f"--username={NAME}", *locale, *sync, "-D", str(new)]
        self.user.run(command, log=self.log)
        new.rename(self.data)

    def _check_version(self, programs: Path) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        have = _major_version(programs)
        if made_by != have:
            raise EmbeddedServerFailed(
                f"{self.data} was made by PostgreSQL {made_by}, the programs in {programs} are "
                f"{have}. Set ENTREPOT_PG_BIN to the folder of PostgreSQL {made_by}'s programs, "
                "or dump the data with them and start with another ENTREPOT_VAR."
            )

    def _launch(self, programs: Path) -> None:
        settings = MODEST | ({} if self.durable else THROW_AWAY)
        settings |= {"listen_addresses": "''", "unix_socket_directories": f"'{self.sockets}'"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        command = [
            *(str(programs / "pg_ctl"), "start", "-D", str(self.data), "-l", str(self.log)),
            *("-w", "-t", str(READY_SECONDS), "-o", f"-p 5432 {options}"),
        ]
        for attempt in range(1, START_TRIES + 1):
            self._clear_remains()
            try:
                self.user.run(command, log=self.log)
            except EmbeddedServerFailed:
                # A killed server's children may hold its shared memory for a moment longer.
                if attempt == START_TRIES:
                    raise
                time.sleep(1)
            else:
                return

    def _clear_remains(self) -> None:
        """Remove what a killed server left, once nobody works in its data any more."""
        deadline = time.monotonic() + 10
        while working_in(self.data):
            if time.monotonic() > deadline:
                raise EmbeddedServerFailed(
                    f"Processes {working_in(self.data)} of a killed PostgreSQL still work in "
                    f"{self.data}; end them and try again."
                )
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _pid(self) -> int | None:
        pid = recorded_pid(self.data / "postmaster.pid")
        return pid if pid is not None and works_in(pid, self.data) else None

    def _becomes_ready(self) -> bool:
        """Wait for a live server that is still recovering, as long as its socket is there."""
        deadline = time.monotonic() + READY_SECONDS
        while self._pid() and (self.sockets / ".s.PGSQL.5432").exists():
            if self._accepts():
                return True
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        return False

    def _accepts(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        with self._connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if known.fetchone() is None:
                connection.execute(f"CREATE DATABASE {NAME}")

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            port=5432,
            user=NAME,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        )


def _major_version(programs: Path) -> int:
    answer = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"(\d+)", answer.stdout)
    if found is None:
        raise EmbeddedServerFailed(f"{programs}/postgres does not tell its version.")
    return int(found[1])
