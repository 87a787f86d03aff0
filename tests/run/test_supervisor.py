import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storefront.run.environment import BASE_DIR
from storefront.run.parts import Part
from storefront.run.printer import Printer
from storefront.run.stop_signals import StopSignals
from storefront.run.supervisor import PartEnded, StopRequested, Supervisor
from tests.run.processes import eventually, first_number, is_alive

# A part with a child of its own, as a worker has; both ids are written when both run.
FAMILY = """
import os, pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
file = pathlib.Path(sys.argv[1])
file.with_suffix(".new").write_text(f"{os.getpid()}\\n{child.pid}\\n")
file.with_suffix(".new").rename(file)
print("family is up")
child.wait()
"""
DEAF = """
import signal, sys, pathlib
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text("1\\n")
while True:
    signal.pause()
"""
# A supervisor of its own process, for what kills or signals the supervisor.
TREE = """
import os, pathlib, sys
from storefront.run.parts import Part
from storefront.run.printer import Printer
from storefront.run.stop_signals import StopSignals
from storefront.run.supervisor import StopRequested, Supervisor
with StopSignals() as signals:
    try:
        with Supervisor(
            signals=signals, printer=Printer(sys.stdout), environment=os.environ,
            folder=pathlib.Path("."),
        ) as supervisor:
            supervisor.start(Part("family", (sys.executable, "-c", sys.argv[1], sys.argv[2])))
            supervisor.watch()
    except StopRequested:
        print("asked to stop")
"""


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def signals() -> Iterator[StopSignals]:
    with StopSignals() as signals:
        yield signals


@pytest.fixture
def supervisor(signals: StopSignals, output: io.StringIO, tmp_path: Path) -> Supervisor:
    return Supervisor(
        signals=signals, printer=Printer(output), environment=os.environ, folder=tmp_path
    )


def python(name: str, code: str, *words: object) -> Part:
    return Part(name, (sys.executable, "-c", code, *map(str, words)))


def family_of(file: Path) -> tuple[int, int]:
    first_number(file)
    parent, child = map(int, file.read_text().split())
    return parent, child


def all_gone(family: tuple[int, int]) -> bool:
    return eventually(lambda: not any(is_alive(pid) for pid in family))


def test_end_of_one_part_stops_the_others_and_their_children(
    supervisor: Supervisor, output: io.StringIO, tmp_path: Path
) -> None:
    with pytest.raises(PartEnded, match="web ended with code 3"), supervisor:
        supervisor.start(python("worker", FAMILY, tmp_path / "family"))
        family = family_of(tmp_path / "family")
        supervisor.start(python("web", "import sys; print('no luck'); sys.exit(3)"))
        supervisor.watch()

    assert all_gone(family)
    assert output.getvalue() == "worker  | family is up\nweb     | no luck\n"


def test_killed_part_is_named_with_its_signal(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(PartEnded, match="worker was killed by SIGKILL"), supervisor:
        supervisor.start(python("worker", FAMILY, tmp_path / "family"))
        os.kill(family_of(tmp_path / "family")[0], signal.SIGKILL)
        supervisor.watch()


def test_preparation_runs_to_its_end_and_its_failure_stops_everything(
    supervisor: Supervisor, output: io.StringIO, tmp_path: Path
) -> None:
    with pytest.raises(PartEnded, match="setup ended with code 1"), supervisor:
        supervisor.start(python("sandbox", FAMILY, tmp_path / "family"))
        family = family_of(tmp_path / "family")
        supervisor.run_to_end(python("setup", "print('half a line', end='')"))
        assert output.getvalue().endswith("setup   | half a line\n")
        supervisor.run_to_end(python("setup", "raise SystemExit(1)"))

    assert all_gone(family)


def test_crash_during_preparation_is_noticed(supervisor: Supervisor) -> None:
    with pytest.raises(PartEnded, match="sandbox ended with code 5"), supervisor:
        supervisor.start(python("sandbox", "raise SystemExit(5)"))
        supervisor.run_to_end(python("setup", "import signal; signal.pause()"))


def test_part_that_does_not_hear_is_killed_after_its_grace(
    signals: StopSignals, output: io.StringIO, tmp_path: Path
) -> None:
    supervisor = Supervisor(
        signals=signals,
        printer=Printer(output),
        environment=os.environ,
        folder=tmp_path,
        grace_seconds=0.2,
    )
    with supervisor:
        supervisor.start(python("deaf", DEAF, tmp_path / "deaf"))
        first_number(tmp_path / "deaf")
    assert not signals.requests


def test_waiting_gives_up_in_time(supervisor: Supervisor) -> None:
    with supervisor:
        supervisor.start(python("web", "import signal; signal.pause()"))
        assert supervisor.wait_until(lambda: True, timeout_seconds=5)
        assert not supervisor.wait_until(lambda: False, timeout_seconds=0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_asks_to_stop(supervisor: Supervisor, number: signal.Signals) -> None:
    with pytest.raises(StopRequested), supervisor:
        supervisor.start(python("web", "import signal; signal.pause()"))
        os.kill(os.getpid(), number)
        supervisor.watch()


def start_tree(file: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", TREE, FAMILY, str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=BASE_DIR,
    )


def test_terminated_tree_leaves_nothing_behind(tmp_path: Path) -> None:
    tree = start_tree(tmp_path / "family")
    family = family_of(tmp_path / "family")
    tree.terminate()
    said, _ = tree.communicate()

    assert (tree.returncode, said) == (0, "family  | family is up\nasked to stop\n")
    assert all_gone(family)


def test_killed_supervisor_takes_children_and_grandchildren_with_it(tmp_path: Path) -> None:
    tree = start_tree(tmp_path / "family")
    family = family_of(tmp_path / "family")
    tree.kill()
    tree.communicate()

    assert all_gone(family)
