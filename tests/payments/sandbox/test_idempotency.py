from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import pytest
import stripe

from payments.sandbox import SandboxServer
from tests.payments.sandbox.support import connect

PARAMS: Any = {"amount": 1_000, "currency": "eur"}


def test_same_key_and_parameters_give_the_same_answer(client: stripe.StripeClient) -> None:
    first = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "order:1"})
    second = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "order:1"})

    assert first.id == second.id
    assert first.last_response is not None
    assert second.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(client.v1.payment_intents.list().data) == 1


def test_same_key_with_other_parameters_is_refused(client: stripe.StripeClient) -> None:
    client.v1.payment_intents.create(PARAMS, {"idempotency_key": "order:1"})

    with pytest.raises(stripe.IdempotencyError):
        client.v1.payment_intents.create(
            {"amount": 2_000, "currency": "eur"}, {"idempotency_key": "order:1"}
        )


def test_declined_card_is_replayed_and_not_tried_again(
    client: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    params: Any = {**PARAMS, "confirm": True, "payment_method": "pm_card_chargeDeclined"}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refusal:
            client.v1.payment_intents.create(params, {"idempotency_key": "order:1"})
        assert refusal.value.code == "card_declined"

    assert len(sandbox.charges()) == 1


def test_failed_validation_does_not_spend_the_key(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create(
            {"amount": 1, "currency": "eur"}, {"idempotency_key": "order:1"}
        )

    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": "order:1"}).amount == 1_000


def test_key_in_use_conflicts(client: stripe.StripeClient, sandbox: SandboxServer) -> None:
    def create(_: int) -> Any:
        try:
            return connect(sandbox).v1.payment_intents.create(
                PARAMS, {"idempotency_key": "order:1"}
            )
        except stripe.StripeError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        # While the test holds the store, one request waits for it with the key in hand.
        with sandbox._account.store.transaction():
            futures = [pool.submit(create, index) for index in range(2)]
            done, waiting = wait(futures, timeout=20, return_when=FIRST_COMPLETED)
        [refusal], [answer] = [f.result() for f in done], [f.result() for f in waiting]

    assert isinstance(refusal, stripe.StripeError)
    assert refusal.http_status == 409
    assert answer.status == "requires_payment_method"
    assert len(sandbox.payment_intents()) == 1
