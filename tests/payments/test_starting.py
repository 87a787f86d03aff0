from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from orders.models import Order, OrderCharge
from payments.errors import (
    AlreadyPaid,
    GatewayRefused,
    GatewayUnavailable,
    MethodNotOffered,
    OrderNotPayable,
)
from payments.following import refresh_payment
from payments.models import Payment, PaymentMethod
from payments.sandbox import SandboxServer
from payments.starting import create_payment
from payments.sweeping import sweep_payments
from payments.voiding import finish_void
from tests import factories
from tests.payments.paying import (
    all_at_once,
    kinds,
    later,
    live_charges,
    open_session,
    opened,
    pay,
    start,
)

pytestmark = pytest.mark.django_db(transaction=True)
S = Payment.Status
NOBODY = "http://127.0.0.1:9"


def placed(**fields: Any) -> tuple[Order, PaymentMethod]:
    order = factories.make_order(factories.make_market(), **fields)
    return order, factories.make_method(order.market)


def test_payment_opened_twice_is_one_session(sandbox: SandboxServer) -> None:
    order, method = placed()
    payment = start(order, method)
    assert open_session(payment) == open_session(payment)
    assert len(sandbox.sessions()) == 1


def test_payment_opened_by_many_at_once_is_one_session(sandbox: SandboxServer) -> None:
    order, method = placed()
    payment = start(order, method)
    answers = all_at_once(*[lambda: open_session(payment)] * 4)
    assert len(set(answers)) == 1
    assert len(sandbox.sessions()) == 1


def test_session_says_what_is_bought(sandbox: SandboxServer) -> None:
    variant = factories.make_variant(factories.make_product(title="Teapot"))
    order, method = placed(lines={variant: 2}, unit_price="21.50", locale="de_DE")
    OrderCharge.objects.create(
        order=order,
        kind="shipping",
        label="Standard",
        net=Decimal("4.90"),
        tax=Decimal(0),
        gross=Decimal("4.90"),
    )
    Order.objects.filter(pk=order.pk).update(net="47.90", gross="47.90")
    order.refresh_from_db()
    payment = start(order, method)
    open_session(payment)
    session = sandbox.sessions()[0]
    assert session["amount_total"] == 4790
    assert session["locale"] == "de"
    assert session["customer_email"] == "ada@example.com"
    assert session["client_reference_id"] == order.number
    assert session["metadata"] == {"order": order.number, "payment": str(payment.operation_key)}
    assert session["payment_method_types"] == ["card"]
    from payments.gateways.stripe_client import get_client

    lines = get_client().v1.checkout.sessions.line_items.list(session["id"]).data
    assert [(line.description, line.quantity, line.amount_total) for line in lines] == [
        ("Teapot", 2, 4300),
        ("Standard", 1, 490),
    ]


def test_rows_that_do_not_add_up_become_one_line(sandbox: SandboxServer) -> None:
    order, method = placed(gross=Decimal("11.90"), tax=Decimal("1.90"), language="de")
    open_session(start(order, method))
    session = sandbox.sessions()[0]
    assert session["amount_total"] == 1190


def test_card_holds_and_ideal_takes(sandbox: SandboxServer) -> None:
    order, method = placed()
    payment = opened(order, method)
    pay(payment)
    assert [intent["capture_method"] for intent in sandbox.payment_intents()] == ["manual"]


def test_gateway_away_leaves_a_row_that_the_sweep_opens(
    sandbox: SandboxServer, settings: Any
) -> None:
    order, method = placed()
    payment = start(order, method)
    address, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, NOBODY
    with pytest.raises(GatewayUnavailable):
        open_session(payment)
    sweep_payments(now=later(2))
    payment.refresh_from_db()
    assert payment.status == S.CREATED
    settings.STRIPE_API_BASE = address
    sweep_payments(now=later(4))
    payment.refresh_from_db()
    assert payment.status == S.REQUIRES_ACTION
    pay(payment)
    sweep_payments(now=later(6))
    payment.refresh_from_db()
    assert payment.status == S.AUTHORISED
    assert len(live_charges(sandbox)) == 1


