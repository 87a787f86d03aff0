"""The one place where `reserved` changes for units that are held already."""

from collections.abc import Mapping

from django.db import connection

# Rows are locked in (variant, warehouse) order before the first is changed: whoever else wants
# several rows takes them in the same order, so none waits for another in a circle.
_CHANGE_RESERVED = """
WITH change AS (
    SELECT * FROM unnest(%(variants)s::bigint[], %(warehouses)s::bigint[], %(units)s::int[])
        AS change (variant_id, warehouse_id, units)
), locked AS MATERIALIZED (
    SELECT level.id, change.units
    FROM fulfillment_stocklevel AS level
    JOIN change USING (variant_id, warehouse_id)
    ORDER BY level.variant_id, level.warehouse_id
    FOR UPDATE OF level
)
UPDATE fulfillment_stocklevel AS level
SET reserved = level.reserved + locked.units, changed_at = now()
FROM locked
WHERE level.id = locked.id
"""

Held = Mapping[tuple[int, int], int]


def change_reserved(changes: Held) -> None:
    """Add to the reserved units of stock rows, named by (variant id, warehouse id).

    Locks the rows in that order. A row that would leave `0 <= reserved <= on_hand` raises
    IntegrityError, and the caller's transaction must end.
    """
    rows = [(variant, warehouse, units) for (variant, warehouse), units in changes.items() if units]
    if not rows:
        return
    variants, warehouses, units = (list(column) for column in zip(*rows, strict=True))
    parameters = {"variants": variants, "warehouses": warehouses, "units": units}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE_RESERVED, parameters)
        if cursor.rowcount != len(rows):
            raise LookupError("A stock row that units are reserved in is gone.")
