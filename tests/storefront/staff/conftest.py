from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from payments.sandbox import SandboxServer
from tests.storefront.staff.people import log_in, make_merchant, make_packer


@pytest.fixture
def sandbox(tmp_path: Path, settings: Any) -> Iterator[SandboxServer]:
    """A payment gateway on the other end of a real wire."""
    with SandboxServer(tmp_path / "sandbox") as server:
        settings.STRIPE_API_BASE = server.url
        yield server


@pytest.fixture
def packer(db: None) -> Client:
    return log_in(make_packer())


@pytest.fixture
def merchant(db: None) -> Client:
    return log_in(make_merchant())
