"""Orders that cost nothing: paid at once, by one method for that alone, at no gateway."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from djmoney.money import Money

from markets.models import Market
from orders.models import Order
from orders.transitions import cancel_order
from payments.capturing import capture_payment
from payments.errors import AlreadyPaid, MethodNotOffered, NotRefundable, RefundTooLarge
from payments.following import refresh_payment
from payments.methods import list_methods
from payments.models import MethodOffer, Payment, PaymentMethod, Refund, RiskAssessment
from payments.refunding import refund_payment
from payments.signals import collect_signals
from payments.starting import open_payment
from payments.sweeping import sweep_payments
from payments.voiding import return_money, void_payment
from tests import factories
from tests.payments.paying import CANCEL, SUCCESS, all_at_once, kinds, later, run_subscribers, start

pytestmark = pytest.mark.django_db(transaction=True)
S, P = Payment.Status, Order.PaymentStatus
NOTHING = PaymentMethod.Gateway.NOTHING


@pytest.fixture
def market() -> Market:
    market = factories.make_market()
    factories.make_method(market)
    return market


@pytest.fixture(autouse=True)
def _no_gateway(settings: Any) -> None:
    """Any call would fail: nobody listens there."""
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"


def offered(market: Market, amount: str, currency: str = "EUR") -> list[PaymentMethod]:
    return list_methods(
        market, country="DE", amount=Money(amount, currency), today=factories.NOW.date()
    )


def order_of_nothing(market: Market) -> Order:
    return factories.make_order(market, net=Decimal(0), gross=Decimal(0))


def pay_nothing(order: Order) -> Payment:
    return start(order, offered(order.market, "0")[0])


def test_zero_has_one_method_and_anything_above_it_never_has_that(market: Market) -> None:
    [method] = offered(market, "0")
    assert (method.gateway, method.name) == (NOTHING, "Nothing to pay")
    assert not PaymentMethod.objects.filter(gateway=NOTHING).exists()

    kept = pay_nothing(order_of_nothing(market)).method
    MethodOffer.objects.create(method=kept, market=market)

    assert offered(market, "0") == [kept]
    assert [method.code for method in offered(market, "0.01")] == ["card"]
    assert offered(market, "0", "USD") == []


def test_method_out_of_use_is_not_offered(market: Market) -> None:
    method = pay_nothing(order_of_nothing(market)).method
    PaymentMethod.objects.filter(pk=method.pk).update(is_active=False)

    assert offered(market, "0") == []
    with pytest.raises(MethodNotOffered):
        start(order_of_nothing(market), method)


def test_order_of_nothing_is_paid_at_once_and_released(market: Market) -> None:
    order = order_of_nothing(market)

    payment = pay_nothing(order)

    order.refresh_from_db()
    assert (payment.status, payment.amount) == (S.CAPTURED, Money(0, "EUR"))
    assert payment.captured == 0
    assert (order.status, order.payment_status) == (Order.Status.PLACED, P.PAID)
    assert open_payment(payment.pk, success_url=SUCCESS, cancel_url=CANCEL, now=later()) is None
    run_subscribers()
    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    assert RiskAssessment.objects.get().order == order
    assert kinds(order) == ["payment_captured", "order_released"]


def test_first_orders_of_nothing_at_once_share_one_method_and_each_is_paid_once(
    market: Market,
) -> None:
    orders = [order_of_nothing(market) for _ in range(4)]

    results = all_at_once(*[lambda order=order: pay_nothing(order) for order in orders * 2])

    assert Counter(type(result) for result in results) == {Payment: 4, AlreadyPaid: 4}
    assert PaymentMethod.objects.filter(gateway=NOTHING).count() == 1
    assert Payment.objects.count() == 4


def test_method_must_fit_the_amount(market: Market) -> None:
    card, order = PaymentMethod.objects.get(), order_of_nothing(market)
    with pytest.raises(MethodNotOffered):
        start(order, card)
    nothing = pay_nothing(order).method
    with pytest.raises(MethodNotOffered):
        start(factories.make_order(market), nothing)


@pytest.mark.parametrize(
    ("gateway", "fields", "broken"),
    [
        ("stripe", {"amount": 0, "status": S.CAPTURED}, "payment_of_nothing_by_its_method"),
        (NOTHING, {"amount": 5, "status": S.CAPTURED}, "payment_of_nothing_by_its_method"),
        (NOTHING, {"amount": 0, "status": S.CREATED}, "payment_positive_or_of_nothing"),
        (NOTHING, {"amount": 0, "status": S.VOIDED}, "payment_positive_or_of_nothing"),
        (NOTHING, {"amount": 0, "status": S.CAPTURED, "gateway_payment": "pi_1"},
         "payment_positive_or_of_nothing"),
    ],
)  # fmt: skip
def test_database_refuses_what_is_not_so(
    market: Market, gateway: str, fields: dict[str, Any], broken: str
) -> None:
    pay_nothing(order_of_nothing(market))
    method = PaymentMethod.objects.get(gateway=gateway)
    values = {**fields, "amount": Money(fields["amount"], "EUR")}
    with pytest.raises(IntegrityError, match=broken), transaction.atomic():
        Payment.objects.create(order=factories.make_order(market), method=method, **values)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_database_holds_the_method_to_its_payments(market: Market) -> None:
    method = pay_nothing(order_of_nothing(market)).method
    with pytest.raises(IntegrityError, match="payment_of_nothing_by_its_method"):
        PaymentMethod.objects.filter(pk=method.pk).update(gateway="stripe")
    with pytest.raises(IntegrityError, match="payment_method_one_for_nothing"):
        PaymentMethod.objects.create(code="gift", name="Gift", gateway=NOTHING)


def test_capture_void_and_return_of_nothing_do_nothing(market: Market) -> None:
    payment = pay_nothing(order_of_nothing(market))
    order, before = payment.order, Payment.objects.values().get()

    assert capture_payment(order.pk, now=later()) == payment
    assert void_payment(order.pk, now=later(), reason="stock") == [payment]
    return_money(order.pk, now=later(), reason="stock")
    assert refresh_payment(payment.pk, now=later()).status == S.CAPTURED
    assert sweep_payments(now=later(600)) == 0

    after = Payment.objects.values().get()
    assert {**after, "changed_at": before["changed_at"]} == before
    assert (Refund.objects.count(), kinds(order)) == (0, ["payment_captured"])


def test_cancelled_order_of_nothing_gives_nothing_back(market: Market) -> None:
    order = order_of_nothing(market)
    pay_nothing(order)
    cancel_order(order, now=later(), reason="asked")

    run_subscribers()

    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert kinds(order) == ["payment_captured", "order_cancelled"]
    assert Refund.objects.count() == 0


@pytest.mark.parametrize(("amount", "error"), [("0", NotRefundable), ("1", RefundTooLarge)])
def test_nothing_is_all_that_can_be_refunded(
    market: Market, amount: str, error: type[Exception]
) -> None:
    payment = pay_nothing(order_of_nothing(market))
    with pytest.raises(error):
        refund_payment(payment.pk, Money(amount, "EUR"), operation_key="x", reason="", now=later())
    assert Refund.objects.count() == 0


def test_orders_of_nothing_say_nothing_of_what_is_usual(market: Market) -> None:
    for _ in range(20):
        pay_nothing(order_of_nothing(market))
    order = factories.make_order(market, unit_price="500", placed_at=later())

    signals = collect_signals(order, now=later())

    assert (signals.usual_amount, signals.is_first_order) == (None, True)
    assert signals.amount == Decimal(500)


def test_staff_neither_make_nor_change_the_method(
    market: Market, client: Client, django_user_model: Any
) -> None:
    method = pay_nothing(order_of_nothing(market)).method
    client.force_login(
        django_user_model.objects.create_superuser(email="staff@example.com", password="x")
    )

    new = client.get(reverse("admin:payments_paymentmethod_add"))
    gateways = new.context["adminform"].form.fields["gateway"].choices
    assert [value for value, _label in gateways if value] == [
        "stripe", "bank_transfer", "cash_on_delivery",
    ]  # fmt: skip
    kept = client.get(reverse("admin:payments_paymentmethod_change", args=[method.pk]))
    assert kept.status_code == 200
    assert not {"code", "gateway"} & set(kept.context["adminform"].form.fields)
