from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import stripe

from payments.sandbox import SandboxServer
from payments.sandbox.webhooks import signature_header
from tests.payments.sandbox.support import SECRET, Receiver, connect

PARAMS: Any = {"amount": 1_000, "currency": "eur", "metadata": {"name": "東京"}}


def test_signature_matches_the_published_vector() -> None:
    header = signature_header(
        '{"id":"evt_1","object":"event"}', secret=SECRET, timestamp=1_700_000_000
    )

    assert header == (
        "t=1700000000,v1=0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd"
    )


def test_event_is_signed_for_the_sdk(tmp_path: Path, receiver: Receiver) -> None:
    with SandboxServer(tmp_path, webhook_url=receiver.url, webhook_secret=SECRET) as server:
        intent = connect(server).v1.payment_intents.create(PARAMS, {"idempotency_key": "order:1"})
        delivery = receiver.next()

    event = stripe.Webhook.construct_event(delivery.body, delivery.signature, SECRET)
    assert (event.type, event.data.object["id"]) == ("payment_intent.created", intent.id)
    assert event.request is not None
    assert event.request.idempotency_key == "order:1"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(delivery.body + b" ", delivery.signature, SECRET)


def test_event_is_sent_again_after_an_error(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    with SandboxServer(tmp_path, webhook_url=receiver.url, retry_delays=(0, 0)) as server:
        connect(server).v1.payment_intents.create(PARAMS)
        bodies = [receiver.next().body for _ in range(3)]

    assert bodies[0] == bodies[1] == bodies[2]
    assert receiver.deliveries.empty()


def test_event_is_given_up_after_the_last_delay(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [500, 500]
    with SandboxServer(tmp_path, webhook_url=receiver.url, retry_delays=(0,)) as server:
        client = connect(server)
        first = client.v1.payment_intents.create(PARAMS)
        refused = [json.loads(receiver.next().body)["data"]["object"]["id"] for _ in range(2)]
        second = client.v1.payment_intents.create(PARAMS)
        heard = json.loads(receiver.next().body)["data"]["object"]["id"]

    assert (refused, heard) == ([first.id, first.id], second.id)


def test_undelivered_event_survives_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with SandboxServer(tmp_path, webhook_url=nowhere, retry_delays=(0,) * 10_000) as server:
            intent = connect(server).v1.payment_intents.create(PARAMS)

    with SandboxServer(tmp_path, webhook_url=receiver.url):
        event = json.loads(receiver.next().body)

    assert event["data"]["object"]["id"] == intent.id


def test_event_is_redelivered_on_demand(tmp_path: Path, receiver: Receiver) -> None:
    with SandboxServer(tmp_path) as server:
        connect(server).v1.payment_intents.create(PARAMS)
        server.webhook_url = receiver.url
        [event] = server.events()
        for _ in range(2):
            server.redeliver(event["id"])
            assert json.loads(receiver.next().body)["id"] == event["id"]


def test_state_and_idempotency_survive_a_restart(tmp_path: Path) -> None:
    with SandboxServer(tmp_path) as server:
        intent = connect(server).v1.payment_intents.create(PARAMS, {"idempotency_key": "k"})
    with SandboxServer(tmp_path) as server:
        client = connect(server)
        again = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k"})

        assert client.v1.payment_intents.retrieve(intent.id).metadata["name"] == "東京"
        assert again.id == intent.id
