"""A sandbox of its own for each test, the official SDK to talk to it and an ear for its events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from payments.sandbox import SandboxServer
from tests.payments.sandbox.support import Clock, Customer, Receiver, connect


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[SandboxServer]:
    with SandboxServer(tmp_path, clock=clock, retry_delays=(0, 0, 0)) as server:
        yield server


@pytest.fixture
def client(sandbox: SandboxServer) -> stripe.StripeClient:
    return connect(sandbox)


@pytest.fixture
def customer(sandbox: SandboxServer) -> Customer:
    return Customer(sandbox.url)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
