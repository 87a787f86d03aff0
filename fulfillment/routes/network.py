"""The lanes that an order may take, as the planner wants them, and the rows behind them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from catalog.reference import Reference
from fulfillment.calendar import arrival_from, ships_on
from fulfillment.choosing import policy_of
from fulfillment.connections import Connection, list_connections
from fulfillment.models import (
    Carrier,
    CarrierService,
    Closure,
    RoutingPolicy,
    Shipment,
    Warehouse,
    Zone,
    ZoneBracket,
)
from fulfillment.planning import Lane, Network, Policy
from fulfillment.routes.border import BorderCost, border_costs
from fulfillment.routes.capacity import Room
from fulfillment.routes.demand import Demand
from markets.legality import ObstacleProblem, list_obstacles
from orders.models import Order, OrderLine

__all__ = ["Way", "Ways", "network_digest", "read_ways"]

# So long an order counts as of the moment it was placed: paying may take it past a cut-off.
_TIME_TO_PAY = timedelta(hours=1)
_END_OF_DAY = time(23, 59)
_PERCENT = Decimal("0.01")
LaneKey = tuple[str, str]  # The codes of warehouse and service.


@dataclass(frozen=True)
class Way:
    """A lane with its connection, the moment by which a parcel leaves, and when it arrives."""

    lane: Lane
    connection: Connection
    ship_by: datetime
    arrives: tuple[date, date]

    @property
    def zone(self) -> Zone:
        return self.connection.zone


@dataclass(frozen=True)
class Ways:
    """All lanes of an order and how they are weighed."""

    ways: Mapping[LaneKey, Way]
    capacity: Mapping[str, int | None]
    policy: Policy
    saving: Decimal
    digest: str

    def way(self, lane: Lane) -> Way:
        return self.ways[lane.key]

    @property
    def warehouse_ids(self) -> dict[str, int]:
        return {way.lane.warehouse: way.zone.warehouse_id for way in self.ways.values()}

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return tuple(way.lane for way in self.ways.values())

    def network(self, *, limited: bool = True) -> Network:
        return Network(self.lanes, self.capacity if limited else {})


def read_ways(demand: Demand, *, now: datetime, read: Reference) -> Ways:
    """Read the lanes of an order, late ones and those that are down among them.

    Called within `one_reference`; at most four queries.
    """
    order, address = demand.order, demand.order.shipping_address
    connections = _distinct(
        list_connections(
            address.country,
            options=[order.delivery_option],
            region=address.country_area,
            postal_code=address.postal_code,
        )
    )
    warehouses = {one.zone.warehouse_id: one.zone.warehouse for one in connections}
    room = Room(warehouses.values(), order=order, now=now)
    today = now.astimezone(order.market.zone).date()
    costs = border_costs(
        order, demand.lines, origins={row.country for row in warehouses.values()},
        on=today, read=read,
    )  # fmt: skip
    barred = _barred(order, demand.lines, on=today)
    terms = policy_of(read, order.market)
    kept = _kept_days(demand.movable, now=now)
    moment = order.placed_at if now - order.placed_at <= _TIME_TO_PAY else now
    ways: dict[LaneKey, Way] = {}
    capacity: dict[str, int | None] = {}
    for one in connections:
        zone, desk = one.zone, one.way.desk
        ready = kept.get(zone.warehouse_id) or room.first_day(
            zone.warehouse_id, ships_on(moment, desk=desk), desk=desk
        )
        arrives = arrival_from(one.way, ready)
        late = (arrives[1] - order.promised_to).days if order.promised_to else 0
        lane = _lane(
            one, late_days=max(0, late), arrives=arrives[1], barred=barred,
            border=costs[zone.warehouse.country], terms=terms, is_down=one.is_down(now),
        )  # fmt: skip
        ship_by = datetime.combine(ready, _END_OF_DAY, tzinfo=desk.zone)
        ways[lane.key] = Way(lane, one, ship_by, arrives)
        left = room.left(zone.warehouse_id, ready)
        if left is not None:
            known = capacity.get(lane.warehouse)
            capacity[lane.warehouse] = left if known is None else min(left, known)
    return Ways(
        ways=ways,
        capacity=capacity,
        policy=_policy(terms),
        saving=Decimal(terms.saving),
        digest=network_digest(read, now=now),
    )


def network_digest(read: Reference, *, now: datetime) -> str:
    """Name the state of all lanes: it is another once one of their rows or a carrier changes."""
    down = [
        (row.pk, row.down_until is not None and row.down_until > now) for row in read.rows(Carrier)
    ]
    text = f"{read.derive(_rows_text)}{sorted(down)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _rows_text(read: Reference) -> str:
    rows: list[str] = []
    for model in (Carrier, CarrierService, Zone, ZoneBracket, Closure, Warehouse, RoutingPolicy):
        names = sorted(
            field.attname
            for field in model._meta.concrete_fields
            if field.attname not in ("down_until", "changed_at")
        )
        rows += sorted(
            f"{model.__name__}{[str(getattr(row, name)) for name in names]}"
            for row in read.rows(model)
        )
    return "\n".join(rows)


def _distinct(connections: Iterable[Connection]) -> list[Connection]:
    """Keep one connection for each warehouse and service: the one that costs least."""
    found: dict[tuple[int, int], Connection] = {}
    for one in sorted(connections, key=lambda one: (one.tariff.cost(1000), one.zone.pk)):
        found.setdefault((one.zone.warehouse_id, one.zone.service_id), one)
    return sorted(found.values(), key=lambda one: (one.zone.warehouse.code, one.zone.service.code))


def _lane(
    one: Connection, *, late_days: int, arrives: date, barred: frozenset[int],
    border: BorderCost, terms: RoutingPolicy, is_down: bool,
) -> Lane:  # fmt: skip
    zone, tariff = one.zone, one.tariff
    service = zone.service
    fuel = 1 + tariff.fuel_percent * _PERCENT
    # What is not sure to be on time, and what days are worth, weigh once for the lane.
    risk = one.late_share * terms.late_penalty + terms.day_penalty * one.way.most_days
    return Lane(
        warehouse=zone.warehouse.code,
        service=service.code,
        carrier=service.carrier.code,
        base_cost=tariff.base * fuel,
        cost_per_kg=tariff.per_kg * fuel,
        brackets=tuple((grams, cost * fuel) for grams, cost in tariff.brackets),
        max_weight_grams=tariff.limit,
        volumetric_divisor=tariff.divisor,
        late_days=late_days,
        arrives=arrives,
        refused_hazards=frozenset([*service.refused_hazards, *service.carrier.refused_hazards]),
        barred=barred,
        per_unit=border.per_unit,
        per_line=border.per_line,
        per_entry=border.per_entry + risk,
        is_down=is_down,
        co2_grams_per_kg=tariff.co2_grams_per_kg,
    )


def _policy(terms: RoutingPolicy) -> Policy:
    # A policy that is no row has its defaults as they are written: whole numbers.
    return Policy(
        line_cost=Decimal(terms.line_cost),
        split_penalty=Decimal(terms.split_penalty),
        late_penalty=Decimal(terms.late_penalty),
        scarcity=Decimal(terms.scarcity),
        max_parcels=terms.max_parcels,
    )


def _barred(order: Order, lines: Iterable[OrderLine], *, on: date) -> frozenset[int]:
    """Give the variants that law bars from the order's destination by now."""
    products = {line.variant_id: line.variant.product_id for line in lines}
    address = order.shipping_address
    obstacles = list_obstacles(
        products.values(), order.market, on, country=address.country, region=address.country_area
    )
    refused = {
        product
        for product, found in obstacles.items()
        if any(row.problem is ObstacleProblem.BARRED for row in found)
    }
    return frozenset(variant for variant, product in products.items() if product in refused)


def _kept_days(movable: Iterable[Shipment], *, now: datetime) -> dict[int, date]:
    """Give the days on which warehouses already count on a parcel of the order."""
    return {
        row.warehouse_id: row.ship_by.astimezone(row.warehouse.zone).date()
        for row in movable
        if row.ship_by >= now
    }
