"""A shipment's way from the shelf to the door. Each step is a change of state that happens once."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from fulfillment.carriers.finding import label_number
from fulfillment.errors import NotPaid
from fulfillment.models import (
    Reservation,
    ReservationLine,
    Shipment,
    ShipmentLine,
    StockMovement,
)
from fulfillment.stock.levels import change_reserved
from orders.errors import StaleTransition
from orders.events import record_event
from orders.models import Order
from orders.transitions import complete_order, lock_order, set_fulfillment_status
from payments.capturing import capture_payment, record_cash_collected
from payments.models import Payment, PaymentMethod

S = Shipment.Status
_GONE = {S.DISPATCHED, S.DELIVERED}
_PAID = {
    Order.PaymentStatus.PAID,
    Order.PaymentStatus.PART_REFUNDED,
    Order.PaymentStatus.REFUNDED,
}


def start_picking(shipment_id: int) -> None:
    """Take a planned shipment into work. Raises StaleTransition if it is not planned."""
    _move(shipment_id, {S.PLANNED}, S.PICKING)


def pack_shipment(shipment_id: int, *, now: datetime) -> None:
    """Close the parcel of a planned or picked shipment. Raises StaleTransition otherwise."""
    _move(shipment_id, {S.PLANNED, S.PICKING}, S.PACKED, packed_at=now)


def dispatch_shipment(
    shipment_id: int, *, tracking_number: str = "", user: Any = None, now: datetime
) -> Shipment:
    """Hand a packed shipment to its carrier: take the money first, then the units out of stock.

    The capture is a call to the gateway, outside any transaction; where it fails, its error
    passes and the shipment stays packed. Without a tracking number it takes its label's. Once for
    each shipment: a second call gives it back unchanged. Raises NotPaid, or StaleTransition if
    the shipment is not packed or its order not released.
    """
    shipment = Shipment.objects.select_related("order").get(pk=shipment_id)
    if shipment.status in _GONE:
        return shipment
    _check_dispatchable(shipment, shipment.order)
    payment = capture_payment(shipment.order_id, now=now)
    at_the_door = payment.method.gateway == PaymentMethod.Gateway.CASH_ON_DELIVERY
    if payment.status != Payment.Status.CAPTURED and not at_the_door:
        raise NotPaid(f"Payment {payment.pk} is {payment.status}.")
    return _record_dispatch(
        shipment_id, order_id=shipment.order_id, tracking_number=tracking_number, user=user, now=now
    )


def mark_delivered(shipment_id: int, *, now: datetime) -> Shipment:
    """Note that a dispatched shipment arrived; with the last one, close the order.

    One that was reported lost or damaged may arrive after all, unless staff have resolved it.

    Cash that the carrier took at the door is recorded as collected with the last shipment. A
    second call does nothing again, and finishes what an interrupted first one left. Raises
    StaleTransition if the shipment was not dispatched.
    """
    shipment = _record_delivery(shipment_id, now=now)
    finish_order(shipment.order_id, now=now)
    return shipment


def finish_order(order_id: int, *, now: datetime) -> bool:
    """Collect cash on delivery and complete an order whose shipments have all arrived.

    False if something is still on its way, unpaid, or the order is closed already.
    """
    order = Order.objects.get(pk=order_id)
    if order.status != Order.Status.RELEASED or not _all_delivered(order):
        return False
    if Payment.objects.filter(
        order=order,
        method__gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY,
        status=Payment.Status.AUTHORISED,
    ).exists():
        record_cash_collected(order_id, now=now)
    return _complete(order_id, now=now)


def _check_dispatchable(shipment: Shipment, order: Order) -> None:
    if shipment.status != S.PACKED:
        raise StaleTransition(f"Shipment {shipment.number} is {shipment.status}, not packed.")
    if order.status != Order.Status.RELEASED:
        raise StaleTransition(f"Order {order.number} is {order.status}, not released.")
    if order.payment_status == Order.PaymentStatus.REFUNDED:
        raise NotPaid(f"Order {order.number} was paid back.")


@transaction.atomic(durable=True)
def _record_dispatch(
    shipment_id: int, *, order_id: int, tracking_number: str, user: Any, now: datetime
) -> Shipment:
    order = lock_order(order_id)
    shipment = Shipment.objects.select_related("warehouse", "service__carrier").get(pk=shipment_id)
    if shipment.status in _GONE:
        return shipment
    _check_dispatchable(shipment, order)
    tracking_number = tracking_number or label_number(shipment.pk)
    shipment.status = S.DISPATCHED
    shipment.tracking_number = tracking_number
    shipment.dispatched_at = now
    shipment.save(update_fields=["status", "tracking_number", "dispatched_at", "changed_at"])
    _take_out_of_stock(shipment, user=user, now=now)
    set_fulfillment_status(
        order,
        Order.FulfillmentStatus.SHIPPED
        if _is_all(order, {*_GONE, S.EXCEPTION})
        else Order.FulfillmentStatus.PART_SHIPPED,
    )
    record_event(
        order,
        "shipment_dispatched",
        now=now,
        shipment=shipment.pk,
        number=shipment.number,
        carrier=shipment.service.carrier.name,
        tracking_number=tracking_number,
        tracking_url=shipment.tracking_url,
    )
    return shipment


def _take_out_of_stock(shipment: Shipment, *, user: Any, now: datetime) -> None:
    """Book the sale of a shipment's units and shrink the reservation by them.

    The reserved units go first: on_hand may never be below them.
    """
    units: dict[int, int] = defaultdict(int)
    for line in shipment.lines.select_related("order_line"):
        units[line.order_line.variant_id] += line.quantity
    warehouse = shipment.warehouse_id
    reservation = Reservation.objects.select_for_update().get(order=shipment.order_id)
    change_reserved({(variant, warehouse): -n for variant, n in units.items()})
    held = {
        line.variant_id: line
        for line in reservation.lines.filter(warehouse=warehouse, variant_id__in=units)
    }
    for variant, n in units.items():
        held[variant].quantity -= n
    ReservationLine.objects.bulk_update(held.values(), ["quantity"])
    if not reservation.lines.filter(Q(quantity__gt=0) | Q(ahead__gt=0)).exists():
        Reservation.objects.filter(pk=reservation.pk).update(status=Reservation.Status.CONSUMED)
    StockMovement.objects.bulk_create(
        StockMovement(
            warehouse_id=warehouse,
            variant_id=variant,
            kind=StockMovement.Kind.SALE,
            quantity=-n,
            reference=shipment.number,
            user=user,
            occurred_at=now,
        )
        for variant, n in sorted(units.items())
    )


@transaction.atomic(durable=True)
def _record_delivery(shipment_id: int, *, now: datetime) -> Shipment:
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    order = lock_order(order_id)
    shipment = Shipment.objects.get(pk=shipment_id)
    if shipment.status == S.DELIVERED:
        return shipment
    if shipment.status not in (S.DISPATCHED, S.EXCEPTION) or shipment.resolution:
        state = shipment.resolution or shipment.status
        raise StaleTransition(f"Shipment {shipment.number} is {state}, not dispatched.")
    shipment.status = S.DELIVERED
    shipment.delivered_at = now
    shipment.save(update_fields=["status", "delivered_at", "changed_at"])
    if _all_delivered(order):
        set_fulfillment_status(order, Order.FulfillmentStatus.DELIVERED)
    record_event(order, "shipment_delivered", now=now, shipment=shipment.pk, number=shipment.number)
    return shipment


@transaction.atomic(durable=True)
def _complete(order_id: int, *, now: datetime) -> bool:
    order = lock_order(order_id)
    if (
        order.status != Order.Status.RELEASED
        or order.payment_status not in _PAID
        or not _all_delivered(order)
    ):
        return False
    complete_order(order, now=now)
    return True


def _all_delivered(order: Order) -> bool:
    """Tell whether the shopper has everything, apart from what was lost and paid back."""
    return order.shipments.filter(status=S.DELIVERED).exists() and _is_all(order, {S.DELIVERED})


def _is_all(order: Order, states: set[Shipment.Status]) -> bool:
    """Tell whether all units of an order are in shipments of some states, or were paid back.

    Units may be in no shipment: those that wait for a way.
    """
    paid_back = Q(shipment__resolution=Shipment.Resolution.REFUNDED)
    there = ShipmentLine.objects.filter(
        Q(shipment__status__in=states) & ~Q(shipment__resolution=Shipment.Resolution.RESENT)
        | paid_back,
        shipment__order=order,
    ).aggregate(units=Sum("quantity"))["units"]
    bought = order.lines.aggregate(units=Sum("quantity"))["units"]
    return bool(there == bought)


def _move(
    shipment_id: int, before: set[Shipment.Status], after: Shipment.Status, **fields: Any
) -> None:
    if not Shipment.objects.filter(pk=shipment_id, status__in=before).update(
        status=after, **fields
    ):
        raise StaleTransition(f"Shipment {shipment_id} is not {' or '.join(sorted(before))}.")
