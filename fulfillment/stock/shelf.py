"""What lies free where: read once, and then good for any question about the same variants."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

_READ = """
SELECT variant.id, variant.weight_grams, level.warehouse_id, level.on_hand - level.reserved
FROM catalog_variant AS variant
LEFT JOIN fulfillment_stocklevel AS level ON level.variant_id = variant.id
WHERE variant.id = ANY(%s)
"""


@dataclass(frozen=True)
class Shelf:
    """Variants' weights, and the units that are not reserved, by warehouse and variant."""

    grams: Mapping[int, int]
    free: Mapping[int, Mapping[int, int]]


def read_shelf(variant_ids: Iterable[int]) -> Shelf:
    """Read the free units and the weights of variants, in one query."""
    grams: dict[int, int] = {}
    free: dict[int, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(variant_ids)])
        for variant_id, weight, warehouse_id, units in cursor.fetchall():
            grams[variant_id] = weight
            if units:
                free.setdefault(warehouse_id, {})[variant_id] = units
    return Shelf(grams, free)
