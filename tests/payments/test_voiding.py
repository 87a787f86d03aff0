from decimal import Decimal
from typing import Any

import pytest

from orders.models import Order
from orders.transitions import cancel_order
from payments.capturing import capture_payment
from payments.errors import AlreadyCaptured, NotRefundable
from payments.following import refresh_payment
from payments.models import Payment, Refund
from payments.refunding import refresh_refund, retry_refund
from payments.sandbox import SandboxServer
from payments.sweeping import sweep_payments
from payments.voiding import return_money, void_payment
from tests import factories
from tests.payments.paying import (
    all_at_once,
    kinds,
    later,
    live_charges,
    opened,
    pay,
    press,
    run_subscribers,
    start,
)

pytestmark = pytest.mark.django_db(transaction=True)
S = Payment.Status


def ideal(**fields: Any) -> Payment:
    market = factories.make_market()
    method = factories.make_method(market, "ideal", captures_later=False)
    return opened(factories.make_order(market, **fields), method)


def cancel(order: Order) -> None:
    cancel_order(order, now=later(), reason="stock")


def test_open_session_expired(sandbox: SandboxServer) -> None:
    payment = opened()
    void_payment(payment.order_id, now=later(), reason="expired")
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    assert payment.status == S.VOIDED
    assert payment.order.payment_status == Order.PaymentStatus.VOIDED
    assert sandbox.sessions()[0]["status"] == "expired"
    assert kinds(payment.order) == ["payment_voided"]


def test_authorisation_cancelled_once(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    refresh_payment(payment.pk, now=later())
    all_at_once(*[lambda: void_payment(payment.order_id, now=later(), reason="risk")] * 4)
    payment.refresh_from_db()
    assert payment.status == S.VOIDED
    assert [intent["status"] for intent in sandbox.payment_intents()] == ["canceled"]
    assert kinds(payment.order) == ["payment_authorised", "payment_voided"]


def test_payment_that_was_never_opened_ended_without_a_call() -> None:
    order = factories.make_order(factories.make_market())
    payment = start(order, factories.make_method(order.market))
    void_payment(order.pk, now=later(), reason="expired")
    payment.refresh_from_db()
    assert payment.status == S.VOIDED


def test_session_whose_answer_was_lost_is_found_and_expired(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = opened()
    Payment.objects.filter(pk=payment.pk).update(
        status=S.CREATED, gateway_session="", redirect_url=""
    )
    void_payment(payment.order_id, now=later(), reason="expired")
    payment.refresh_from_db()
    assert payment.status == S.VOIDED
    assert [session["status"] for session in sandbox.sessions()] == ["expired"]


def test_captured_payment_cannot_be_let_go(sandbox: SandboxServer) -> None:
    payment = ideal()
    pay(payment)
    refresh_payment(payment.pk, now=later())
    with pytest.raises(AlreadyCaptured):
        void_payment(payment.order_id, now=later(), reason="expired")


def test_void_and_capture_at_once_is_one_of_both(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    refresh_payment(payment.pk, now=later())
    all_at_once(
        lambda: void_payment(payment.order_id, now=later(), reason="risk"),
        lambda: capture_payment(payment.order_id, now=later()),
    )
    sweep_payments(now=later(2))
    payment.refresh_from_db()
    is_captured = payment.status == S.CAPTURED
    assert payment.status in (S.CAPTURED, S.VOIDED)
    assert len(live_charges(sandbox)) == int(is_captured)


def test_gateway_away_while_letting_go_is_for_the_sweep(
    sandbox: SandboxServer, settings: Any
) -> None:
    payment = opened()
    address, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    void_payment(payment.order_id, now=later(), reason="expired")
    payment.refresh_from_db()
    assert payment.status == S.REQUIRES_ACTION
    settings.STRIPE_API_BASE = address
    sweep_payments(now=later(2))
    payment.refresh_from_db()
    assert payment.status == S.VOIDED


def test_voucher_let_go_of_by_the_sweep(sandbox: SandboxServer, settings: Any) -> None:
    market = factories.make_market("jp", currency="JPY", countries=["JP"])
    method = factories.make_method(market, "konbini", captures_later=False)
    payment = opened(factories.make_order(market, unit_price="1980"), method)
    pay(payment, "voucher")
    refresh_payment(payment.pk, now=later())
    address, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    void_payment(payment.order_id, now=later(), reason="expired")
    settings.STRIPE_API_BASE = address
    sweep_payments(now=later(31))
    payment.refresh_from_db()
    assert payment.status == S.VOIDED
    assert [intent["status"] for intent in sandbox.payment_intents()] == ["canceled"]


def test_money_that_comes_for_a_cancelled_order_goes_back(sandbox: SandboxServer) -> None:
    payment = ideal()
    pay(payment)
    cancel(payment.order)
    refresh_payment(payment.pk, now=later())
    sweep_payments(now=later(2))
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    assert payment.status == S.VOIDED
    assert payment.refunded == payment.captured == payment.amount.amount
    assert Refund.objects.get().status == Refund.Status.SUCCEEDED
    assert payment.order.payment_status == Order.PaymentStatus.REFUNDED
    assert live_charges(sandbox) == []
    assert "payment_captured" not in kinds(payment.order)


def test_hold_that_comes_for_a_cancelled_order_let_go(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    cancel(payment.order)
    refresh_payment(payment.pk, now=later())
    sweep_payments(now=later(2))
    payment.refresh_from_db()
    assert payment.status == S.VOIDED
    assert live_charges(sandbox) == []


def test_cancelled_order_gives_back_what_was_captured(sandbox: SandboxServer) -> None:
    payment = ideal()
    pay(payment)
    refresh_payment(payment.pk, now=later())
    cancel(payment.order)
    run_subscribers()
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    assert (payment.status, payment.refunded) == (S.CAPTURED, payment.captured)
    assert payment.order.payment_status == Order.PaymentStatus.REFUNDED
    return_money(payment.order_id, now=later(), reason="again")
    assert len(sandbox.refunds()) == 1


def test_cancelled_order_lets_its_hold_go(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    refresh_payment(payment.pk, now=later())
    cancel(payment.order)
    run_subscribers()
    payment.refresh_from_db()
    assert payment.status == S.VOIDED
    assert live_charges(sandbox) == []


def test_unwanted_money_that_could_not_go_back_is_tried_again(sandbox: SandboxServer) -> None:
    market = factories.make_market("cn", currency="CNY", countries=["CN"])
    method = factories.make_method(market, "alipay", captures_later=False)
    payment = opened(factories.make_order(market), method)
    pay(payment)
    cancel(payment.order)
    refresh_payment(payment.pk, now=later())
    sweep_payments(now=later(2))
    refund = Refund.objects.get()
    press(f"{sandbox.url}/refunds/{refund.gateway_refund}", action="fail")
    refresh_refund(refund.pk, now=later(3))
    payment.refresh_from_db()
    assert payment.status == S.VOIDED
    assert (payment.captured, payment.refunded) == (Decimal(10), Decimal(0))

    retry_refund(refund.pk, now=later(4))

    refund.refresh_from_db()
    press(f"{sandbox.url}/refunds/{refund.gateway_refund}", action="pass")
    refresh_refund(refund.pk, now=later(5))
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert refund.status == Refund.Status.SUCCEEDED
    assert payment.refunded == payment.captured
    assert len(sandbox.refunds()) == 2
    with pytest.raises(NotRefundable):
        retry_refund(refund.pk, now=later(6))
