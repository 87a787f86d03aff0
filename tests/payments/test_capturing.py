from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

import pytest
from django.utils import timezone
from djmoney.money import Money

from orders.models import Order
from payments.capturing import capture_payment, confirm_bank_transfer, record_cash_collected
from payments.errors import AmountMismatch, NothingToCapture, NothingToConfirm
from payments.following import refresh_payment
from payments.models import Payment, PaymentMethod
from payments.sandbox import SandboxServer
from payments.sweeping import sweep_payments
from tests import factories
from tests.payments.paying import (
    all_at_once,
    kinds,
    later,
    open_session,
    opened,
    pay,
    press,
    start,
    succeeded,
)

pytestmark = pytest.mark.django_db(transaction=True)
S = Payment.Status


def test_card_authorised_then_captured(sandbox: SandboxServer) -> None:
    payment = opened(unit_price="21.50")
    order = payment.order
    assert payment.status == S.REQUIRES_ACTION
    assert pay(payment).startswith("http://shop.example/thanks/")

    payment = refresh_payment(payment.pk, now=later())
    order.refresh_from_db()
    assert payment.status == S.AUTHORISED
    assert payment.captured == 0
    assert order.payment_status == Order.PaymentStatus.AUTHORISED

    payment = capture_payment(order.pk, now=later())
    again = capture_payment(order.pk, now=later())
    order.refresh_from_db()
    assert (payment.status, payment.captured) == (S.CAPTURED, Decimal("21.50"))
    assert again.pk == payment.pk
    assert order.payment_status == Order.PaymentStatus.PAID
    assert kinds(order) == ["payment_authorised", "payment_captured"]
    assert [charge["amount_captured"] for charge in sandbox.charges()] == [2150]


@pytest.mark.parametrize(
    ("answer", "status"), [("pass", S.AUTHORISED), ("fail", S.REQUIRES_ACTION)]
)
def test_three_d_secure_passed_or_failed(sandbox: SandboxServer, answer: str, status: S) -> None:
    payment = opened()
    step = pay(payment, "three-d-secure")
    assert refresh_payment(payment.pk, now=later()).status == S.REQUIRES_ACTION
    press(urljoin(sandbox.url, step), action=answer)
    assert refresh_payment(payment.pk, now=later()).status == status


def test_ideal_captured_at_once(sandbox: SandboxServer) -> None:
    market = factories.make_market("nl", countries=["NL"])
    payment = opened(factories.make_order(market), factories.make_method(market, "ideal"))
    pay(payment)
    payment = refresh_payment(payment.pk, now=later())
    assert payment.status == S.CAPTURED
    assert capture_payment(payment.order_id, now=later()).status == S.CAPTURED
    assert kinds(payment.order) == ["payment_captured"]


