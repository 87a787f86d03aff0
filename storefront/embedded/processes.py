"""Which processes are alive, told by the folder they work in.

A process id alone proves little: after `kill -9` it may be a zombie's or, after a restart of the
machine, a stranger's. Both servers make their data folder their working directory, and so do
their children.
"""

import os
from pathlib import Path

PROC = Path("/proc")


def works_in(pid: int, folder: Path) -> bool:
    """Tell whether the process is alive and has `folder` as its working directory."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if not (PROC / "self").exists():
        return True  # No /proc on this system: the id has to do.
    try:
        return os.path.samefile(PROC / str(pid) / "cwd", folder)
    except OSError:
        return False  # Gone meanwhile, a zombie, or a stranger's.


def working_in(folder: Path) -> list[int]:
    """List the live processes whose working directory is `folder` (none without /proc)."""
    if not (PROC / "self").exists():
        return []
    return [
        int(entry.name)
        for entry in PROC.iterdir()
        if entry.name.isdigit() and works_in(int(entry.name), folder)
    ]


def recorded_pid(file: Path) -> int | None:
    """Read the process id in a pid file's first line; None when there is none."""
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
