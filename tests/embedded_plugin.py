"""Gives the tests a PostgreSQL and a Valkey of their own before pytest-django reads the settings.

The controlling process starts them and xdist's workers find their addresses in the environment.
DATABASE_URL and REDIS_URL, where they are set, replace them.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storefront.embedded import embedded_servers, stop_forgotten
from storefront.run.messages import compile_messages

PREFIX = "entrepot-tests-"
# Broker, cache, and two for a test that wants a broker of its own.
DATABASES_PER_WORKER = 4
# What a person has set for a shop of theirs must not reach the tests.
NOT_FOR_TESTS = (
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEBUG", "DEFAULT_FROM_EMAIL", "LOG_LEVEL", "PORT"),
    *("PUBLIC_URL", "SECRET_KEY", "STRIPE_ACCOUNT_COUNTRY", "STRIPE_SECRET_KEY"),
    *("STRIPE_WEBHOOK_SECRET", "HMRC_CLIENT_ID", "HMRC_CLIENT_SECRET", "HMRC_URL", "VIES_URL"),
    *("TAX_ID_MAX_SECONDS", "TAX_PROVIDER", "CARRIER_CONNECT_SECONDS", "CARRIER_READ_SECONDS"),
    *("SIMULATED_CARRIER_KEY", "SIMULATED_CARRIER_SECRET", "SIMULATED_CARRIER_URL"),
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _prepare(early_config)
    else:
        number = int(worker.removeprefix("gw"))
        os.environ["REDIS_DB"] = str(number * DATABASES_PER_WORKER)
        os.environ["ENTREPOT_VAR"] = str(Path(os.environ["ENTREPOT_VAR"]) / worker)
    Path(os.environ["ENTREPOT_VAR"]).mkdir(parents=True, exist_ok=True)
    return (yield)


def _prepare(config: pytest.Config) -> None:
    for name in NOT_FOR_TESTS:
        os.environ.pop(name, None)
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_if_forgotten(left)
    cleanup = ExitStack()
    config.add_cleanup(cleanup.close)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    # PostgreSQL may have to run as another user, who must be able to pass.
    folder.chmod(0o711)
    in_use = cleanup.enter_context((folder / "in-use").open("w"))
    fcntl.flock(in_use, fcntl.LOCK_SH)
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    addresses = cleanup.enter_context(
        embedded_servers(
            folder / "servers",
            durable=False,
            database_url=os.environ.get("DATABASE_URL"),
            redis_url=os.environ.get("REDIS_URL"),
        )
    )
    os.environ |= {
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        "ENTREPOT_ENV": "test",
        "ENTREPOT_VAR": str(folder / "var"),
        # Nobody listens there: a test without a gateway of its own fails at once, and offline.
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        # Playwright runs a loop in the test's thread, and Django takes that for asynchronous code.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
    compile_messages()


def _remove_if_forgotten(folder: Path) -> None:
    """Clear up after a test run that was killed: its servers run on and its folder is there."""
    try:
        with (folder / "in-use").open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stop_forgotten(folder / "servers")
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # In use, being made or removed at this moment, or somebody else's.
