"""Simulated carriers of its own for each test, and a shop that knows where they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fulfillment.carrier_server import CarrierServer
from fulfillment.carrier_server.server import DEFAULT_KEY, DEFAULT_SECRET


@pytest.fixture
def carriers(tmp_path: Path, settings: Any) -> Iterator[CarrierServer]:
    with CarrierServer(tmp_path / "carriers", retry_delays=(0, 0, 0)) as server:
        settings.SIMULATED_CARRIER_URL = server.url
        settings.SIMULATED_CARRIER_KEY = DEFAULT_KEY
        settings.SIMULATED_CARRIER_SECRET = DEFAULT_SECRET
        yield server


@pytest.fixture
def impatient(settings: Any) -> None:
    """Wait for answers a fifth of a second."""
    settings.CARRIER_READ_SECONDS = 0.2
