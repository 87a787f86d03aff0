import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import requests

from fulfillment.carrier_server.server import DEFAULT_KEY
from tests.fulfillment.carriers.test_server import PARCEL


def start(state: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "fulfillment.carrier_server", "--port", "0", "--state", str(state)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
    assert found is not None
    return process, found[0]


def make(url: str) -> str:
    answer = requests.post(
        f"{url}/v1/postline/labels",
        json=PARCEL,
        headers={"Authorization": f"Bearer {DEFAULT_KEY}", "Idempotency-Key": "k"},
        timeout=10,
    )
    return str(answer.json()["tracking_number"])


def test_command_survives_kill_9_and_stops_on_sigterm(tmp_path: Path) -> None:
    process, url = start(tmp_path)
    with process:
        number = make(url)
        process.kill()

    process, url = start(tmp_path)
    with process:
        assert make(url) == number
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert output.splitlines()[-1] == "simulated carriers stop"


def test_command_refuses_other_addresses(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "fulfillment.carrier_server", "--host", "0.0.0.0", "--port", "0",  # noqa: S104
         "--state", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    assert "invalid choice" in result.stderr


def test_production_refuses_the_simulation() -> None:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")},
        "ENTREPOT_ENV": "production",
        "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
        "ALLOWED_HOSTS": "shop.example",
        "PUBLIC_URL": "https://shop.example",
        "STRIPE_SECRET_KEY": "sk_live_only_for_tests",
        "STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
    }
    for address, code in (("", 0), ("http://127.0.0.1:9", 1)):
        done = subprocess.run(
            [sys.executable, "-c", "import storefront.settings"],
            env={**environment, "SIMULATED_CARRIER_URL": address},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert ("SIMULATED_CARRIER_URL is a simulation" in done.stderr) == bool(code)