def test_lost_answer_is_the_same_session_again(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, method = placed()
    payment = start(order, method)
    with monkeypatch.context() as patch:

        def die(*args: Any, **kwargs: Any) -> None:
            raise SystemExit

        patch.setattr("payments.starting.record_opened", die)
        with pytest.raises(SystemExit):
            open_session(payment)
    sweep_payments(now=later(2))
    payment.refresh_from_db()
    assert payment.gateway_session == sandbox.sessions()[0]["id"]
    assert len(sandbox.sessions()) == 1


def test_gateway_away_for_too_long_fails_the_payment(settings: Any) -> None:
    settings.STRIPE_API_BASE = NOBODY
    order, method = placed()
    payment = start(order, method)
    with pytest.raises(GatewayUnavailable):
        open_session(payment)
    sweep_payments(now=later(61))
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.status, payment.failure) == (S.FAILED, "expired")
    assert order.payment_status == Order.PaymentStatus.FAILED


def test_row_that_nobody_came_for_is_abandoned() -> None:
    order, method = placed()
    payment = start(order, method)
    sweep_payments(now=later(5))
    payment.refresh_from_db()
    assert payment.status == S.CREATED
    sweep_payments(now=later(11))
    payment.refresh_from_db()
    assert (payment.status, payment.failure) == (S.FAILED, "abandoned")


def test_refused_payment_fails_and_another_may_follow(sandbox: SandboxServer) -> None:
    order, method = placed(unit_price="0.10")  # Below what the gateway charges at least.
    payment = start(order, method)
    with pytest.raises(GatewayRefused):
        open_session(payment)
    payment.refresh_from_db()
    assert payment.status == S.FAILED
    assert kinds(order) == ["payment_failed"]
    # The shopper lands on the return page all the same, which asks how things stand.
    assert refresh_payment(payment.pk, now=later()).status == S.FAILED
    assert start(order, method).status == S.CREATED


def test_second_method_lets_the_first_go(sandbox: SandboxServer) -> None:
    order, method = placed()
    first = opened(order, method)
    second = start(order, factories.make_method(order.market, "ideal", captures_later=False))
    open_session(second)
    finish_void(first.pk, now=later())
    first.refresh_from_db()
    assert first.status == S.VOIDED
    assert {s["status"] for s in sandbox.sessions() if s["id"] == first.gateway_session} == {
        "expired"
    }
    order.refresh_from_db()
    assert order.payment_status == Order.PaymentStatus.UNPAID


def test_both_payments_paid_is_one_charge(sandbox: SandboxServer) -> None:
    """The shopper paid in two windows before we could close the first."""
    order, method = placed()
    first = opened(order, method)
    second = opened(order, factories.make_method(order.market, "ideal", captures_later=False))
    pay(first)
    pay(second)
    refresh_payment(second.pk, now=later())
    refresh_payment(first.pk, now=later())
    sweep_payments(now=later(2))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (S.VOIDED, S.CAPTURED)
    assert len(live_charges(sandbox)) == 1


@pytest.mark.parametrize("order_of_news", [(0, 1), (1, 0)])
def test_two_captured_payments_second_given_back(
    sandbox: SandboxServer, order_of_news: tuple[int, int]
) -> None:
    order, _method = placed()
    ideal = factories.make_method(order.market, "ideal", captures_later=False)
    payments = [opened(order, ideal), opened(order, ideal)]
    # Neither was let go of: as if both were there before the rule was.
    Payment.objects.update(void_requested_at=None)
    for payment in payments:
        pay(payment)
    all_at_once(*[lambda i=i: refresh_payment(payments[i].pk, now=later()) for i in order_of_news])
    sweep_payments(now=later(2))
    rows = Payment.objects.order_by("status")
    assert [row.status for row in rows] == [S.CAPTURED, S.VOIDED]
    assert [row.refunded for row in rows] == [0, Decimal("10.00")]
    assert len(live_charges(sandbox)) == 1
    order.refresh_from_db()
    assert order.payment_status == Order.PaymentStatus.PAID
    assert kinds(order).count("payment_captured") == 1


def test_paid_order_takes_no_other_payment(sandbox: SandboxServer) -> None:
    order, method = placed()
    payment = opened(order, method)
    pay(payment)
    refresh_payment(payment.pk, now=later())
    with pytest.raises(AlreadyPaid):
        start(order, method)


def test_cancelled_order_takes_no_payment() -> None:
    order, method = placed(status=Order.Status.CANCELLED)
    with pytest.raises(OrderNotPayable):
        start(order, method)


def test_method_that_the_market_does_not_offer_refused() -> None:
    order, _method = placed()
    other = factories.make_method(factories.make_market("jp", countries=["JP"]), "konbini")
    with pytest.raises(MethodNotOffered), transaction.atomic():
        create_payment(order, other, now=later())
