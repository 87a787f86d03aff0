"""From a released order to shipments: lock, plan, move the reservation, write it all at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from fulfillment.calendar import arrives_on, ship_by
from fulfillment.errors import NoRoute
from fulfillment.lanes import desk_of, list_zones
from fulfillment.models import (
    Reservation,
    ReservationLine,
    RoutingDecision,
    Shipment,
    ShipmentLine,
    StockLevel,
    Zone,
)
from fulfillment.numbers import shipment_number
from fulfillment.packing import Units
from fulfillment.routing import Lane, RejectedPlan, Routing, plan_routes
from fulfillment.stock.holding import units_held
from fulfillment.stock.levels import change_reserved
from orders.events import record_event
from orders.models import Order, OrderLine
from orders.transitions import lock_order, set_fulfillment_status

_CENT = Decimal("0.01")
Held = Mapping[tuple[int, int], int]


@transaction.atomic(durable=True)
def route_order(order_id: int, *, now: datetime) -> RoutingDecision | None:
    """Decide where a released order ships from and make its shipments, once.

    Locks the order, then its stock rows in (variant, warehouse) order. The cheapest plan that
    keeps the promised date is taken; if none keeps it, the cheapest. An order that is routed
    already gives its decision back, one that is not released None; neither changes anything.
    Raises NoRoute and leaves the order and its reservation as they were.
    """
    order = lock_order(order_id)
    decided = RoutingDecision.objects.filter(order=order).first()
    if decided is not None or order.status != Order.Status.RELEASED:
        return decided
    lines = list(order.lines.select_related("variant").order_by("variant_id"))
    ways = _Ways(order, now=now)
    reservation, held = _lock_reservation(order)
    stock = _lock_stock(lines, held=held, ways=ways)
    routing = _plan(lines, ways=ways, stock=stock)
    _move_reservation(reservation, held=held, routing=routing, ways=ways)
    shipments = _create_shipments(order, lines=lines, routing=routing, ways=ways, now=now)
    decision = _keep_decision(order, lines=lines, routing=routing, ways=ways, now=now)
    set_fulfillment_status(order, Order.FulfillmentStatus.PLANNED)
    record_event(
        order,
        "order_routed",
        now=now,
        shipments=[shipment.number for shipment in shipments],
        warehouses=list(routing.plan.warehouses),
        cost=str(decision.cost),
    )
    return decision


@dataclass(frozen=True)
class _Way:
    lane: Lane
    zone: Zone
    on_time: bool


class _Ways:
    """The lanes that an order may take, and the rows behind them."""

    def __init__(self, order: Order, *, now: datetime) -> None:
        self.now = now
        zones = list_zones(order.shipping_address.country, options=[order.delivery_option])
        ways: dict[tuple[str, str], _Way] = {}
        for zone in sorted(zones, key=lambda zone: (zone.base_cost, zone.cost_per_kg, zone.pk)):
            lane = Lane(
                warehouse=zone.warehouse.code,
                service=zone.service.code,
                base_cost=zone.base_cost,
                cost_per_kg=zone.cost_per_kg,
                max_weight_grams=zone.max_weight_grams,
            )
            on_time = order.promised_to is None or self.arrival(zone) <= order.promised_to
            ways.setdefault((lane.warehouse, lane.service), _Way(lane, zone, on_time))
        self.ways = ways
        self.warehouse_ids = {way.lane.warehouse: way.zone.warehouse_id for way in ways.values()}

    def arrival(self, zone: Zone, *, earliest: bool = False) -> date:
        days = zone.transit_days_min if earliest else zone.transit_days_max
        return arrives_on(self.now, days, desk=desk_of(zone.warehouse))

    def zone(self, lane: Lane) -> Zone:
        return self.ways[lane.warehouse, lane.service].zone

    @property
    def lanes(self) -> list[Lane]:
        return [way.lane for way in self.ways.values()]

    @property
    def on_time(self) -> list[Lane]:
        return [way.lane for way in self.ways.values() if way.on_time]


def _lock_reservation(order: Order) -> tuple[Reservation, Held]:
    """Lock the order's reservation; one that was given up starts anew with nothing held."""
    reservation, _ = Reservation.objects.select_for_update().get_or_create(order=order)
    if reservation.status == Reservation.Status.ACTIVE:
        return reservation, units_held(reservation)
    return reservation, {}


def _lock_stock(
    lines: Sequence[OrderLine], *, held: Held, ways: _Ways
) -> dict[str, dict[int, int]]:
    """Lock the stock rows and give what the order may take: what is free and what it holds."""
    codes = {warehouse_id: code for code, warehouse_id in ways.warehouse_ids.items()}
    concerned = {*codes, *(warehouse for _, warehouse in held)}
    rows = list(
        StockLevel.objects.select_for_update(of=("self",))
        .filter(variant_id__in=[line.variant_id for line in lines], warehouse_id__in=concerned)
        .order_by("variant_id", "warehouse_id")
    )
    stock: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        if row.warehouse_id in codes:
            own = held.get((row.variant_id, row.warehouse_id), 0)
            free = row.on_hand - row.reserved + own
            stock[codes[row.warehouse_id]][row.variant_id] = free
    return stock


