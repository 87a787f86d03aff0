"""Ends every part's processes when the supervisor is killed and cannot do it itself.

The kernel can kill a child with its parent (`die_with_parent`), but not the children's children.
So a shell of its own session reads the parts' process groups from a pipe. When the pipe closes
without a word of farewell, the supervisor is gone, and the shell kills the groups.
"""

import ctypes
import signal
import subprocess
import sys
from contextlib import suppress

PR_SET_PDEATHSIG = 1
SCRIPT = """
while read -r word; do
    [ "$word" = done ] && exit 0
    groups="$groups $word"
done
for group in $groups; do kill -s KILL -- "-$group"; done
"""
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Have the kernel kill the calling process when its parent dies (Linux only)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Guard:
    """Knows the process groups to kill if this process dies."""

    def __init__(self) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        self._tell(str(group))

    def dismiss(self) -> None:
        """Let the guard go: every part has been stopped."""
        self._tell("done")
        with suppress(BrokenPipeError):
            self._shell.communicate()

    def _tell(self, word: str) -> None:
        with suppress(BrokenPipeError):
            if self._shell.stdin is not None:
                self._shell.stdin.write(f"{word}\n".encode())
                self._shell.stdin.flush()
