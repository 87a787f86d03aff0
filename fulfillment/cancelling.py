from django.db import transaction

from fulfillment.models import Shipment
from fulfillment.stock.holding import release_reservation
from orders.models import Order
from orders.transitions import lock_order, set_fulfillment_status


@transaction.atomic(durable=True)
def cancel_fulfillment(order_id: int) -> None:
    """Take a cancelled order's shipments out of work and give back what it holds, once.

    Locks the order, then its stock rows: a dispatch either came before, and its units are gone,
    or it finds its shipment cancelled.
    """
    order = lock_order(order_id)
    Shipment.objects.filter(
        order=order,
        status__in=[Shipment.Status.PLANNED, Shipment.Status.PICKING, Shipment.Status.PACKED],
    ).update(status=Shipment.Status.CANCELLED)
    release_reservation(order)
    if order.fulfillment_status == Order.FulfillmentStatus.PLANNED:
        set_fulfillment_status(order, Order.FulfillmentStatus.UNFULFILLED)