def _plan(
    lines: Sequence[OrderLine], *, ways: _Ways, stock: Mapping[str, Mapping[int, int]]
) -> Routing:
    demands = [Units(line.variant_id, line.quantity, line.variant.weight_grams) for line in lines]
    try:
        return plan_routes(demands, lanes=ways.on_time, stock=stock)
    except NoRoute:
        return plan_routes(demands, lanes=ways.lanes, stock=stock)


def _move_reservation(
    reservation: Reservation, *, held: Held, routing: Routing, ways: _Ways
) -> None:
    planned: dict[tuple[int, int], int] = defaultdict(int)
    for parcel in routing.plan.parcels:
        for variant, units in parcel.contents.items():
            planned[variant, ways.warehouse_ids[parcel.lane.warehouse]] += units
    change_reserved(
        {row: planned.get(row, 0) - held.get(row, 0) for row in {*planned, *held}},
    )
    reservation.lines.all().delete()
    ReservationLine.objects.bulk_create(
        ReservationLine(
            reservation=reservation, variant_id=variant, warehouse_id=warehouse, quantity=units
        )
        for (variant, warehouse), units in sorted(planned.items())
    )
    # A released order is paid or promised: what it holds no longer expires.
    Reservation.objects.filter(pk=reservation.pk).update(
        status=Reservation.Status.ACTIVE, expires_at=None
    )


def _create_shipments(
    order: Order, *, lines: Sequence[OrderLine], routing: Routing, ways: _Ways, now: datetime
) -> list[Shipment]:
    """Write a shipment for each parcel: each has a label and a tracking number of its own."""
    line_ids = {line.variant_id: line.pk for line in lines}
    made: list[Shipment] = []
    contents: list[ShipmentLine] = []
    for position, parcel in enumerate(routing.plan.parcels, start=1):
        zone = ways.zone(parcel.lane)
        shipment = Shipment.objects.create(
            number=shipment_number(order, position=position),
            order=order,
            warehouse=zone.warehouse,
            service=zone.service,
            cost=parcel.cost.quantize(_CENT),
            weight_grams=parcel.weight_grams,
            ship_by=ship_by(now, desk=desk_of(zone.warehouse)),
            promised_from=order.promised_from or ways.arrival(zone, earliest=True),
            promised_to=order.promised_to or ways.arrival(zone),
        )
        made.append(shipment)
        contents += [
            ShipmentLine(shipment=shipment, order_line_id=line_ids[variant], quantity=units)
            for variant, units in sorted(parcel.contents.items())
        ]
    ShipmentLine.objects.bulk_create(contents)
    return made


def _keep_decision(
    order: Order, *, lines: Sequence[OrderLine], routing: Routing, ways: _Ways, now: datetime
) -> RoutingDecision:
    skus = {line.variant_id: line.sku for line in lines}
    plan = {
        "exact": routing.exact,
        "parcels": [
            {
                "warehouse": parcel.lane.warehouse,
                "service": parcel.lane.service,
                "units": {skus[variant]: n for variant, n in sorted(parcel.contents.items())},
                "weight_grams": parcel.weight_grams,
                "cost": str(parcel.cost.quantize(_CENT)),
                "on_time": ways.ways[parcel.lane.warehouse, parcel.lane.service].on_time,
            }
            for parcel in routing.plan.parcels
        ],
    }
    # Where the plan keeps the promise, late lanes were not looked at further.
    used_late = any(not parcel["on_time"] for parcel in plan["parcels"])  # type: ignore[attr-defined]
    late = [
        RejectedPlan((lane.warehouse,), (lane.service,), cost=None, parcels=None, reason="late")
        for lane in ways.lanes
        if not used_late and lane not in ways.on_time
    ]
    rejected = [*routing.rejected[: max(0, 10 - len(late))], *late][:10]
    return RoutingDecision.objects.create(
        order=order,
        cost=routing.plan.cost.quantize(_CENT),
        parcels=len(routing.plan.parcels),
        plan=plan,
        rejected=[_rejected(turned_down) for turned_down in rejected],
        decided_at=now,
    )


def _rejected(plan: RejectedPlan) -> dict[str, Any]:
    return {
        "warehouses": list(plan.warehouses),
        "services": list(plan.services),
        "cost": None if plan.cost is None else str(plan.cost.quantize(_CENT)),
        "parcels": plan.parcels,
        "reason": plan.reason,
    }
