from functools import partial

import pytest
from django.db import transaction

from catalog.models import Variant
from fulfillment.cancelling import cancel_fulfillment
from fulfillment.errors import NothingToRefund, NotPaid
from fulfillment.models import Reservation, Shipment, StockLevel, StockMovement
from fulfillment.returns import (
    close_return,
    inspect_return,
    receive_return,
    refund_return,
    request_return,
)
from fulfillment.routes import route_order
from fulfillment.shipping import (
    dispatch_shipment,
    finish_order,
    mark_delivered,
    pack_shipment,
    start_picking,
)
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import cancel_order
from payments.errors import NothingToCapture
from payments.models import Payment, PaymentMethod
from payments.voiding import return_money
from tests import factories
from tests.fulfillment.scenes import (
    NOW,
    Scene,
    make_paid_order,
    make_scene,
    run_together,
    send,
    stock_problems,
)

pytestmark = pytest.mark.django_db


def _planned(scene: Scene, *stock: int, quantity: int = 2) -> tuple[Order, Variant]:
    """Make a routed order for a variant of which the warehouses have these units."""
    variant = factories.make_variant()
    for warehouse, units in zip(scene.warehouses, stock, strict=False):
        factories.make_stock(variant, warehouse, units)
    order = make_paid_order(scene, {variant: quantity})
    route_order(order.pk, now=NOW)
    return order, variant


