"""Which service a warehouse sends with, and which warehouse is asked first.

The shop's dates, the duty that it quotes and the units that an order takes all follow this order.
It is settled anew, and exactly, when the order is routed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.reference import Reference, keep, one_reference
from fulfillment.connections import Connection, list_connections
from fulfillment.models import RoutingPolicy
from markets.models import Market

keep(RoutingPolicy)

# More than any load costs: whoever is down comes after all that are not.
_OUTAGE = Decimal(1_000_000)
_PARCELS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be sent: its weight and volume, and the weight of its heaviest unit."""

    grams: int
    unit_grams: int = 0
    cm3: int = 0

    @classmethod
    def of(cls, items: Mapping[int, int], *, grams: Mapping[int, int]) -> "Load":
        """Add up the weights of units; both are given by variant."""
        return cls(
            grams=sum(grams.get(variant, 0) * units for variant, units in items.items()),
            unit_grams=max((grams.get(variant, 0) for variant in items), default=0),
        )


@dataclass(frozen=True, slots=True)
class Sender:
    """A warehouse with the connection it would send by, and the heaviest parcel any of its takes.

    `cost` is what the load would cost from there, in EUR.
    """

    warehouse_id: int
    connection: Connection
    heaviest_grams: int
    cost: Decimal


def list_senders(
    market: Market,
    *,
    country: str,
    option: str,
    load: Load,
    now: datetime,
) -> list[Sender]:
    """List the warehouses that can send a load by a delivery option, the preferred one first."""
    with one_reference() as read:
        connections = list_connections(country, options=[option])
        policy = policy_of(read, market)
    return rank_senders(connections, policy=policy, load=load, now=now)


@dataclass(frozen=True, slots=True)
class Piece:
    """What `rank_senders` weighs a load by within a stretch of weights: base + per_kg × kg, EUR.

    The stretch is over the one weight, up to and with the other; None is no end.
    """

    warehouse_id: int
    over_grams: int
    up_to_grams: int | None
    base: Decimal
    per_kg: Decimal
    heaviest_grams: int


def list_pieces(market: Market, *, country: str, option: str, now: datetime) -> list[Piece]:
    """Write the ranking of `list_senders` in pieces that a database can count with.

    The warehouse with the least sum comes first, and its id decides between equals. Volume and
    what a service is too weak for are left out; loads of more than eight parcels go by weight.
    """
    with one_reference() as read:
        connections = list_connections(country, options=[option])
        policy = policy_of(read, market)
    return [
        piece
        for connection in connections
        for piece in _pieces(connection, _burden(connection, policy=policy, now=now))
    ]


def policy_of(read: Reference, market: Market) -> RoutingPolicy:
    """Give the routing policy of a market: its own, else the general one, else the defaults."""
    return read.derive(_policy, market.pk)


def rank_senders(
    connections: Iterable[Connection], *, policy: RoutingPolicy, load: Load, now: datetime
) -> list[Sender]:
    """Choose each warehouse's service for a load and rank the warehouses by it.

    A service that is too weak for some unit comes last, and a carrier that is down after all that
    are not. Among the others the least sum counts:
    freight, what it costs where the lane is late as often as it was, and what days are worth.
    Between equal services of a warehouse, the fewest days.
    """
    best: dict[int, tuple[tuple[bool, Decimal, int, int, int], Connection, Decimal]] = {}
    heaviest: dict[int, int] = {}
    for connection in connections:
        zone, tariff = connection.zone, connection.tariff
        cost = tariff.cost(load.grams, cm3=load.cm3)
        days = connection.way.most_days
        weight = cost + _burden(connection, policy=policy, now=now)
        key = (tariff.limit < load.unit_grams, weight, zone.warehouse_id, days, zone.pk)
        known = best.get(zone.warehouse_id)
        if known is None or key < known[0]:
            best[zone.warehouse_id] = (key, connection, cost)
        heaviest[zone.warehouse_id] = max(heaviest.get(zone.warehouse_id, 0), tariff.limit)
    return [
        Sender(connection.zone.warehouse_id, connection, heaviest[warehouse_id], cost)
        for warehouse_id, (_key, connection, cost) in sorted(
            best.items(), key=lambda found: found[1][0]
        )
    ]


def _burden(connection: Connection, *, policy: RoutingPolicy, now: datetime) -> Decimal:
    """Give what weighs against a connection whatever the load: delays, days, an outage."""
    burden = connection.late_share * policy.late_penalty
    burden += policy.day_penalty * connection.way.most_days
    return burden + _OUTAGE if connection.is_down(now) else burden


def _pieces(connection: Connection, burden: Decimal) -> Iterator[Piece]:
    tariff, warehouse_id = connection.tariff, connection.zone.warehouse_id
    limit, heaviest = tariff.limit, connection.tariff.limit
    full = tariff.cost(limit)
    fuel = 1 + tariff.fuel_percent / 100
    for parcels in range(_PARCELS):
        before, sent = parcels * limit, burden + parcels * full
        over = before if parcels else -1
        for up_to, cost in tariff.brackets:
            end = before + min(up_to, limit)
            if end > over:
                yield Piece(warehouse_id, over, end, sent + cost * fuel, Decimal(0), heaviest)
                over = end
        if not tariff.brackets:
            per_kg = tariff.per_kg * fuel
            base = sent + tariff.base * fuel - per_kg * before / 1000
            yield Piece(warehouse_id, over, before + limit, base, per_kg, heaviest)
    yield Piece(warehouse_id, _PARCELS * limit, None, burden, full * 1000 / limit, heaviest)


def _policy(read: Reference, market_id: int) -> RoutingPolicy:
    rows = {row.market_id: row for row in read.rows(RoutingPolicy)}
    return rows.get(market_id) or rows.get(None) or RoutingPolicy()
