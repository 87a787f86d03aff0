from datetime import timedelta

import pytest
from django.db import transaction

from fulfillment import tasks
from fulfillment.models import Reservation, Shipment
from orders.events import record_event
from orders.models import Order
from orders.transitions import cancel_order
from payments.models import Payment, PaymentMethod
from tests import factories
from tests.fulfillment.scenes import NOW, make_paid_order, make_scene, reserve, stock_problems

pytestmark = pytest.mark.django_db


def _event(order: Order, kind: str) -> str:
    return str(record_event(order, kind, now=NOW).pk)


def _paid() -> Order:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    return make_paid_order(scene, {variant: 1})


def test_route_order_task_plans_a_released_order_once() -> None:
    order = _paid()
    event = _event(order, "order_released")

    tasks.route_order(event)
    tasks.route_order(event)

    assert Shipment.objects.count() == 1
    mine = order.events.get(pk=event).deliveries.filter(subscriber="fulfillment.tasks.route_order")
    assert [row.status for row in mine] == ["done"]


@pytest.mark.parametrize("kind", ["payment_authorised", "payment_captured"])
def test_secure_stock_task_ends_the_expiry(kind: str) -> None:
    order = _paid()

    tasks.secure_stock(_event(order, kind))

    assert Reservation.objects.get().expires_at is None


@pytest.mark.parametrize("days", [None, 3])
def test_secure_stock_task_holds_pending_orders_as_long_as_their_payment(days: int | None) -> None:
    order = _paid()
    Payment.objects.update(
        status=Payment.Status.PROCESSING,
        captured=0,
        expires_at=None if days is None else NOW + timedelta(days=days),
    )

    tasks.secure_stock(_event(order, "payment_pending"))

    expires_at = Reservation.objects.get().expires_at
    assert expires_at is not None
    if days is None:
        assert expires_at > NOW + timedelta(days=7)
    else:
        assert expires_at == NOW + timedelta(days=days, hours=2)


def test_release_stock_task_frees_a_cancelled_order() -> None:
    order = _paid()
    tasks.route_order(_event(order, "order_released"))
    with transaction.atomic():
        event = cancel_order(order, now=NOW, reason="asked")

    tasks.release_stock(str(event.pk))

    assert Shipment.objects.get().status == Shipment.Status.CANCELLED
    assert Order.objects.get().fulfillment_status == Order.FulfillmentStatus.UNFULFILLED
    assert Reservation.objects.get().status == Reservation.Status.RELEASED
    assert Payment.objects.get().status == Payment.Status.CAPTURED
    assert stock_problems() == []


def test_finish_order_task_completes_an_order_paid_after_it_arrived() -> None:
    order = _paid()
    tasks.route_order(_event(order, "order_released"))
    Shipment.objects.update(status=Shipment.Status.DELIVERED)

    tasks.finish_order(_event(order, "payment_captured"))

    order.refresh_from_db()
    assert order.status == Order.Status.COMPLETED


def test_expire_reservations_task_gives_up_old_orders() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    order = factories.make_order(scene.market, {variant: 1})
    factories.make_payment(
        order,
        factories.make_method(
            scene.market, "transfer", gateway=PaymentMethod.Gateway.BANK_TRANSFER
        ),
    )
    reserve(order, expires_at=NOW - timedelta(days=30))

    assert tasks.expire_reservations() == 1
