"""Starts the parts, prints what they say, and stops all of them when one ends or it is asked to.

One thread and one loop: nothing here may block longer than a glance.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from storefront.run.guard import Guard, die_with_parent
from storefront.run.parts import Part
from storefront.run.printer import Printer
from storefront.run.stop_signals import StopSignals


class StopRequested(Exception):
    """The person at the terminal or the system asked the shop to stop."""


class PartEnded(Exception):
    """A part that should run on has ended, or one that prepares the others has failed."""


@dataclass
class Running:
    part: Part
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    rest: bytes = b""


class Supervisor:
    """Runs parts; leaving its `with` block stops them all."""

    def __init__(
        self,
        *,
        signals: StopSignals,
        printer: Printer,
        environment: Mapping[str, str],
        folder: Path,
        grace_seconds: float = 10,
    ) -> None:
        self._signals = signals
        self._printer = printer
        self._environment = dict(environment) | {"PYTHONUNBUFFERED": "1"}
        self._folder = folder
        self._grace_seconds = grace_seconds
        self._running: list[Running] = []
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        self._guard = Guard()
        self._selector.register(self._signals, selectors.EVENT_READ)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_all()
        self._guard.dismiss()
        self._selector.close()

    def start(self, part: Part) -> None:
        """Start a part that is to run until the shop stops."""
        self._running.append(self._launch(part))

    def run_to_end(self, part: Part) -> None:
        """Run a part that prepares the others. Raises PartEnded when it fails."""
        running = self._launch(part)
        self._running.append(running)
        while running.process.poll() is None:
            self._turn(passing=running)
        self._drain(running)
        self._forget(running)
        if running.process.returncode:
            raise PartEnded(_how_it_ended(running))

    def wait_until(self, condition: Callable[[], bool], *, timeout_seconds: float) -> bool:
        """Watch the parts until the condition holds; False when it does not hold in time."""
        deadline = time.monotonic() + timeout_seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._turn(timeout=0.1)
        return True

    def watch(self) -> None:
        """Watch the parts for ever: only StopRequested and PartEnded leave this."""
        while True:
            self._turn()

    def _launch(self, part: Part) -> Running:
        process = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for us; each part is then stopped in its own way.
            preexec_fn=die_with_parent,  # Safe: this process has one thread.
        )
        self._guard.watch(process.pid)
        output = process.stdout
        assert output is not None  # noqa: S101 - for the type checker: it is a pipe
        os.set_blocking(output.fileno(), False)
        running = Running(part, process=process, output=output)
        self._selector.register(output, selectors.EVENT_READ, running)
        return running

    def _turn(self, *, timeout: float | None = None, passing: Running | None = None) -> None:
        """Pass on what was said since, then look whether something is to be done about it."""
        self._listen(timeout)
        if self._signals.requests:
            raise StopRequested
        for running in self._running:
            if running is not passing and running.process.poll() is not None:
                self._drain(running)
                raise PartEnded(_how_it_ended(running))

    def _listen(self, timeout: float | None) -> None:
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, Running):
                self._drain(key.data)
            else:
                self._signals.clear()

    def _drain(self, running: Running) -> None:
        """Print the whole lines a part has written so far."""
        if running.output.closed:
            return
        chunk = running.output.read(65536)
        while chunk:
            *lines, running.rest = (running.rest + chunk).split(b"\n")
            self._printer.lines(running.part.name, lines)
            chunk = running.output.read(65536)
        if chunk == b"":  # The end; None would say that there is no more for now.
            self._close(running)

    def _close(self, running: Running) -> None:
        if running.output.closed:
            return
        if running.rest:
            self._printer.lines(running.part.name, [running.rest])
        self._selector.unregister(running.output)
        running.output.close()

    def _forget(self, running: Running) -> None:
        self._close(running)
        self._running.remove(running)

    def _stop_all(self) -> None:
        # The leader alone is told: a worker's children have to finish their task before they end.
        for running in self._running:
            with suppress(ProcessLookupError):
                running.process.terminate()
        asked = self._signals.requests
        deadline = time.monotonic() + self._grace_seconds
        while any(running.process.poll() is None for running in self._running):
            left = deadline - time.monotonic()
            if left <= 0 or self._signals.requests > max(asked, 1):
                break  # Out of patience, or told so a second time.
            self._listen(left)
        for running in self._running:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()
            self._drain(running)
            self._close(running)
        self._running.clear()


def _how_it_ended(running: Running) -> str:
    code = running.process.returncode
    if code < 0:
        return f"{running.part.name} was killed by {signal.Signals(-code).name}"
    return f"{running.part.name} ended with code {code}"
