"""What can be sold from where: read once, then good for any question about these variants."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

_READ = """
SELECT variant.id, variant.weight_grams, sellable.warehouse_id, sellable.units,
       sellable.preorder_limit, sellable.preordered, sellable.incoming
FROM catalog_variant AS variant
LEFT JOIN fulfillment_sellable AS sellable ON sellable.variant_id = variant.id
WHERE variant.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Units not sold yet that are expected on a day; `sellable` of them may be sold before.

    A day that has passed promises nothing: whoever asks compares it with the day it is.
    """

    on: date
    units: int
    sellable: int


@dataclass
class Shelf:
    """Variants' weights, and by warehouse and variant the units here and those to come.

    `free` holds what can be sold now, `ahead` what is coming, the earliest first; where there is
    nothing there is no entry.
    """

    grams: dict[int, int] = field(default_factory=dict)
    free: dict[int, dict[int, int]] = field(default_factory=dict)
    ahead: dict[int, dict[int, tuple[Ahead, ...]]] = field(default_factory=dict)

    def put(
        self,
        variant_id: int,
        *,
        grams: int,
        warehouse_id: int | None,
        units: int | None,
        coming: tuple[Ahead, ...],
    ) -> None:
        """Add what a row of `fulfillment_sellable` says; without a warehouse, the weight alone."""
        self.grams[variant_id] = grams
        if warehouse_id is None:
            return
        if units:
            self.free.setdefault(warehouse_id, {})[variant_id] = units
        if coming:
            self.ahead.setdefault(warehouse_id, {})[variant_id] = coming


def read_shelf(variant_ids: Iterable[int]) -> Shelf:
    """Read what can be sold of variants, and their weights, in one query."""
    shelf = Shelf()
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(variant_ids)])
        for variant_id, grams, warehouse_id, units, *rest in cursor.fetchall():
            shelf.put(
                variant_id,
                grams=grams,
                warehouse_id=warehouse_id,
                units=units,
                coming=read_ahead(*rest),
            )
    return shelf


def read_ahead(limit: int, preordered: int, incoming: str | None) -> tuple[Ahead, ...]:
    """Say of each expected delivery how much of it may still be sold ahead.

    What is sold ahead already is taken from the earliest deliveries, as it will be when they
    arrive. `incoming` is the view's column, a JSON list of [day, units].
    """
    if incoming is None:
        return ()
    left, taken = max(0, limit - preordered), preordered
    ahead = []
    for day, units in json.loads(incoming):
        unsold = max(0, units - taken)
        taken = max(0, taken - units)
        ahead.append(Ahead(date.fromisoformat(day), unsold, min(unsold, left)))
        left -= ahead[-1].sellable
    return tuple(ahead)
