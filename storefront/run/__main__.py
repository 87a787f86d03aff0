"""Start the shop: embedded servers, web, worker with beat, sandboxes. Ctrl-C stops it."""

import fcntl
import http.client
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storefront.embedded import EmbeddedServerFailed
from storefront.run import parts
from storefront.run.environment import (
    BASE_DIR,
    shop_environment,
    simulates_carriers,
    state_folder,
    uses_register_sandbox,
    uses_sandbox,
)
from storefront.run.ports import LOOPBACK, is_free, remembered_port
from storefront.run.printer import Printer
from storefront.run.stop_signals import StopSignals
from storefront.run.supervisor import PartEnded, StopRequested, Supervisor
from storefront.run.welcome import StandIns, welcome

READY_SECONDS = 60
# The port of a run that was killed is let go by its guard a moment later.
PORT_SECONDS = 3


class CannotStart(Exception):
    """The shop cannot be started here and now; the message says why."""


def main() -> int:
    printer = Printer(sys.stdout)
    try:
        with StopSignals() as signals, _only_one_in(state_folder()) as state:
            _run(state, port=_free_port(), signals=signals, printer=printer)
    except StopRequested:
        printer.say("stopped; everything ordered is still there next time")
        return 0
    except PartEnded as error:
        printer.say(f"{error}; everything else was stopped")
    except (CannotStart, EmbeddedServerFailed) as error:
        printer.say(str(error))
    return 1


def _run(state: Path, *, port: int, signals: StopSignals, printer: Printer) -> None:
    printer.say(f"starting in {state}")
    if uses_sandbox():
        remembered_port(state / "sandbox.port", must_be_free=True)
    if simulates_carriers():
        remembered_port(state / "carriers.port", must_be_free=True)
    if uses_register_sandbox():
        remembered_port(state / "registers.port", must_be_free=True)
    with shop_environment(state) as made:
        environment = os.environ | made | {"PORT": str(port)}
        with Supervisor(
            signals=signals, printer=printer, environment=environment, folder=BASE_DIR
        ) as supervisor:
            sandbox_address = environment.get("STRIPE_API_BASE") if uses_sandbox() else None
            if sandbox_address:
                supervisor.start(
                    parts.sandbox(
                        address=sandbox_address,
                        state=state,
                        port=port,
                        secret=environment["STRIPE_WEBHOOK_SECRET"],
                    )
                )
            carriers_address = (
                environment.get("SIMULATED_CARRIER_URL") if simulates_carriers() else None
            )
            if carriers_address:
                supervisor.start(
                    parts.carriers(
                        address=carriers_address,
                        state=state,
                        port=port,
                        key=environment["SIMULATED_CARRIER_KEY"],
                        secret=environment["SIMULATED_CARRIER_SECRET"],
                    )
                )
            registers_address = environment["HMRC_URL"] if uses_register_sandbox() else None
            if registers_address:
                supervisor.start(parts.registers(address=registers_address))
            supervisor.run_to_end(parts.setup())
            supervisor.start(parts.web(port=port))
            supervisor.start(parts.worker(state=state))
            ready = supervisor.wait_until(_answers(port), timeout_seconds=READY_SECONDS)
            stand_ins = StandIns(sandbox_address, carriers_address, registers_address)
            printer.say(welcome(port=port, stand_ins=stand_ins, ready=ready))
            supervisor.watch()


def _free_port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise CannotStart(f"PORT must be a port number, not {given!r}.")
    port = int(given)
    deadline = time.monotonic() + PORT_SECONDS
    while not is_free(port):
        if time.monotonic() > deadline:
            raise CannotStart(
                f"Port {port} is taken. Choose another one, for example: PORT={port + 1} make run"
            )
        time.sleep(0.1)
    return port


@contextmanager
def _only_one_in(state: Path) -> Iterator[Path]:
    """Hold the state folder: a second beat over the same data would do everything twice."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        file = (state / "run.lock").open("a")
    except OSError as error:
        raise CannotStart(f"The state folder {state} cannot be used: {error}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"A shop is running in {state}. Stop it, or choose another folder: "
                "ENTREPOT_VAR=/some/folder make run"
            ) from None
        yield state


def _answers(port: int) -> Callable[[], bool]:
    def answers() -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return answers


if __name__ == "__main__":
    sys.exit(main())
