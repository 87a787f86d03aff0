"""The one place where `reserved` and `preordered` change for units that are held already."""

from collections.abc import Mapping

from django.db import connection

# Rows are locked in (variant, warehouse) order before the first is changed: whoever else wants
# several rows takes them in the same order, so none waits for another in a circle.
_CHANGE = """
WITH change AS (
    SELECT * FROM unnest(
        %(variants)s::bigint[], %(warehouses)s::bigint[], %(units)s::int[], %(ahead)s::int[]
    ) AS change (variant_id, warehouse_id, units, ahead)
), locked AS MATERIALIZED (
    SELECT level.id, change.units, change.ahead
    FROM fulfillment_stocklevel AS level
    JOIN change USING (variant_id, warehouse_id)
    ORDER BY level.variant_id, level.warehouse_id
    FOR UPDATE OF level
)
UPDATE fulfillment_stocklevel AS level
SET reserved = level.reserved + locked.units, preordered = level.preordered + locked.ahead,
    changed_at = now()
FROM locked
WHERE level.id = locked.id
"""

Held = Mapping[tuple[int, int], int]


def change_reserved(changes: Held, *, ahead: Held | None = None) -> None:
    """Add to the reserved units of stock rows, named by (variant id, warehouse id).

    `ahead` adds to the units that are sold ahead, in the same rows or others. Locks the rows in
    that order. A row that would leave `0 <= reserved <= on_hand` raises IntegrityError, and the
    caller's transaction must end.
    """
    ahead = ahead or {}
    rows = [
        (*key, changes.get(key, 0), ahead.get(key, 0))
        for key in {**changes, **ahead}
        if changes.get(key) or ahead.get(key)
    ]
    if not rows:
        return
    variants, warehouses, units, units_ahead = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGE,
            {
                "variants": variants,
                "warehouses": warehouses,
                "units": units,
                "ahead": units_ahead,
            },
        )
        if cursor.rowcount != len(rows):
            raise LookupError("A stock row that units are reserved in is gone.")