def test_capture_by_many_at_once_is_one(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    refresh_payment(payment.pk, now=later())

    def capture() -> Payment:
        return capture_payment(payment.order_id, now=later())

    answers = all_at_once(*[capture] * 6)
    assert [answer.status for answer in answers] == [S.CAPTURED] * 6
    assert kinds(payment.order).count("payment_captured") == 1
    assert len(succeeded(sandbox.charges())) == 1


def test_capture_of_unpaid_order_refused(sandbox: SandboxServer) -> None:
    payment = opened()
    with pytest.raises(NothingToCapture):
        capture_payment(payment.order_id, now=later())


def test_capture_after_hold_ended_says_so(sandbox: SandboxServer, settings: Any) -> None:
    payment = opened()
    pay(payment)
    payment = refresh_payment(payment.pk, now=later())
    # The issuer's hold ends at the gateway before we know.
    from payments.gateways.stripe_client import get_client

    get_client().v1.payment_intents.cancel(payment.gateway_payment)
    with pytest.raises(NothingToCapture):
        capture_payment(payment.order_id, now=later())
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    assert payment.status == S.VOIDED
    assert payment.order.payment_status == Order.PaymentStatus.VOIDED
    assert kinds(payment.order) == ["payment_authorised", "payment_failed"]


def test_capture_with_lost_answer_recorded_by_the_sweep(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = opened()
    pay(payment)
    refresh_payment(payment.pk, now=later())
    with monkeypatch.context() as patch:
        # The process dies between the gateway's answer and our record of it.
        def die(*args: Any, **kwargs: Any) -> None:
            raise SystemExit

        patch.setattr("payments.capturing.record_state", die)
        with pytest.raises(SystemExit):
            capture_payment(payment.order_id, now=later())
    payment.refresh_from_db()
    assert payment.status == S.AUTHORISED
    sweep_payments(now=later(minutes=2))
    payment.refresh_from_db()
    assert payment.status == S.CAPTURED
    assert [charge["amount_captured"] for charge in sandbox.charges()] == [1000]


@pytest.mark.parametrize(
    ("code", "currency", "price", "units"),
    [("jp", "JPY", "1980", 1980), ("de", "EUR", "19.99", 1999), ("kw", "KWD", "4.120", 4120)],
)
def test_amount_counted_in_the_gateways_units(
    sandbox: SandboxServer, code: str, currency: str, price: str, units: int
) -> None:
    market = factories.make_market(code, currency=currency, countries=[code.upper()])
    payment = opened(factories.make_order(market, unit_price=price))
    pay(payment)
    refresh_payment(payment.pk, now=later())
    payment = capture_payment(payment.order_id, now=later())
    assert [charge["amount_captured"] for charge in sandbox.charges()] == [units]
    assert payment.captured == Decimal(price)


def _cash(amount: str = "10.00") -> Payment:
    market = factories.make_market("ae", currency="AED", countries=["AE"])
    method = factories.make_method(
        market, "cash", gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY, gateway_type=""
    )
    payment = start(factories.make_order(market, unit_price=amount), method)
    assert open_session(payment) is None
    payment.refresh_from_db()
    return payment


def test_cash_agreed_at_once_and_captured_when_collected() -> None:
    payment = _cash()
    order = payment.order
    assert payment.status == S.AUTHORISED
    assert capture_payment(order.pk, now=later()).status == S.AUTHORISED
    record_cash_collected(order.pk, now=later())
    payment = record_cash_collected(order.pk, now=later())
    order.refresh_from_db()
    assert (payment.status, payment.captured) == (S.CAPTURED, Decimal("10.00"))
    assert order.payment_status == Order.PaymentStatus.PAID
    assert kinds(order) == ["payment_authorised", "payment_captured"]


def _transfer() -> Payment:
    market = factories.make_market("gb", currency="GBP", countries=["GB"])
    method = factories.make_method(
        market, "transfer", gateway=PaymentMethod.Gateway.BANK_TRANSFER, gateway_type=""
    )
    method.offers.update(payee="Entrepot Ltd, 12-34-56 12345678")
    payment = start(factories.make_order(market), method)
    assert open_session(payment) is None
    payment.refresh_from_db()
    return payment


def test_transfer_waits_with_instructions_until_confirmed() -> None:
    payment = _transfer()
    order = payment.order
    order.refresh_from_db()
    assert payment.status == S.PROCESSING
    assert order.payment_status == Order.PaymentStatus.PENDING
    event = order.events.get(kind="payment_pending")
    assert event.data["instructions"]["reference"] == order.number
    assert event.data["instructions"]["payee"] == "Entrepot Ltd, 12-34-56 12345678"

    with pytest.raises(AmountMismatch):
        confirm_bank_transfer(order.pk, amount=Money("9.99", "GBP"), now=later())
    confirm_bank_transfer(order.pk, amount=Money("10.00", "GBP"), now=later())
    payment = confirm_bank_transfer(order.pk, amount=Money("10.00", "GBP"), now=later())
    assert payment.status == S.CAPTURED
    assert kinds(order) == ["payment_pending", "payment_captured"]


def test_transfer_that_never_came_fails() -> None:
    payment = _transfer()
    refresh_payment(payment.pk, now=timezone.now() + timedelta(days=8))
    payment.refresh_from_db()
    assert (payment.status, payment.failure) == (S.FAILED, "expired")
    # It comes on the ninth day all the same, and nothing speaks against it.
    payment = confirm_bank_transfer(payment.order_id, amount=payment.amount, now=later())
    assert payment.status == S.CAPTURED


def test_confirmation_without_transfer_refused(sandbox: SandboxServer) -> None:
    payment = opened()
    with pytest.raises(NothingToConfirm):
        confirm_bank_transfer(payment.order_id, amount=payment.amount, now=later())
