"""Who the servers run as: PostgreSQL refuses to run as root.

As root they run inside a user namespace in which root's own id is an ordinary one, so files stay
root's and nothing below a closed home folder has to be opened. Where namespaces are forbidden
(many containers) they run as nobody. A state folder that belongs to somebody is used as them.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storefront.embedded.errors import EmbeddedServerFailed

NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class ServerUser:
    """How to start a program as the user the servers run as."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def run(self, command: Sequence[str | Path], *, log: Path) -> None:
        """Run a program to its end with its output appended to `log`.

        Raises EmbeddedServerFailed with the end of the log when it fails.
        """
        with log.open("ab") as output:
            if self.uid is not None and self.gid is not None:
                os.fchown(output.fileno(), self.uid, self.gid)  # The server itself writes to it.
            try:
                result = subprocess.run(
                    [*self.prefix, *map(str, command)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=log.parent,
                    env=_environment(),
                    user=self.uid,
                    group=self.gid,
                    extra_groups=None if self.uid is None else [],
                    start_new_session=True,
                    check=False,
                )
            except OSError as error:
                raise EmbeddedServerFailed(
                    f"{command[0]} does not start: {error}. {self._hint(log)}"
                ) from error
        if result.returncode:
            raise EmbeddedServerFailed(
                f"{Path(command[0]).name} failed ({result.returncode}). {self._hint(log)}"
                f"{log} ends with:\n"
                + "\n".join(log.read_text(errors="replace").splitlines()[-12:])
            )

    def _hint(self, log: Path) -> str:
        if self.uid is None:
            return ""
        return (
            f"It runs as {pwd.getpwuid(self.uid).pw_name}, who must be able to reach it and "
            f"{log.parent.parent}; choose another folder with ENTREPOT_VAR. "
        )

    def make_folder(self, folder: Path) -> None:
        """Make a folder that only the servers' user may open, and that they own."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def user_of(state: Path) -> ServerUser:
    """Choose who runs the servers of the state folder."""
    if os.geteuid() != 0:
        return ServerUser()
    # Data that is there already decides: PostgreSQL runs as the owner of its data or not at all.
    data = state / "postgres"
    owner = (data if data.exists() else state).stat()
    if owner.st_uid != 0:
        return ServerUser(uid=owner.st_uid, gid=owner.st_gid)
    if namespaces_work():
        return ServerUser(prefix=NAMESPACE)
    nobody = pwd.getpwnam("nobody")
    return ServerUser(uid=nobody.pw_uid, gid=nobody.pw_gid)


def namespaces_work() -> bool:
    """Tell whether root may make a user namespace here."""
    if shutil.which(NAMESPACE[0]) is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def _environment() -> dict[str, str]:
    """Keep the caller's PG* and locale variables from changing a server of ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
