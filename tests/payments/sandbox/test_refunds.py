from __future__ import annotations

from typing import Any

import pytest
import stripe

from payments.sandbox import SandboxServer
from tests.payments.sandbox.support import (
    Clock,
    Customer,
    connect,
    in_parallel,
    session_params,
)


def _paid(client: stripe.StripeClient, *, amount: int = 1_000) -> stripe.PaymentIntent:
    params: Any = {
        "amount": amount, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa",
    }  # fmt: skip
    return client.v1.payment_intents.create(params)


def _paid_by(
    client: stripe.StripeClient, customer: Customer, *, type: str, currency: str, action: str
) -> str:
    session = client.v1.checkout.sessions.create(
        session_params(currency=currency, types=(type,), customer_email="kenji@example.jp")
    )
    customer.press(str(session.url), action, method=type)
    intent = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    if action == "voucher":
        customer.press(f"/vouchers/{intent}", "pay")
    return str(intent)


def test_refunds_stop_at_what_was_captured(
    client: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    intent = _paid(client)
    first = client.v1.refunds.create({"payment_intent": intent.id, "amount": 300})
    rest = client.v1.refunds.create({"charge": str(intent.latest_charge)})

    assert (first.status, first.amount, rest.amount) == ("succeeded", 300, 700)
    assert sandbox.charges()[0]["refunded"] is True
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 1})
    assert refusal.value.code == "charge_already_refunded"


def test_refunds_at_the_same_moment_never_exceed_the_charge(
    client: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    intent = _paid(client)

    def refund() -> Any:
        return connect(sandbox).v1.refunds.create({"payment_intent": intent.id, "amount": 300})

    results = in_parallel([refund] * 8)

    assert sum(isinstance(result, stripe.Refund) for result in results) == 3
    assert sum(refund["amount"] for refund in sandbox.refunds()) == 900
    assert sandbox.charges()[0]["amount_refunded"] == 900


def test_uncaptured_charge_is_not_refunded(client: stripe.StripeClient) -> None:
    params: Any = {
        "amount": 1_000, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa",
        "capture_method": "manual",
    }  # fmt: skip
    intent = client.v1.payment_intents.create(params)

    with pytest.raises(stripe.InvalidRequestError, match="has not been captured"):
        client.v1.refunds.create({"payment_intent": intent.id})


@pytest.mark.parametrize(("type", "currency"), [("boleto", "brl"), ("oxxo", "mxn")])
def test_vouchers_without_refunds_are_refused(
    client: stripe.StripeClient, customer: Customer, type: str, currency: str
) -> None:
    intent = _paid_by(client, customer, type=type, currency=currency, action="voucher")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent})

    assert refusal.value.code == "charge_not_refundable"


def test_konbini_refund_waits_for_bank_details_and_can_fail(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    intent = _paid_by(client, customer, type="konbini", currency="jpy", action="voucher")
    refund = client.v1.refunds.create({"payment_intent": intent, "amount": 280})
    assert (refund.status, refund.instructions_email) == ("requires_action", "kenji@example.jp")

    customer.press(f"/refunds/{refund.id}", "fail")

    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    assert sandbox.charges()[0]["amount_refunded"] == 0
    assert client.v1.refunds.create({"payment_intent": intent}).amount == 4_280
    assert [e["type"] for e in sandbox.events() if e["type"].startswith("refund")] == [
        "refund.created", "refund.updated", "refund.failed", "refund.created",
    ]  # fmt: skip


def test_alipay_refund_arrives_a_little_later(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer, clock: Clock
) -> None:
    intent = _paid_by(client, customer, type="alipay", currency="cny", action="pay")
    refund = client.v1.refunds.create({"payment_intent": intent})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")

    clock.forward(seconds=60)
    sandbox.sweep()

    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
