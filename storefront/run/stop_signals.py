"""Being asked to stop: Ctrl-C, SIGTERM or a closed terminal set a flag and wake the loop."""

import os
import signal
from types import FrameType, TracebackType
from typing import Self

ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """Counts the requests to stop; `fileno()` becomes readable at any signal, a child's end too."""

    def __init__(self) -> None:
        self.requests = 0

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._former = {number: signal.signal(number, self._count) for number in ASKING}
        self._former[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._reader)
        os.close(self._writer)

    def fileno(self) -> int:
        return self._reader

    def clear(self) -> None:
        """Empty the wake-up pipe, so that the next wait is for the next signal."""
        try:
            os.read(self._reader, 4096)
        except BlockingIOError:
            return

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.requests += 1
