"""What was lost or damaged on its way is sent again from stock."""

from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.reference import one_reference
from fulfillment.models import RoutingDecision, Shipment
from fulfillment.routes.choosing import choose_part
from fulfillment.routes.writing import Cause, Why, lock_bench, write_plan
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import lock_order


@transaction.atomic(durable=True)
def resend_shipment(shipment_id: int, *, reason: str, user: Any, now: datetime) -> RoutingDecision:
    """Plan the units of a parcel that needs attention once more, and close that parcel.

    What has no way now waits. Locks as `route_order` does. Raises StaleTransition if the parcel
    does not need attention, or any more, or its order is not released.
    """
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    order = lock_order(order_id)
    shipment = Shipment.objects.select_for_update(of=("self",)).get(pk=shipment_id)
    if (
        shipment.status != Shipment.Status.EXCEPTION
        or shipment.resolution
        or order.status != Order.Status.RELEASED
    ):
        raise StaleTransition(f"Shipment {shipment.number} needs no attention.")
    shipment.resolution = Shipment.Resolution.RESENT
    shipment.save(update_fields=["resolution", "changed_at"])
    with one_reference() as read:
        bench = lock_bench(order, now=now, read=read)
        chosen = choose_part(bench.demand, ways=bench.ways, stock=bench.stock)
        note = f"{shipment.number}: {reason}"
        return write_plan(bench, chosen, why=Why(Cause.STAFF, now, note, user))
