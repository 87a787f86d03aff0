from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Order
from payments.fraud import RULES_V1
from payments.models import Payment, RiskAssessment
from payments.sandbox import SandboxServer
from payments.scoring import score_order
from payments.signals import collect_signals, lacks_house_number
from tests import factories
from tests.payments.paying import all_at_once, kinds, later, live_charges, opened, pay
from tests.payments.paying import run_subscribers as work

pytestmark = pytest.mark.django_db(transaction=True)


def secured(**fields: Any) -> Order:
    market = fields.pop("market", None) or factories.make_market()
    return factories.make_order(
        market, payment_status=Order.PaymentStatus.AUTHORISED, placed_at=timezone.now(), **fields
    )


def failures(order: Order, number: int) -> None:
    method = factories.make_method(order.market)
    for _ in range(number):
        factories.make_payment(order, method, status=Payment.Status.FAILED, failure="stolen")


def test_accepted_order_released() -> None:
    order = secured()
    assessment = score_order(order.pk, now=later())
    order.refresh_from_db()
    assert assessment is not None
    assert (assessment.decision, assessment.rules_version) == ("accept", RULES_V1.version)
    assert order.status == Order.Status.RELEASED
    assert assessment.signals["is_first_order"] is True
    assert [reason["code"] for reason in assessment.reasons] == ["is_first_order"]


def test_doubtful_order_held_with_reasons() -> None:
    order = secured()
    failures(order, 6)
    score_order(order.pk, now=later())
    order.refresh_from_db()
    assert order.status == Order.Status.ON_HOLD
    event = order.events.get(kind="order_held")
    assert event.data["reasons"] == ["failed_payments_24h", "is_first_order"]


def test_declined_order_cancelled_and_its_money_let_go(sandbox: SandboxServer) -> None:
    payment = opened(email="x@mailinator.com", ip_address="198.51.100.7", placed_at=timezone.now())
    order = payment.order
    other = secured(market=order.market, email="x@mailinator.com")
    for _ in range(6):
        factories.make_payment(
            other, payment.method, status=Payment.Status.FAILED, failure="stolen"
        )
    for _ in range(3):
        secured(market=order.market, email="X@mailinator.com")
    pay(payment)
    from payments.following import refresh_payment

    refresh_payment(payment.pk, now=later())
    work()  # The scoring, which cancels …
    work()  # … and what the cancellation starts.
    order.refresh_from_db()
    payment.refresh_from_db()
    assert RiskAssessment.objects.get(order=order).decision == "decline"
    assert order.status == Order.Status.CANCELLED
    assert payment.status == Payment.Status.VOIDED
    assert live_charges(sandbox) == []


def test_order_scored_by_many_at_once_has_one_verdict() -> None:
    order = secured()
    all_at_once(*[lambda: score_order(order.pk, now=later())] * 6)
    assert RiskAssessment.objects.count() == 1
    assert kinds(order) == ["order_released"]


def test_verdict_does_not_undo_what_staff_decided() -> None:
    order = secured()
    failures(order, 6)
    score_order(order.pk, now=later())
    from orders.transitions import release_order

    release_order(order, now=later(), by="staff")
    score_order(order.pk, now=later())
    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED


def test_order_without_money_not_scored() -> None:
    order = factories.make_order(factories.make_market())
    assert score_order(order.pk, now=later()) is None
    order.refresh_from_db()
    assert order.status == Order.Status.PLACED


def test_signals_count_same_buyer_and_not_others() -> None:
    order = secured(ip_address="198.51.100.7")
    for minutes in (10, 50, 70, 60 * 23, 60 * 25):
        earlier = secured(market=order.market, email="Ada@Example.com", ip_address="198.51.100.7")
        Order.objects.filter(pk=earlier.pk).update(
            placed_at=order.placed_at - timedelta(minutes=minutes)
        )
    secured(
        market=order.market, email="else@example.com", ip_address="198.51.100.8",
        shipping_address=factories.make_address(street_address="Anderswo 9"),
    )  # fmt: skip
    signals = collect_signals(order, now=order.placed_at)
    assert (signals.orders_by_email_1h, signals.orders_by_email_24h) == (3, 5)
    assert (signals.orders_by_ip_1h, signals.orders_by_ip_24h) == (3, 5)
    assert (signals.orders_by_address_1h, signals.orders_by_address_24h) == (3, 5)
    assert signals.is_first_order is False
    assert signals.usual_amount is None


def test_signals_without_ip_know_no_ip() -> None:
    signals = collect_signals(secured(), now=later())
    assert (signals.orders_by_ip_1h, signals.orders_by_ip_24h) == (None, None)


def test_usual_amount_is_the_median_of_the_market() -> None:
    order = secured(unit_price="500.00")
    variant = factories.make_variant()
    for number in range(21):
        secured(market=order.market, lines={variant: 1}, unit_price=str(10 + number))
    signals = collect_signals(order, now=later())
    assert signals.usual_amount == Decimal("20.000")
    assert isinstance(signals.usual_amount, Decimal)
    assessment = score_order(order.pk, now=later())
    assert assessment is not None
    assert {"code": "amount", "points": 40, "value": "25.0×"} in assessment.reasons


@pytest.mark.parametrize(
    ("country", "street", "expected"),
    [
        ("DE", "Hafenstraße", True),
        ("DE", "Hafenstraße 1", False),
        ("ES", "Calle Mayor, s/n", False),
        ("JP", "銀座", None),
        ("AE", "Al Wasl Road", None),
        ("GB", "PO Box", None),
    ],
)
def test_house_number_missed_only_where_all_have_one(
    country: str, street: str, expected: bool | None
) -> None:
    assert lacks_house_number(country, street) is expected


@pytest.mark.parametrize(
    ("street", "expected"),
    [("P.O. Box 12", True), ("Postfach 1234", True), ("Apartado Postal 7", True),
     ("Boxhagener Str. 5", False), ("BP 12", True), ("Hafenstraße 1", False)],
)  # fmt: skip
def test_post_office_box_known(street: str, expected: bool) -> None:
    order = secured(shipping_address=factories.make_address(street_address=street))
    assert collect_signals(order, now=later()).is_po_box is expected