def _status(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    return order.status, order.fulfillment_status


def test_shipment_goes_from_shelf_to_door() -> None:
    order, variant = _planned(make_scene(), 5)
    shipment = order.shipments.get()
    shipment.service.tracking_url = "https://track.example/{number}?lang=en"
    shipment.service.save()

    start_picking(shipment.pk)
    pack_shipment(shipment.pk, now=NOW)
    dispatch_shipment(shipment.pk, tracking_number="A 1", user=None, now=NOW)

    shipment.refresh_from_db()
    assert shipment.status == Shipment.Status.DISPATCHED
    assert shipment.tracking_url == "https://track.example/A%201?lang=en"
    assert _status(order) == ("released", "shipped")
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (3, 0)
    sale = StockMovement.objects.get(kind="sale")
    assert (sale.quantity, sale.variant, sale.reference) == (-2, variant, shipment.number)
    assert Reservation.objects.get().status == Reservation.Status.CONSUMED
    event = order.events.get(kind="shipment_dispatched")
    assert event.data == {
        "shipment": shipment.pk,
        "number": shipment.number,
        "carrier": "Carrier",
        "tracking_number": "A 1",
        "tracking_url": "https://track.example/A%201?lang=en",
    }

    mark_delivered(shipment.pk, now=NOW)

    assert _status(order) == ("completed", "delivered")
    assert [event.kind for event in order.events.all()][-2:] == [
        "shipment_delivered",
        "order_completed",
    ]
    assert stock_problems() == []


def test_dispatch_twice_is_one_movement() -> None:
    order, _ = _planned(make_scene(), 5)
    shipment = order.shipments.get()
    send(shipment)

    again = dispatch_shipment(shipment.pk, tracking_number="other", user=None, now=NOW)

    assert again.tracking_number == "T1"
    assert StockMovement.objects.filter(kind="sale").count() == 1
    assert order.events.filter(kind="shipment_dispatched").count() == 1


@pytest.mark.django_db(transaction=True)
def test_dispatch_by_two_people_at_once_is_one_movement() -> None:
    order, _ = _planned(make_scene(), 5)
    shipment = order.shipments.get()
    pack_shipment(shipment.pk, now=NOW)

    job = partial(dispatch_shipment, shipment.pk, tracking_number="T1", user=None, now=NOW)
    results = run_together([job] * 4)

    assert {type(result) for result in results} == {Shipment}
    assert StockMovement.objects.filter(kind="sale").count() == 1
    assert stock_problems() == []


def test_dispatch_of_one_of_two_parcels_ships_the_order_in_part() -> None:
    order, _ = _planned(make_scene(), 1, 1)
    first, second = order.shipments.order_by("id")

    send(first)
    assert _status(order) == ("released", "part_shipped")
    send(second)
    assert _status(order) == ("released", "shipped")

    mark_delivered(first.pk, now=NOW)
    assert _status(order) == ("released", "shipped")
    mark_delivered(second.pk, now=NOW)
    assert _status(order) == ("completed", "delivered")
    assert stock_problems() == []


def test_steps_out_of_order_are_stale() -> None:
    order, _ = _planned(make_scene(), 5)
    shipment = order.shipments.get()

    with pytest.raises(StaleTransition):
        dispatch_shipment(shipment.pk, tracking_number="T1", user=None, now=NOW)
    with pytest.raises(StaleTransition):
        mark_delivered(shipment.pk, now=NOW)
    pack_shipment(shipment.pk, now=NOW)
    with pytest.raises(StaleTransition):
        start_picking(shipment.pk)
    with pytest.raises(StaleTransition):
        pack_shipment(shipment.pk, now=NOW)


def test_dispatch_without_money_leaves_the_shipment_packed() -> None:
    order, _ = _planned(make_scene(), 5)
    shipment = order.shipments.get()
    pack_shipment(shipment.pk, now=NOW)
    Payment.objects.filter(order=order).update(status=Payment.Status.FAILED, captured=0)

    with pytest.raises((NothingToCapture, NotPaid)):
        dispatch_shipment(shipment.pk, tracking_number="T1", user=None, now=NOW)

    shipment.refresh_from_db()
    assert shipment.status == Shipment.Status.PACKED
    assert not StockMovement.objects.filter(kind="sale").exists()


def test_cancelled_order_frees_its_units_and_is_not_sent() -> None:
    order, _ = _planned(make_scene(), 5)
    shipment = order.shipments.get()
    pack_shipment(shipment.pk, now=NOW)
    with transaction.atomic():
        cancel_order(order, now=NOW, reason="asked")

    with pytest.raises(StaleTransition):
        dispatch_shipment(shipment.pk, tracking_number="T1", user=None, now=NOW)
    cancel_fulfillment(order.pk)
    cancel_fulfillment(order.pk)

    shipment.refresh_from_db()
    assert shipment.status == Shipment.Status.CANCELLED
    assert StockLevel.objects.get().reserved == 0
    assert stock_problems() == []


def test_cash_is_collected_with_the_last_parcel() -> None:
    scene = make_scene()
    order, _ = _planned(scene, 1, 1)
    cash = factories.make_method(
        scene.market, "cash", gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY
    )
    Payment.objects.filter(order=order).update(
        method=cash, status=Payment.Status.AUTHORISED, captured=0
    )
    Order.objects.filter(pk=order.pk).update(payment_status=Order.PaymentStatus.AUTHORISED)
    first, second = order.shipments.order_by("id")
    for shipment in (first, second):
        send(shipment)

    mark_delivered(first.pk, now=NOW)
    assert Payment.objects.get(order=order).status == Payment.Status.AUTHORISED
    mark_delivered(second.pk, now=NOW)

    assert Payment.objects.get(order=order).captured == order.gross
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("completed", "paid")


def test_mark_delivered_again_finishes_what_was_interrupted() -> None:
    order, _ = _planned(make_scene(), 5)
    shipment = order.shipments.get()
    send(shipment)
    mark_delivered(shipment.pk, now=NOW)
    Order.objects.filter(pk=order.pk).update(status=Order.Status.RELEASED)

    mark_delivered(shipment.pk, now=NOW)

    assert _status(order) == ("completed", "delivered")
    assert order.events.filter(kind="shipment_delivered").count() == 1
    assert finish_order(order.pk, now=NOW) is False


def test_dispatch_of_an_order_that_was_paid_back_is_refused() -> None:
    order, _ = _planned(make_scene(), 5)
    shipment = order.shipments.get()
    pack_shipment(shipment.pk, now=NOW)
    Payment.objects.filter(order=order).update(refunded=order.gross)
    Order.objects.filter(pk=order.pk).update(payment_status=Order.PaymentStatus.REFUNDED)

    with pytest.raises(NotPaid):
        dispatch_shipment(shipment.pk, tracking_number="T1", user=None, now=NOW)

    shipment.refresh_from_db()
    assert shipment.status == Shipment.Status.PACKED
    assert stock_problems() == []


def test_parcel_refused_at_the_door_comes_back_and_nobody_pays() -> None:
    scene = make_scene()
    order, variant = _planned(scene, 5)
    cash = factories.make_method(
        scene.market, "cash", gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY
    )
    Payment.objects.filter(order=order).update(
        method=cash, status=Payment.Status.AUTHORISED, captured=0
    )
    Order.objects.filter(pk=order.pk).update(payment_status=Order.PaymentStatus.AUTHORISED)
    send(order.shipments.get())
    order.refresh_from_db()
    with pytest.raises(StaleTransition), transaction.atomic():
        cancel_order(order, now=NOW, reason="refused at the door")

    line = order.lines.get()
    back = request_return(order, [(line.pk, 2, "")], now=NOW)
    receive_return(
        back.pk, warehouse=scene.warehouses[0], received={back.lines.get().pk: 2}, now=NOW
    )
    inspect_return(back.pk, grades={back.lines.get().pk: "a"}, now=NOW)
    with pytest.raises(NothingToRefund):
        refund_return(back.pk, now=NOW)
    close_return(back.pk)
    order.refresh_from_db()
    with transaction.atomic():
        cancel_order(order, now=NOW, reason="refused at the door")
    return_money(order.pk, now=NOW, reason="refused at the door")

    assert Payment.objects.get(order=order).status == Payment.Status.VOIDED
    assert StockLevel.objects.get(variant=variant).on_hand == 5
    assert _status(order) == ("cancelled", "returned")
    assert stock_problems() == []
