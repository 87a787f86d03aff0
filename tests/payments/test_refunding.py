from decimal import Decimal
from typing import Any

import pytest
from djmoney.money import Money

from orders.models import Order
from payments.errors import (
    GatewayUnavailable,
    NotRefundable,
    OperationKeyReused,
    RefundTooLarge,
)
from payments.following import refresh_payment
from payments.gateways.stripe_client import get_client
from payments.inbox import process_event
from payments.models import Payment, PaymentMethod, Refund, WebhookEvent
from payments.refunding import confirm_paid_back, refresh_refund, refund_payment
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
    post_webhook,
    press,
    start,
)

pytestmark = pytest.mark.django_db(transaction=True)
R = Refund.Status


def captured(
    code: str = "ideal", *, market: str = "de", currency: str = "EUR", price: str = "10.00",
    **fields: Any,
) -> Payment:  # fmt: skip
    shop = factories.make_market(market, currency=currency, countries=[market.upper()])
    method = factories.make_method(shop, code, captures_later=False, **fields)
    payment = opened(factories.make_order(shop, unit_price=price), method)
    pay(payment)
    return refresh_payment(payment.pk, now=later())


def refund(payment: Payment, amount: str, key: str = "return:1") -> Refund:
    return refund_payment(
        payment.pk,
        Money(amount, payment.amount.currency),
        operation_key=key,
        reason="return",
        now=later(),
    )


def test_refund_of_a_part_and_of_the_rest(sandbox: SandboxServer) -> None:
    payment = captured()
    assert refund(payment, "4.00").status == R.SUCCEEDED
    payment.order.refresh_from_db()
    assert payment.order.payment_status == Order.PaymentStatus.PART_REFUNDED
    assert refund(payment, "6.00", key="return:2").status == R.SUCCEEDED
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    assert payment.refunded == payment.captured == Decimal("10.00")
    assert payment.order.payment_status == Order.PaymentStatus.REFUNDED
    assert [row["amount"] for row in sandbox.refunds()] == [400, 600]
    assert kinds(payment.order) == ["payment_captured", *["refund_created", "refund_succeeded"] * 2]


def test_refund_over_captured_refused(sandbox: SandboxServer) -> None:
    payment = captured()
    refund(payment, "6.00")
    with pytest.raises(RefundTooLarge):
        refund(payment, "4.01", key="return:2")
    with pytest.raises(NotRefundable):
        refund(payment, "0.00", key="return:3")
    with pytest.raises(NotRefundable):
        refund_payment(payment.pk, Money("1", "USD"), operation_key="x", reason="", now=later())
    assert len(sandbox.refunds()) == 1


