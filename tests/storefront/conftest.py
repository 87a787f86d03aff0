from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from payments.sandbox import SandboxServer


@pytest.fixture
def sandbox(tmp_path: Path, settings: Any) -> Iterator[SandboxServer]:
    """A payment gateway on the other end of a real wire, with webhooks left to the test."""
    with SandboxServer(tmp_path / "sandbox") as server:
        settings.STRIPE_API_BASE = server.url
        yield server
