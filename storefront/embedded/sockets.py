"""A short folder for Unix sockets: their paths may have 107 bytes, a state folder's may have more.

Its name follows from the state folder, so every command finds the servers of that folder.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from storefront.embedded.errors import EmbeddedServerFailed
from storefront.embedded.server_user import ServerUser


def socket_folder(state: Path, *, user: ServerUser) -> Path:
    """Make or find the folder of the state folder's sockets, closed to other users."""
    # Not TMPDIR first: two commands with different ones must meet at the same servers.
    root = Path("/tmp")  # noqa: S108 - the folder below is made 0700 and its owner is checked
    if not os.access(root, os.W_OK | os.X_OK):
        root = Path(tempfile.gettempdir())
    name = hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:12]
    folder = root / f"entrepot-{name}"
    user.make_folder(folder)
    owner = folder.lstat()
    ours = {os.geteuid(), user.uid if user.uid is not None else os.geteuid()}
    if folder.is_symlink() or owner.st_uid not in ours or owner.st_mode & 0o077:
        raise EmbeddedServerFailed(
            f"{folder} belongs to somebody else or is open to others; remove it and try again."
        )
    return folder
