"""Putting a plan into effect: shipments, reservation and the decision, in one transaction."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.reference import Reference
from fulfillment.models import RoutingDecision, Shipment, ShipmentLine
from fulfillment.numbers import shipment_number
from fulfillment.planning import Parcel, Plan
from fulfillment.routes.choosing import Chosen, Stock
from fulfillment.routes.demand import AT_WORK, Demand, Key, contents_of, read_demand
from fulfillment.routes.explaining import cents, explain_plan, explain_rejected
from fulfillment.routes.holding import Holding, lock_holding, lock_stock, move_holding
from fulfillment.routes.network import Ways, read_ways
from orders.events import record_event
from orders.models import Order
from orders.transitions import set_fulfillment_status

S = Shipment.Status
Cause = RoutingDecision.Cause


@dataclass(frozen=True)
class Why:
    """What made somebody decide: `user` is empty where a task did."""

    cause: RoutingDecision.Cause
    now: datetime
    note: str = ""
    user: Any = None


@dataclass(frozen=True)
class Bench:
    """All that a plan is made from and written to, locked: order, shipments, reservation, stock."""

    demand: Demand
    ways: Ways
    holding: Holding
    stock: Stock

    @property
    def order(self) -> Order:
        return self.demand.order


def lock_bench(order: Order, *, now: datetime, read: Reference) -> Bench:
    """Lock what is below a locked order: its shipments, its reservation, then stock rows."""
    demand = read_demand(order, lock=True)
    ways = read_ways(demand, now=now, read=read)
    holding = lock_holding(order)
    return Bench(demand, ways, holding, lock_stock(holding, demand, ways=ways))


def write_plan(bench: Bench, chosen: Chosen, *, why: Why) -> RoutingDecision:
    """Make a plan an order's own: cancel planned shipments that are not in it, add the others.

    Shipments in work stay as they are. The decision becomes the one in force; those before it
    stay as they were.
    """
    order = bench.order
    move_holding(bench.holding, to=_held_by(bench, chosen.plan))
    made = _write_shipments(bench, chosen.plan, now=why.now)
    decision = keep_decision(bench, chosen, why=why)
    _set_status(order)
    planned = order.shipments.filter(status=S.PLANNED).select_related("warehouse")
    record_event(
        order,
        "order_routed" if why.cause == Cause.RELEASED else "order_rerouted",
        now=why.now,
        shipments=[row.number for row in planned.order_by("id")],
        warehouses=sorted({row.warehouse.code for row in planned}),
        cost=str(decision.cost),
        cause=decision.cause,
        note=why.note,
        new=[row.number for row in made],
        waiting=sum((chosen.waiting or {}).values()),
    )
    return decision


def keep_decision(bench: Bench, chosen: Chosen, *, why: Why) -> RoutingDecision:
    """Write down why an order ships from where it ships by now."""
    order = bench.order
    settled = list(order.shipments.filter(status__in=AT_WORK).prefetch_related("lines__order_line"))
    RoutingDecision.objects.filter(order=order, is_current=True).update(is_current=False)
    return RoutingDecision.objects.create(
        order=order,
        cause=why.cause,
        note=why.note[:200],
        user=why.user if getattr(why.user, "pk", None) else None,
        cost=cents(chosen.plan.cost) if chosen.plan else 0,
        parcels=len(chosen.plan.parcels) if chosen.plan else 0,
        plan=explain_plan(chosen, bench.demand, settled=settled),
        rejected=explain_rejected(chosen),
        network=bench.ways.digest,
        decided_at=why.now,
    )


def _held_by(bench: Bench, plan: Plan | None) -> dict[Key, int]:
    places = bench.ways.warehouse_ids
    held: dict[Key, int] = defaultdict(int, bench.demand.settled_units())
    for (code, variant), units in (plan.units() if plan else {}).items():
        held[variant, places[code]] += units
    return held


def _write_shipments(bench: Bench, plan: Plan | None, *, now: datetime) -> list[Shipment]:
    """Keep planned shipments that are parcels of the plan, cancel the others, make what lacks."""
    waiting = list(plan.parcels) if plan else []
    given_up = []
    for shipment in bench.demand.movable:
        twin = next((one for one in waiting if _is_same(bench, shipment, one)), None)
        if twin is None:
            given_up.append(shipment.pk)
        else:
            waiting.remove(twin)
    # They are locked and planned: nobody has started on them.
    Shipment.objects.filter(pk__in=given_up).update(status=S.CANCELLED, changed_at=now)
    return [_make_shipment(bench, parcel) for parcel in waiting]


def _is_same(bench: Bench, shipment: Shipment, parcel: Parcel) -> bool:
    zone = bench.ways.way(parcel.lane).zone
    return (shipment.warehouse_id, shipment.service_id, contents_of(shipment)) == (
        zone.warehouse_id,
        zone.service_id,
        dict(parcel.contents),
    )


def _make_shipment(bench: Bench, parcel: Parcel) -> Shipment:
    """Write a shipment for a parcel: each has a label and a tracking number of its own."""
    order, way = bench.order, bench.ways.way(parcel.lane)
    shipment = Shipment.objects.create(
        number=shipment_number(order, position=order.shipments.count() + 1),
        order=order,
        warehouse=way.zone.warehouse,
        service=way.zone.service,
        cost=cents(parcel.cost),
        weight_grams=parcel.weight_grams,
        ship_by=way.ship_by,
        promised_from=order.promised_from or way.arrives[0],
        promised_to=order.promised_to or way.arrives[1],
    )
    line_ids = {line.variant_id: line.pk for line in bench.demand.lines}
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, order_line_id=line_ids[variant], quantity=units)
        for variant, units in sorted(parcel.contents.items())
    )
    return shipment


def _set_status(order: Order) -> None:
    """Say whether an order is being prepared, unless something of it has left already."""
    stage = Order.FulfillmentStatus
    if order.fulfillment_status in (stage.UNFULFILLED, stage.PLANNED):
        is_planned = order.shipments.exclude(status=S.CANCELLED).exists()
        set_fulfillment_status(order, stage.PLANNED if is_planned else stage.UNFULFILLED)
    elif order.fulfillment_status in (stage.SHIPPED, stage.DELIVERED):
        set_fulfillment_status(order, stage.PART_SHIPPED)
