"""Another way for a shipment whose carrier cannot take it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.reference import one_reference
from fulfillment.carriers.dropping import drop_label
from fulfillment.errors import NoRoute
from fulfillment.models import RoutingDecision, Shipment
from fulfillment.planning import Network, plan_shipments
from fulfillment.routes.choosing import Chosen, choose
from fulfillment.routes.demand import AT_WORK, contents_of
from fulfillment.routes.explaining import cents
from fulfillment.routes.writing import Bench, Why, keep_decision, lock_bench, write_plan
from orders.errors import StaleTransition
from orders.events import record_event
from orders.models import Order
from orders.transitions import lock_order

S = Shipment.Status


@transaction.atomic(durable=True)
def replan_shipment(
    shipment_id: int,
    *,
    cause: RoutingDecision.Cause,
    now: datetime,
    note: str = "",
    user: Any = None,
) -> RoutingDecision:
    """Find another service or warehouse for a shipment that has not left; carriers that are down
    are not taken.

    One that nobody has started on is planned anew with what else is open of its order. One that
    is in work keeps its row, its warehouse and its state: only its service, cost and days
    change. Raises NoRoute where there is no other way, StaleTransition if it has left or its
    order is not released; nothing changes then.
    """
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    order = lock_order(order_id)
    with one_reference() as read:
        bench = lock_bench(order, now=now, read=read)
        shipment = Shipment.objects.select_related("service", "warehouse").get(pk=shipment_id)
        if order.status != Order.Status.RELEASED:
            raise StaleTransition(f"Order {order.number} is {order.status}.")
        why = Why(cause, now, note or f"{shipment.number}: {shipment.service}", user)
        if shipment.status == S.PLANNED:
            chosen = choose(bench.demand, ways=bench.ways, stock=bench.stock)
            return write_plan(bench, chosen, why=why)
        if shipment.status not in AT_WORK:
            raise StaleTransition(f"Shipment {shipment.number} is {shipment.status}.")
        return _change_service(bench, shipment, why=why)


def _change_service(bench: Bench, shipment: Shipment, *, why: Why) -> RoutingDecision:
    """Send a parcel that is in work by another service from where it is, as one parcel."""
    code, units = shipment.warehouse.code, contents_of(shipment)
    lanes = tuple(
        lane
        for lane in bench.ways.lanes
        if lane.warehouse == code and lane.service != shipment.service.code
    )
    # Its boxes are closed or about to be: it must go as the one parcel that it is.
    routing = plan_shipments(
        bench.demand.to_plan(units), {code: units}, Network(lanes), bench.ways.policy
    )
    if len(routing.plan.parcels) > 1:
        raise NoRoute({code: "too_heavy"})
    parcel = routing.plan.parcels[0]
    shipment.service = bench.ways.way(parcel.lane).zone.service
    shipment.cost = cents(parcel.cost)
    shipment.save(update_fields=["service", "cost", "changed_at"])
    # Else it might leave under the number of a label that another carrier made.
    drop_label(shipment.pk, now=why.now)
    record_event(
        bench.order,
        "order_rerouted",
        now=why.now,
        shipments=[shipment.number],
        warehouses=[code],
        cost=str(shipment.cost),
        cause=why.cause,
        note=why.note,
        new=[],
        waiting=0,
    )
    chosen = Chosen(routing.plan, routing.rejected, routing.exact)
    return keep_decision(bench, chosen, why=why)
