"""Stock in numbers, by warehouse and by market: one statement each, however many rows there are."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from catalog.reference import one_reference
from fulfillment.lanes import list_serving_warehouses
from fulfillment.models import Reservation
from markets.models import Market

SALES_DAYS = 28
EXPIRING = timedelta(minutes=15)


@dataclass(frozen=True)
class WatchedStock:
    """What there is in a warehouse, or for a market in the warehouses that serve it.

    `held` units lie here for orders, `ahead` are sold before they came. `sold` are the units that
    left with orders in the last 28 days. `oversold` counts stock rows with more units held than
    there are, and must be 0.
    """

    place_id: int
    code: str
    name: str
    on_hand: int
    variants: int
    sellable: int
    held: int
    ahead: int
    coming: int
    coming_on: date | None
    late: int
    sold: int
    oversold: int
    expiring: int

    @property
    def days_of_cover(self) -> int | None:
        """Say for how many days the sellable units last at the pace of the last 28; None if still.

        Sellable units divided by the mean of the units sold a day, rounded down.
        """
        if not self.sold:
            return None
        return int(Decimal(self.sellable) * SALES_DAYS / self.sold)


_WAREHOUSES = """
WITH held AS (
    SELECT line.*, reservation.expires_at, reservation.order_id
    FROM fulfillment_reservationline AS line
    JOIN fulfillment_reservation AS reservation ON reservation.id = line.reservation_id
    WHERE reservation.status = 'active'
), stock AS (
    SELECT level.warehouse_id, sum(level.on_hand) AS on_hand,
           count(*) FILTER (WHERE level.on_hand > 0) AS variants, sum(sellable.units) AS sellable
    FROM fulfillment_stocklevel AS level
    JOIN fulfillment_sellable AS sellable ON sellable.id = level.id
    GROUP BY level.warehouse_id
), holding AS (
    SELECT warehouse_id, sum(quantity) AS held, sum(ahead) AS ahead,
           count(DISTINCT reservation_id) FILTER (WHERE expires_at <= %(soon)s) AS expiring
    FROM held GROUP BY warehouse_id
), coming AS (
    SELECT warehouse_id, sum(quantity - received) AS units, min(expected_on) AS first_on,
           count(*) FILTER (WHERE expected_on < %(today)s) AS late
    FROM fulfillment_incomingstock WHERE closed_at IS NULL GROUP BY warehouse_id
), sold AS (
    SELECT warehouse_id, -sum(quantity) AS units FROM fulfillment_stockmovement
    WHERE kind = 'sale' AND occurred_at >= %(since)s GROUP BY warehouse_id
), oversold AS (
    SELECT warehouse_id, count(*) AS levels FROM (
        SELECT level.warehouse_id
        FROM held JOIN fulfillment_stocklevel AS level USING (variant_id, warehouse_id)
        GROUP BY level.id, level.warehouse_id HAVING sum(held.quantity) > level.on_hand
    ) AS level GROUP BY warehouse_id
)
SELECT warehouse.id, warehouse.code, warehouse.name, coalesce(stock.on_hand, 0),
       coalesce(stock.variants, 0), coalesce(stock.sellable, 0), coalesce(holding.held, 0),
       coalesce(holding.ahead, 0), coalesce(coming.units, 0), coming.first_on,
       coalesce(coming.late, 0), coalesce(sold.units, 0), coalesce(oversold.levels, 0),
       coalesce(holding.expiring, 0)
