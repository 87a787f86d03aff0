"""The nightly check: whether ledger, levels, reservations, shipments and orders say the same.

Constraints and triggers keep each of these row by row; the audit asks across them, and finds
what a restored backup, a hand in the database or a fault of ours left behind.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import connection, transaction

from fulfillment.models import StockAudit, StockLevel

logger = logging.getLogger(__name__)
MOST_FINDINGS = 200
# Events are swept every 15 seconds and tried again for minutes.
SETTLED_AFTER = timedelta(minutes=15)

# Each gives rows of (sku or order, warehouse, expected, found); none when all is well.
_QUESTIONS: Mapping[str, str] = {
    # What lies there is the sum of its movements.
    "ledger": """
        SELECT variant.sku, warehouse.code, coalesce(sum(movement.quantity), 0), level.on_hand
        FROM fulfillment_stocklevel AS level
        JOIN catalog_variant AS variant ON variant.id = level.variant_id
        JOIN fulfillment_warehouse AS warehouse ON warehouse.id = level.warehouse_id
        LEFT JOIN fulfillment_stockmovement AS movement
            ON movement.variant_id = level.variant_id
            AND movement.warehouse_id = level.warehouse_id
        GROUP BY level.id, variant.sku, warehouse.code
        HAVING coalesce(sum(movement.quantity), 0) <> level.on_hand
    """,
    # More is promised than is there: what must never be.
    "oversold": """
        SELECT variant.sku, warehouse.code, level.on_hand, sum(line.quantity)
        FROM fulfillment_reservationline AS line
        JOIN fulfillment_reservation AS reservation
            ON reservation.id = line.reservation_id AND reservation.status = 'active'
        JOIN fulfillment_stocklevel AS level
            ON level.variant_id = line.variant_id AND level.warehouse_id = line.warehouse_id
        JOIN catalog_variant AS variant ON variant.id = level.variant_id
        JOIN fulfillment_warehouse AS warehouse ON warehouse.id = level.warehouse_id
        GROUP BY level.id, variant.sku, warehouse.code
        HAVING sum(line.quantity) > level.on_hand
    """,
    # What is reserved is what orders hold and what lies in buckets for them.
    "reserved": """
        SELECT variant.sku, warehouse.code,
               coalesce(held.units, 0) + coalesce(laid.units, 0), level.reserved
        FROM fulfillment_stocklevel AS level
        JOIN catalog_variant AS variant ON variant.id = level.variant_id
        JOIN fulfillment_warehouse AS warehouse ON warehouse.id = level.warehouse_id
        LEFT JOIN (
            SELECT line.variant_id, line.warehouse_id, sum(line.quantity) AS units
            FROM fulfillment_reservationline AS line
            JOIN fulfillment_reservation AS reservation
                ON reservation.id = line.reservation_id AND reservation.status = 'active'
            GROUP BY line.variant_id, line.warehouse_id
        ) AS held ON held.variant_id = level.variant_id AND held.warehouse_id = level.warehouse_id
        LEFT JOIN (
            SELECT level_id, sum(free) AS units FROM fulfillment_stockbucket GROUP BY level_id
        ) AS laid ON laid.level_id = level.id
        WHERE coalesce(held.units, 0) + coalesce(laid.units, 0) <> level.reserved
    """,
    # What is sold ahead is what orders hold of units to come.
    "sold_ahead": """
        SELECT variant.sku, warehouse.code, coalesce(held.units, 0), level.preordered
        FROM fulfillment_stocklevel AS level
        JOIN catalog_variant AS variant ON variant.id = level.variant_id
        JOIN fulfillment_warehouse AS warehouse ON warehouse.id = level.warehouse_id
        LEFT JOIN (
            SELECT line.variant_id, line.warehouse_id, sum(line.ahead) AS units
            FROM fulfillment_reservationline AS line
            JOIN fulfillment_reservation AS reservation
                ON reservation.id = line.reservation_id AND reservation.status = 'active'
            GROUP BY line.variant_id, line.warehouse_id
        ) AS held ON held.variant_id = level.variant_id AND held.warehouse_id = level.warehouse_id
        WHERE coalesce(held.units, 0) <> level.preordered
    """,
    # Closed orders hold nothing. The outbox may still be at it for some minutes.
    "held_by_closed_order": """
        SELECT placed.number, '', 0, sum(line.quantity + line.ahead)
        FROM fulfillment_reservation AS reservation
        JOIN orders_order AS placed ON placed.id = reservation.order_id
        JOIN fulfillment_reservationline AS line ON line.reservation_id = reservation.id
        WHERE reservation.status = 'active' AND placed.status IN ('cancelled', 'completed')
            AND placed.changed_at < %(settled)s
        GROUP BY placed.number
        HAVING sum(line.quantity + line.ahead) > 0
    """,
    # An order that is to be sent holds what it has not sent yet, but for what waits for stock.
    "not_held": """
        SELECT placed.number, '',
               wanted.units - coalesce(sent.units, 0) - coalesce(lacking.units, 0),
               coalesce(held.units, 0)
        FROM orders_order AS placed
        JOIN (
            SELECT order_id, sum(quantity) AS units FROM orders_orderline GROUP BY order_id
        ) AS wanted ON wanted.order_id = placed.id
        LEFT JOIN (
            SELECT shipment.order_id, sum(line.quantity) AS units
            FROM fulfillment_shipmentline AS line
            JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
            WHERE shipment.dispatched_at IS NOT NULL AND shipment.resolution <> 'resent'
            GROUP BY shipment.order_id
        ) AS sent ON sent.order_id = placed.id
        LEFT JOIN (
            SELECT decision.order_id, sum(waiting.value::int) AS units
            FROM fulfillment_routingdecision AS decision
            CROSS JOIN jsonb_each_text(decision.plan -> 'waiting') AS waiting
            WHERE decision.is_current
            GROUP BY decision.order_id
        ) AS lacking ON lacking.order_id = placed.id
        LEFT JOIN (
            SELECT reservation.order_id, sum(line.quantity + line.ahead) AS units
            FROM fulfillment_reservation AS reservation
            JOIN fulfillment_reservationline AS line ON line.reservation_id = reservation.id
            WHERE reservation.status = 'active'
            GROUP BY reservation.order_id
        ) AS held ON held.order_id = placed.id
        WHERE placed.status = 'released' AND placed.changed_at < %(settled)s
            AND wanted.units - coalesce(sent.units, 0) - coalesce(lacking.units, 0)
                <> coalesce(held.units, 0)
    """,
    # A parcel that is to be sent is of units that its order holds in that warehouse.
    "parcel_not_held": """
        SELECT shipment.number, warehouse.code, sum(line.quantity), coalesce(max(held.units), 0)
        FROM fulfillment_shipment AS shipment
        JOIN fulfillment_warehouse AS warehouse ON warehouse.id = shipment.warehouse_id
        JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id
        LEFT JOIN (
            SELECT reservation.order_id, line.warehouse_id, sum(line.quantity) AS units
            FROM fulfillment_reservation AS reservation
            JOIN fulfillment_reservationline AS line ON line.reservation_id = reservation.id
            WHERE reservation.status = 'active'
            GROUP BY reservation.order_id, line.warehouse_id
        ) AS held ON held.order_id = shipment.order_id
            AND held.warehouse_id = shipment.warehouse_id
        WHERE shipment.status IN ('planned', 'picking', 'packed')
            AND shipment.changed_at < %(settled)s
        GROUP BY shipment.id, shipment.number, warehouse.code
        HAVING sum(line.quantity) > coalesce(max(held.units), 0)
    """,
}


@transaction.atomic(durable=True)
def audit_stock(now: datetime) -> StockAudit:
    """Ask every question of one snapshot and keep the answers; what is found is logged as errors.

    Where tasks may still be at an order, what changed in the last minutes is left to the next
    run.
    """
    began = monotonic()
    findings: list[dict[str, Any]] = []
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for kind, question in _QUESTIONS.items():
            cursor.execute(question, {"settled": now - SETTLED_AFTER})
            for what, warehouse, expected, found in cursor.fetchmany(MOST_FINDINGS):
                findings.append(
                    {
                        "kind": kind,
                        "what": what,
                        "warehouse": warehouse,
                        "expected": int(expected),
                        "found": int(found),
                    }
                )
    for finding in findings:
        logger.error("stock audit: %s", finding)
    return StockAudit.objects.create(
        started_at=now,
        finished_at=now + timedelta(seconds=monotonic() - began),
        levels=StockLevel.objects.count(),
        findings=findings,
    )


def last_audit() -> StockAudit | None:
    """Give the newest audit, if there was one."""
    return StockAudit.objects.order_by("-id").first()