def test_refund_of_uncaptured_refused(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    refresh_payment(payment.pk, now=later())
    with pytest.raises(NotRefundable):
        refund(payment, "1.00")


def test_refund_with_same_key_is_one(sandbox: SandboxServer) -> None:
    payment = captured()
    answers = all_at_once(*[lambda: refund(payment, "3.00")] * 6)
    assert {answer.pk for answer in answers} == {Refund.objects.get().pk}
    payment.refresh_from_db()
    assert payment.refunded == Decimal("3.00")
    assert len(sandbox.refunds()) == 1
    with pytest.raises(OperationKeyReused):
        refund(payment, "2.00")


def test_refunds_at_once_never_exceed_the_capture(sandbox: SandboxServer) -> None:
    payment = captured()
    answers = all_at_once(
        *[lambda n=n: refund(payment, "3.00", key=f"return:{n}") for n in range(6)]
    )
    assert sum(isinstance(answer, Refund) for answer in answers) == 3
    assert sum(isinstance(answer, RefundTooLarge) for answer in answers) == 3
    payment.refresh_from_db()
    assert payment.refunded == Decimal("9.00")
    assert sum(row["amount"] for row in sandbox.refunds()) == 900


def test_refund_refused_gives_its_amount_free(sandbox: SandboxServer) -> None:
    payment = captured()
    # Somebody gave it all back in the gateway's own dashboard.
    get_client().v1.refunds.create({"payment_intent": payment.gateway_payment})
    row = refund(payment, "4.00")
    payment.refresh_from_db()
    assert row.status == R.FAILED
    assert payment.refunded == 0
    assert kinds(payment.order)[-2:] == ["refund_created", "refund_failed"]


def test_failed_refund_tried_again_with_the_same_key(sandbox: SandboxServer) -> None:
    payment = captured("alipay", market="cn", currency="CNY")
    first = refund(payment, "4.00")
    press(f"{sandbox.url}/refunds/{first.gateway_refund}", action="fail")
    refresh_refund(first.pk, now=later())
    second = refund(payment, "4.00")
    assert (second.pk, second.status) == (first.pk, R.PENDING)
    press(f"{sandbox.url}/refunds/{second.gateway_refund}", action="pass")
    # News of the first try comes late.
    event = sandbox.events("refund.failed")[0]
    post_webhook(event)
    process_event(WebhookEvent.objects.get().pk, now=later())
    second.refresh_from_db()
    payment.refresh_from_db()
    assert second.status == R.SUCCEEDED
    assert payment.refunded == Decimal("4.00")
    assert len(sandbox.refunds()) == 2


def test_refund_made_at_the_gateway_is_booked_once(sandbox: SandboxServer) -> None:
    payment = captured()
    get_client().v1.refunds.create({"payment_intent": payment.gateway_payment, "amount": 250})
    for number in range(2):
        event = {**sandbox.events("refund.created")[0], "id": f"evt_{number}"}
        post_webhook(event)
        process_event(WebhookEvent.objects.latest("pk").pk, now=later())
    row = Refund.objects.get()
    payment.refresh_from_db()
    assert (row.status, row.amount) == (R.SUCCEEDED, Money("2.50", "EUR"))
    assert payment.refunded == Decimal("2.50")


def test_refund_at_a_silent_gateway_happens_once_after(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = captured()
    from payments.gateways.stripe import StripeGateway

    with monkeypatch.context() as patch:
        real = StripeGateway.refund

        def lose_the_answer(self: StripeGateway, request: Any) -> Any:
            real(self, request)
            raise GatewayUnavailable("read timed out")

        patch.setattr(StripeGateway, "refund", lose_the_answer)
        assert refund(payment, "4.00").status == R.CREATED
    payment.refresh_from_db()
    assert payment.refunded == Decimal("4.00")
    sweep_payments(now=later(2))
    assert Refund.objects.get().status == R.SUCCEEDED
    assert len(sandbox.refunds()) == 1


def test_refund_asked_for_after_keys_are_forgotten_is_found(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = captured()
    row = refund(payment, "4.00")
    Refund.objects.filter(pk=row.pk).update(status=R.CREATED, gateway_refund="")
    from payments.gateways.stripe import StripeGateway

    monkeypatch.delattr(StripeGateway, "refund")
    sweep_payments(now=later(24 * 60))
    row.refresh_from_db()
    assert (row.status, row.gateway_refund) == (R.SUCCEEDED, sandbox.refunds()[0]["id"])


def test_pending_refund_confirmed_or_failed_later(sandbox: SandboxServer) -> None:
    payment = captured("alipay", market="cn", currency="CNY")
    first = refund(payment, "4.00")
    second = refund(payment, "5.00", key="return:2")
    assert (first.status, second.status) == (R.PENDING, R.PENDING)
    press(f"{sandbox.url}/refunds/{first.gateway_refund}", action="pass")
    press(f"{sandbox.url}/refunds/{second.gateway_refund}", action="fail")
    assert refresh_refund(first.pk, now=later()).status == R.SUCCEEDED
    assert refresh_refund(second.pk, now=later()).status == R.FAILED
    assert refresh_refund(second.pk, now=later()).status == R.FAILED
    payment.refresh_from_db()
    assert payment.refunded == Decimal("4.00")


def test_voucher_refunded_by_staff(sandbox: SandboxServer) -> None:
    shop = factories.make_market("mx", currency="MXN", countries=["MX"])
    method = factories.make_method(shop, "oxxo", captures_later=False, refundable=False)
    payment = opened(factories.make_order(shop, unit_price="199.00"), method)
    pay(payment, "voucher")
    refresh_payment(payment.pk, now=later())
    address = payment.order.events.get(kind="payment_pending").data["instructions"]["url"]
    press(address, action="pay")
    refresh_payment(payment.pk, now=later())
    row = refund(payment, "199.00")
    assert row.status == R.PENDING
    assert confirm_paid_back(row.pk, now=later()).status == R.SUCCEEDED
    with pytest.raises(NotRefundable):
        confirm_paid_back(row.pk, now=later())
    assert sandbox.refunds() == []


def test_cash_refunded_by_staff() -> None:
    from payments.capturing import record_cash_collected

    shop = factories.make_market("ae", currency="AED", countries=["AE"])
    method = factories.make_method(
        shop, "cash", gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY, gateway_type=""
    )
    payment = start(factories.make_order(shop), method)
    open_session(payment)
    record_cash_collected(payment.order_id, now=later())
    assert refund(payment, "10.00").status == R.PENDING


def test_konbini_refund_asks_by_mail(sandbox: SandboxServer) -> None:
    shop = factories.make_market("jp", currency="JPY", countries=["JP"])
    method = factories.make_method(shop, "konbini", captures_later=False)
    payment = opened(factories.make_order(shop, unit_price="1980"), method)
    pay(payment, "voucher")
    refresh_payment(payment.pk, now=later())
    press(
        payment.order.events.get(kind="payment_pending").data["instructions"]["url"], action="pay"
    )
    refresh_payment(payment.pk, now=later())
    assert refund(payment, "980").status == R.PENDING
    assert [row["instructions_email"] for row in sandbox.refunds()] == ["ada@example.com"]
