"""Hot levels: their free units lie in buckets, and are folded back where somebody needs it all.

A merchant says of a hot seller into how many buckets it is split (`StockLevel.buckets`). Buyers
then take from one bucket each and do not queue for the level. What lies in buckets is counted as
reserved in the level; the database's functions (migration 0007) move it to and fro.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from catalog.models import Variant
from fulfillment.models import StockLevel, Warehouse

# Fewer units than that for each bucket are not worth laying out: the function's own threshold.
LEAST_UNITS = 4


def lock_whole_level(warehouse: Warehouse, variant: Variant) -> StockLevel | None:
    """Lock a stock row and fold its buckets back into it; None if there is no such row."""
    return lock_whole_levels([(variant.pk, warehouse.pk)]).get((variant.pk, warehouse.pk))


def lock_whole_levels(keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], StockLevel]:
    """Lock stock rows by (variant id, warehouse id) and fold their buckets back into them.

    Locks the rows in that order, then their buckets. Rows that do not exist are left out.
    """
    wanted = Q(pk__in=[])
    for variant_id, warehouse_id in keys:
        wanted |= Q(variant_id=variant_id, warehouse_id=warehouse_id)
    levels = list(
        StockLevel.objects.select_for_update(of=("self",))
        .filter(wanted)
        .order_by("variant_id", "warehouse_id")
    )
    folded = _fold(level.pk for level in levels if level.buckets)
    for level in levels:
        level.reserved -= folded.get(level.pk, 0)
    return {(level.variant_id, level.warehouse_id): level for level in levels}


def lay_out_again(levels: Iterable[StockLevel]) -> None:
    """Lay what hot levels have for sale out in their buckets again, where there is plenty.

    The levels come from `lock_whole_levels` in this transaction, or are locked and were never
    laid out. What the caller has changed since then in the database counts, not the instances.
    """
    hot = [level.pk for level in levels if level.buckets]
    if hot:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT lay_out_stock_level(id) FROM unnest(%s::bigint[]) AS level (id)", [hot]
            )


def lay_out_hot_levels(now: datetime) -> int:
    """Lay out what has come into hot levels beside their buckets; give how many were laid out.

    Each level is a transaction of its own; one that somebody is at waits for the next run.
    """
    due = StockLevel.objects.filter(
        buckets__gt=0,
        on_hand__gte=F("reserved") + F("safety") + F("preordered") + LEAST_UNITS * F("buckets"),
    )
    return sum(_lay_out(level_id, now=now) for level_id in list(due.values_list("pk", flat=True)))


@transaction.atomic(durable=True)
def _lay_out(level_id: int, *, now: datetime) -> bool:
    level = (
        StockLevel.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=level_id)
        .first()
    )
    if level is None:
        return False
    _fold([level.pk])
    lay_out_again([level])
    StockLevel.objects.filter(pk=level.pk).update(changed_at=now)
    return True


def _fold(level_ids: Iterable[int]) -> dict[int, int]:
    ids = list(level_ids)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, fold_stock_level(id) FROM unnest(%s::bigint[]) AS level (id)", [ids]
        )
        return dict(cursor.fetchall())
