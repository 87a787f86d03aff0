from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from fulfillment.errors import OutOfStock
from fulfillment.models import Reservation
from orders.models import Order

# One statement, so that a hot row is locked for one round trip only. `locked` waits for its rows
# in (variant, warehouse) order and gives their newest values; `ranked` counts what the warehouses
# before each can give. A warehouse that has everything comes first, then the cheapest lane.
_RESERVE = """
WITH wanted AS (
    SELECT line.variant_id, line.quantity, variant.weight_grams
    FROM unnest(%(variants)s::bigint[], %(quantities)s::int[]) AS line (variant_id, quantity)
    JOIN catalog_variant AS variant ON variant.id = line.variant_id
), lane AS (
    SELECT zone.warehouse_id,
           min(zone.base_cost + zone.cost_per_kg * load.kilos) AS cost,
           max(zone.max_weight_grams) AS heaviest
    FROM fulfillment_zone AS zone
    JOIN fulfillment_carrierservice AS service ON service.id = zone.service_id
    JOIN fulfillment_warehouse AS warehouse ON warehouse.id = zone.warehouse_id
    CROSS JOIN (
        SELECT sum(quantity::numeric * weight_grams) / 1000 AS kilos FROM wanted
    ) AS load
    WHERE service.is_active AND service.option = %(option)s
        AND warehouse.is_active AND %(country)s = ANY (zone.countries)
    GROUP BY zone.warehouse_id
), locked AS MATERIALIZED (
    SELECT level.id, level.variant_id, level.warehouse_id, lane.cost,
           level.on_hand - level.reserved AS free, wanted.quantity
    FROM fulfillment_stocklevel AS level
    JOIN wanted ON wanted.variant_id = level.variant_id
    JOIN lane ON lane.warehouse_id = level.warehouse_id
        AND lane.heaviest >= wanted.weight_grams
    WHERE level.on_hand > level.reserved
    ORDER BY level.variant_id, level.warehouse_id
    FOR UPDATE OF level
), complete AS (
    SELECT warehouse_id FROM locked WHERE free >= quantity
    GROUP BY warehouse_id HAVING count(*) = (SELECT count(*) FROM wanted)
), ranked AS (
    SELECT locked.*, coalesce(sum(free) OVER (
        PARTITION BY variant_id
        ORDER BY warehouse_id IN (SELECT warehouse_id FROM complete) DESC, cost, warehouse_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS before
    FROM locked
), allocation AS (
    SELECT id, variant_id, warehouse_id, least(free, quantity - before)::int AS units
    FROM ranked WHERE before < quantity
), updated AS (
    UPDATE fulfillment_stocklevel AS level
    SET reserved = level.reserved + allocation.units, changed_at = %(now)s
    FROM allocation WHERE level.id = allocation.id
), held AS (
    INSERT INTO fulfillment_reservationline (reservation_id, variant_id, warehouse_id, quantity)
    SELECT %(reservation)s, variant_id, warehouse_id, units FROM allocation
    RETURNING variant_id, quantity
)
SELECT variant_id, sum(quantity)::int FROM held GROUP BY variant_id
"""


def reserve_stock(
    order: Order, *, country: str, option: str, expires_at: datetime | None, now: datetime
) -> Reservation:
    """Set every line of an order aside, all or nothing, in the caller's transaction.

    Units come from active warehouses from which a service of the delivery option reaches the
    country: from one that has everything if there is one, else the cheapest first. Locks the
    stock rows in (variant, warehouse) order. Raises OutOfStock; then nothing is reserved, no
    row stays locked, and the caller's transaction may go on.
    """
    lines = list(order.lines.order_by("variant_id").values_list("variant_id", "quantity", "sku"))
    with transaction.atomic():  # The savepoint that all-or-nothing goes back to.
        reservation = Reservation.objects.create(order=order, expires_at=expires_at)
        held = _reserve(
            reservation,
            lines=[(variant, quantity) for variant, quantity, _ in lines],
            country=country,
            option=option,
            now=now,
        )
        short = [sku for variant, quantity, sku in lines if held.get(variant, 0) < quantity]
        if short:
            raise OutOfStock(short)
    return reservation


def _reserve(
    reservation: Reservation,
    *,
    lines: Sequence[tuple[int, int]],
    country: str,
    option: str,
    now: datetime,
) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE,
            {
                "reservation": reservation.pk,
                "variants": [variant for variant, _ in lines],
                "quantities": [quantity for _, quantity in lines],
                "country": country,
                "option": option,
                "now": now,
            },
        )
        return dict(cursor.fetchall())
