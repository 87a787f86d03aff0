from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import stripe


def _start(state: Path) -> tuple[subprocess.Popen[str], stripe.StripeClient]:
    process = subprocess.Popen(
        [sys.executable, "-m", "payments.sandbox", "--port", "0", "--state", str(state)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
    assert found is not None
    return process, stripe.StripeClient("sk_test_x", base_addresses={"api": found[0]})


def test_command_survives_kill_9_and_stops_on_sigterm(tmp_path: Path) -> None:
    process, client = _start(tmp_path)
    with process:
        intent = client.v1.payment_intents.create({"amount": 1_000, "currency": "eur"})
        process.kill()

    process, client = _start(tmp_path)
    with process:
        assert client.v1.payment_intents.retrieve(intent.id).amount == 1_000
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert output.splitlines()[-1] == "payment sandbox stops"


def test_command_refuses_other_addresses(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "payments.sandbox", "--host", "0.0.0.0", "--port", "0",  # noqa: S104
         "--state", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert result.returncode == 2
    assert "invalid choice" in result.stderr


def test_sandbox_imports_neither_django_nor_the_sdk() -> None:
    code = (
        "import sys, payments.sandbox.__main__; "
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'django', 'stripe', 'requests', 'markets', 'orders', 'catalog', 'storefront'}))"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
