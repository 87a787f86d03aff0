from __future__ import annotations

from typing import Any

import pytest
import stripe

from payments.sandbox import SandboxServer
from tests.payments.sandbox.support import Clock, Customer


def _create(client: stripe.StripeClient, **more: Any) -> stripe.PaymentIntent:
    params: Any = {
        "amount": 4_280, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa",
        **more,
    }  # fmt: skip
    return client.v1.payment_intents.create(params)


def _types(sandbox: SandboxServer) -> list[str]:
    return [event["type"] for event in sandbox.events()]


def test_card_is_charged_at_once(client: stripe.StripeClient, sandbox: SandboxServer) -> None:
    intent = _create(client)

    assert (intent.status, intent.amount_received) == ("succeeded", 4_280)
    [charge] = sandbox.charges()
    assert (charge["amount_captured"], charge["captured"], charge["paid"]) == (4_280, True, True)
    assert _types(sandbox) == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
    ]  # fmt: skip


def test_refused_creation_leaves_nothing_behind(
    client: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such PaymentMethod"):
        _create(client, payment_method="pm_card_nobody")

    assert sandbox.payment_intents() == []
    assert sandbox.events() == []


def test_manual_capture_takes_the_whole(
    client: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    intent = _create(client, capture_method="manual")
    captured = client.v1.payment_intents.capture(intent.id)

    assert (intent.status, intent.amount_capturable) == ("requires_capture", 4_280)
    assert (captured.status, captured.amount_received) == ("succeeded", 4_280)
    assert _types(sandbox)[1:] == [
        "charge.succeeded", "payment_intent.amount_capturable_updated", "charge.captured",
        "payment_intent.succeeded",
    ]  # fmt: skip


def test_partial_capture_lets_the_rest_go(
    client: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    intent = _create(client, capture_method="manual")
    captured = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 3_000})

    assert (captured.amount_received, captured.amount_capturable) == (3_000, 0)
    assert sandbox.charges()[0]["amount_captured"] == 3_000
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 3_001})
    assert refusal.value.code == "amount_too_large"
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        client.v1.payment_intents.capture(intent.id)


def test_more_than_authorised_is_not_captured(client: stripe.StripeClient) -> None:
    intent = _create(client, capture_method="manual")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 4_281})

    assert refusal.value.code == "amount_too_large"


def test_authorisation_is_cancelled(client: stripe.StripeClient, sandbox: SandboxServer) -> None:
    intent = _create(client, capture_method="manual")
    canceled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "fraudulent"})

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "fraudulent")
    assert canceled.amount_capturable == 0
    assert sandbox.charges()[0]["captured"] is False
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        client.v1.payment_intents.capture(intent.id)


def test_paid_intent_is_not_cancelled(client: stripe.StripeClient) -> None:
    intent = _create(client)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.cancel(intent.id)

    assert refusal.value.code == "payment_intent_unexpected_state"


def test_hold_ends_after_its_days(
    client: stripe.StripeClient, sandbox: SandboxServer, clock: Clock
) -> None:
    intent = _create(client, capture_method="manual")

    clock.forward(seconds=8 * 86_400)
    sandbox.sweep()

    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"
    assert "charge.expired" in _types(sandbox)


def test_declined_card_can_be_followed_by_a_good_one(
    client: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        _create(client, payment_method="pm_card_chargeDeclinedInsufficientFunds")
    error = refusal.value.error
    assert error is not None
    assert (error.code, error.decline_code) == ("card_declined", "insufficient_funds")

    assert error.payment_intent is not None
    paid = client.v1.payment_intents.confirm(
        error.payment_intent.id, {"payment_method": "pm_card_visa"}
    )

    assert paid.status == "succeeded"
    assert [charge["status"] for charge in sandbox.charges()] == ["failed", "succeeded"]


def test_three_d_secure_is_passed_on_its_page(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    intent = _create(
        client, payment_method="pm_card_authenticationRequired", return_url="https://shop.test/r"
    )
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    url = intent.next_action.redirect_to_url.url or ""

    answer = customer.press(url, "pass")

    assert answer.location == (
        f"https://shop.test/r?payment_intent={intent.id}&redirect_status=succeeded"
    )
    secure = sandbox.charges()[0]["payment_method_details"]["card"]["three_d_secure"]
    assert secure["result"] == "authenticated"


def test_direct_debit_is_processing_until_the_bank_answers(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    ids = []
    for action in ("pass", "fail"):
        params: Any = {
            "amount": 900, "currency": "eur", "confirm": True,
            "payment_method_data": {"type": "sepa_debit"},
        }  # fmt: skip
        intent = client.v1.payment_intents.create(params)
        assert intent.status == "processing"
        customer.press(f"{sandbox.url}/settlements/{intent.id}", action)
        ids.append(intent.id)

    assert [client.v1.payment_intents.retrieve(id).status for id in ids] == [
        "succeeded", "requires_payment_method",
    ]  # fmt: skip
    assert [charge["status"] for charge in sandbox.charges()] == ["succeeded", "failed"]
