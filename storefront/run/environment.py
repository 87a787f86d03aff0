"""The environment variables of a shop on this machine, with what is missing made up for it."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storefront.embedded import embedded_servers
from storefront.run.ports import remembered_port

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SANDBOX_KEY = "sk_test_sandbox"
_REGISTERS = ("VIES_URL", "HMRC_URL", "HMRC_CLIENT_ID", "HMRC_CLIENT_SECRET")


def state_folder() -> Path:
    """Give the folder of everything the shop keeps on this machine: ENTREPOT_VAR, else `var`."""
    return Path(os.environ.get("ENTREPOT_VAR") or BASE_DIR / "var").resolve()


@contextmanager
def shop_environment(state: Path) -> Iterator[dict[str, str]]:
    """Run the embedded servers that are needed and give the variables that are not set yet.

    In production nothing is made up and nothing started: its settings name what is missing.
    Raises EmbeddedServerFailed.
    """
    if os.environ.get("ENTREPOT_ENV") == "production":
        yield {}
        return
    database_url = os.environ.get("DATABASE_URL")
    redis_url = os.environ.get("REDIS_URL")
    with embedded_servers(state, database_url=database_url, redis_url=redis_url) as addresses:
        state.mkdir(parents=True, exist_ok=True)
        made = {
            "ENTREPOT_VAR": str(state),
            "DATABASE_URL": addresses.database_url,
            "REDIS_URL": addresses.redis_url,
            **kept_secrets(state / "secrets"),
        }
        if not (database_url and redis_url):
            made["ENTREPOT_EMBEDDED"] = "1"
        if uses_sandbox():
            made["STRIPE_SECRET_KEY"] = SANDBOX_KEY
            made["STRIPE_API_BASE"] = f"http://127.0.0.1:{remembered_port(state / 'sandbox.port')}"
        if simulates_carriers():
            port = remembered_port(state / "carriers.port")
            made["SIMULATED_CARRIER_URL"] = f"http://127.0.0.1:{port}"
        if uses_register_sandbox():
            address = f"http://127.0.0.1:{remembered_port(state / 'registers.port')}"
            made |= {
                "VIES_URL": f"{address}/vies/check-vat-number",
                "HMRC_URL": address,
                "HMRC_CLIENT_ID": "sandbox",
                "HMRC_CLIENT_SECRET": "sandbox",
            }
        yield {name: value for name, value in made.items() if not os.environ.get(name)}


def uses_sandbox() -> bool:
    """Tell whether payments go to the sandbox: as long as no key of Stripe's is given."""
    return os.environ.get("STRIPE_SECRET_KEY") in {None, "", SANDBOX_KEY}


def simulates_carriers() -> bool:
    """Tell whether the carriers' server is ours to start: not if there is one, or in production."""
    if os.environ.get("ENTREPOT_ENV") == "production":
        return False
    return not os.environ.get("SIMULATED_CARRIER_URL")


def uses_register_sandbox() -> bool:
    """Tell whether VAT ids are checked with the stand-in: beside an embedded server alone.

    Whoever names a register, or "off", has that one.
    """
    is_embedded = not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
    is_production = os.environ.get("ENTREPOT_ENV") == "production"
    return is_embedded and not is_production and not any(map(os.environ.get, _REGISTERS))


def kept_secrets(file: Path) -> dict[str, str]:
    """Read the shop's own secrets, making those that are not there yet; only the owner may."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, mode=0o600)
    with os.fdopen(descriptor, "r+") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        known = dict(line.rstrip("\n").split("=", 1) for line in opened if "=" in line)
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_urlsafe(24)}",
            "SIMULATED_CARRIER_KEY": secrets.token_urlsafe(24),
            "SIMULATED_CARRIER_SECRET": secrets.token_urlsafe(24),
        }
        for name in made.keys() - known.keys():
            known[name] = made[name]
            opened.write(f"{name}={known[name]}\n")
    return known
