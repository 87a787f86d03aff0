from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from fulfillment.models import Reservation, StockLevel
from fulfillment.stock import (
    expire_reservations,
    extend_reservation,
    give_up_expired,
    secure_reservation,
)
from orders.models import Order
from orders.transitions import lock_order
from payments.errors import GatewayUnavailable
from payments.models import Payment, PaymentMethod
from payments.tasks import return_money
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_scene, reserve, run_together, stock_problems

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def _unpaid(scene: Scene, *, expires_at: datetime | None = NOW + timedelta(minutes=45)) -> Order:
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 3)
    order = factories.make_order(scene.market, {variant: 2})
    method = PaymentMethod.objects.filter(code="transfer").first() or factories.make_method(
        scene.market, "transfer", gateway=PaymentMethod.Gateway.BANK_TRANSFER
    )
    factories.make_payment(order, method, status=Payment.Status.REQUIRES_ACTION)
    reserve(order, expires_at=expires_at)
    return order


def test_expire_reservations_gives_up_an_unpaid_order() -> None:
    order = _unpaid(make_scene())

    assert expire_reservations(LATER) == 1

    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert order.events.get(kind="order_cancelled").data == {"reason": "reservation_expired"}
    assert Reservation.objects.get().status == Reservation.Status.RELEASED
    assert Payment.objects.get().status == Payment.Status.VOIDED
    assert StockLevel.objects.get().reserved == 0
    assert stock_problems() == []
    assert expire_reservations(LATER) == 0


def test_expire_reservations_leaves_what_is_not_due() -> None:
    scene = make_scene()
    _unpaid(scene)
    _unpaid(scene, expires_at=None)

    assert expire_reservations(NOW) == 0
    assert Reservation.objects.filter(status=Reservation.Status.ACTIVE).count() == 2


@pytest.mark.parametrize("payment", ["authorised", "paid"])
def test_expire_reservations_keeps_a_paid_order_whose_task_was_late(payment: str) -> None:
    order = _unpaid(make_scene())
    Order.objects.filter(pk=order.pk).update(payment_status=payment)

    assert expire_reservations(LATER) == 0

    assert Reservation.objects.get().expires_at is None
    order.refresh_from_db()
    assert order.status == Order.Status.PLACED


def test_expire_reservations_goes_on_when_the_gateway_is_away() -> None:
    order = _unpaid(make_scene())

    with patch("fulfillment.stock.expiry.void_payment", side_effect=GatewayUnavailable("away")):
        assert expire_reservations(LATER) == 1
    assert Payment.objects.get().status == Payment.Status.REQUIRES_ACTION

    event = order.events.get(kind="order_cancelled")
    return_money(str(event.pk))
    assert Payment.objects.get().status == Payment.Status.VOIDED


@pytest.mark.django_db(transaction=True)
def test_expire_reservations_passes_over_an_order_that_is_being_paid() -> None:
    scene = make_scene()
    busy, idle = _unpaid(scene), _unpaid(scene)

    with transaction.atomic():
        lock_order(busy.pk)
        assert run_together([lambda: expire_reservations(LATER)]) == [1]

    assert Order.objects.get(pk=busy.pk).status == Order.Status.PLACED
    assert Order.objects.get(pk=idle.pk).status == Order.Status.CANCELLED
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_expire_reservations_by_two_workers_gives_up_each_order_once() -> None:
    scene = make_scene()
    for _ in range(6):
        _unpaid(scene)

    results = run_together([lambda: expire_reservations(LATER)] * 3)

    assert all(isinstance(result, int) for result in results), results
    expire_reservations(LATER)  # What every worker left to another.
    assert Order.objects.filter(status=Order.Status.CANCELLED).count() == 6
    assert stock_problems() == []


def test_secure_and_extend_only_ever_hold_longer() -> None:
    order = _unpaid(make_scene())

    assert not extend_reservation(order, expires_at=NOW)
    assert extend_reservation(order, expires_at=LATER)
    assert Reservation.objects.get().expires_at == LATER

    assert secure_reservation(order)
    assert not extend_reservation(order, expires_at=LATER + timedelta(days=1))
    assert Reservation.objects.get().expires_at is None
    assert expire_reservations(LATER + timedelta(days=30)) == 0


def test_secure_reservation_says_when_the_units_are_gone() -> None:
    order = _unpaid(make_scene())
    expire_reservations(LATER)

    assert not secure_reservation(order)


def test_expire_reservations_keeps_what_a_voucher_still_has_time_for() -> None:
    """The task that extends the hold may come after this one: a worker was away."""
    order = _unpaid(make_scene())
    Order.objects.filter(pk=order.pk).update(payment_status=Order.PaymentStatus.PENDING)
    until = LATER + timedelta(days=3)
    Payment.objects.update(status=Payment.Status.PROCESSING, expires_at=until)

    assert expire_reservations(LATER) == 0

    order.refresh_from_db()
    assert order.status == Order.Status.PLACED
    held_until = Reservation.objects.get().expires_at
    assert held_until is not None
    assert held_until > until
    assert expire_reservations(held_until) == 1


def test_give_up_expired_frees_as_much_as_is_missing_the_oldest_first() -> None:
    scene = make_scene()
    variant, other = factories.make_variant(), factories.make_variant()
    for each in (variant, other):
        factories.make_stock(each, scene.warehouses[0], 9)
    orders = [factories.make_order(scene.market, {variant: 2}) for _ in range(3)]
    orders.append(factories.make_order(scene.market, {other: 2}))
    for number, order in enumerate(orders):
        reserve(order, expires_at=NOW + timedelta(minutes=30 - number))

    assert give_up_expired({variant.pk: 3}, now=NOW) == 0
    assert give_up_expired({variant.pk: 3}, now=LATER) == 2

    active = Reservation.objects.filter(status=Reservation.Status.ACTIVE)
    assert {held.order_id for held in active} == {orders[0].pk, orders[3].pk}
    assert Order.objects.get(pk=orders[2].pk).status == Order.Status.CANCELLED
    assert StockLevel.objects.get(variant=variant).reserved == 2
    assert stock_problems() == []


@pytest.mark.django_db(transaction=True)
def test_give_up_expired_passes_over_an_order_that_somebody_is_at() -> None:
    order = _unpaid(make_scene())
    wanted = {line.variant_id: 1 for line in order.lines.all()}

    with transaction.atomic():
        lock_order(order.pk)
        assert run_together([lambda: give_up_expired(wanted, now=LATER)]) == [0]

    assert give_up_expired(wanted, now=LATER) == 1
    connection.close()