FROM fulfillment_warehouse AS warehouse
LEFT JOIN stock ON stock.warehouse_id = warehouse.id
LEFT JOIN holding ON holding.warehouse_id = warehouse.id
LEFT JOIN coming ON coming.warehouse_id = warehouse.id
LEFT JOIN sold ON sold.warehouse_id = warehouse.id
LEFT JOIN oversold ON oversold.warehouse_id = warehouse.id
WHERE warehouse.is_active OR stock.on_hand > 0 OR holding.held > 0
ORDER BY warehouse.code
"""

# A warehouse serves several markets: its units count in each of them.
_MARKETS = """
WITH serving AS (
    SELECT * FROM unnest(%(markets)s::bigint[], %(warehouses)s::bigint[])
        AS serving (market_id, warehouse_id)
), held AS (
    SELECT line.*, reservation.expires_at, reservation.order_id
    FROM fulfillment_reservationline AS line
    JOIN fulfillment_reservation AS reservation ON reservation.id = line.reservation_id
    WHERE reservation.status = 'active'
), stock AS (
    SELECT serving.market_id, sum(level.on_hand) AS on_hand,
           count(DISTINCT level.variant_id) FILTER (WHERE sellable.units > 0) AS variants,
           sum(sellable.units) AS sellable
    FROM serving
    JOIN fulfillment_stocklevel AS level USING (warehouse_id)
    JOIN fulfillment_sellable AS sellable ON sellable.id = level.id
    GROUP BY serving.market_id
), holding AS (
    SELECT placed.market_id, sum(held.quantity) AS held, sum(held.ahead) AS ahead,
           count(DISTINCT held.reservation_id) FILTER (WHERE held.expires_at <= %(soon)s)
               AS expiring
    FROM held JOIN orders_order AS placed ON placed.id = held.order_id GROUP BY placed.market_id
), coming AS (
    SELECT serving.market_id, sum(quantity - received) AS units, min(expected_on) AS first_on,
           count(*) FILTER (WHERE expected_on < %(today)s) AS late
    FROM serving JOIN fulfillment_incomingstock USING (warehouse_id)
    WHERE closed_at IS NULL GROUP BY serving.market_id
), sold AS (
    SELECT placed.market_id, -sum(movement.quantity) AS units
    FROM fulfillment_stockmovement AS movement
    JOIN fulfillment_shipment AS shipment ON shipment.number = movement.reference
    JOIN orders_order AS placed ON placed.id = shipment.order_id
    WHERE movement.kind = 'sale' AND movement.occurred_at >= %(since)s GROUP BY placed.market_id
)
SELECT market.id, market.code, market.name, coalesce(stock.on_hand, 0),
       coalesce(stock.variants, 0), coalesce(stock.sellable, 0), coalesce(holding.held, 0),
       coalesce(holding.ahead, 0), coalesce(coming.units, 0), coming.first_on,
       coalesce(coming.late, 0), coalesce(sold.units, 0), 0, coalesce(holding.expiring, 0)
FROM markets_market AS market
LEFT JOIN stock ON stock.market_id = market.id
LEFT JOIN holding ON holding.market_id = market.id
LEFT JOIN coming ON coming.market_id = market.id
LEFT JOIN sold ON sold.market_id = market.id
WHERE market.is_active
ORDER BY market.name
"""


def watch_warehouses(*, now: datetime) -> list[WatchedStock]:
    """Count what every warehouse has, holds, expects and sells."""
    return _read(_WAREHOUSES, now=now)


def watch_markets(*, now: datetime) -> list[WatchedStock]:
    """Count what every active market can be sent, holds, expects and sells.

    `variants` are those with a sellable unit.
    """
    with one_reference():
        served = [
            (market.pk, warehouse_id)
            for market in Market.objects.filter(is_active=True)
            for warehouse_id in sorted(list_serving_warehouses(market))
        ]
    return _read(
        _MARKETS,
        now=now,
        markets=[market for market, _warehouse in served],
        warehouses=[warehouse for _market, warehouse in served],
    )


def count_expiring(*, now: datetime) -> int:
    """Count the reservations that end within a quarter of an hour unless they are paid."""
    return Reservation.objects.filter(
        status=Reservation.Status.ACTIVE, expires_at__lte=now + EXPIRING
    ).count()


def _read(statement: str, *, now: datetime, **fields: Any) -> list[WatchedStock]:
    moments = {
        "soon": now + EXPIRING,
        "today": now.date(),
        "since": now - timedelta(days=SALES_DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, {**moments, **fields})
        return [WatchedStock(*row) for row in cursor.fetchall()]
