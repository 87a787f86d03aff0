from collections.abc import Collection

from django.db.models import Sum

from fulfillment.lanes import list_serving_warehouses
from fulfillment.models import Sellable
from fulfillment.stock.shelf import Shelf
from markets.models import Market


def available(
    variant_ids: Collection[int], market: Market, *, shelf: Shelf | None = None
) -> dict[int, int]:
    """Count the units of each variant that a market can sell: one query, every id answered.

    A unit counts where it lies in an active warehouse from which a delivery option of the
    market reaches one of its countries. With a shelf of the variants there is no query.
    """
    counts = dict.fromkeys(variant_ids, 0)
    serving = list_serving_warehouses(market)
    if shelf is not None:
        for warehouse_id in serving:
            units = shelf.free.get(warehouse_id, {})
            for variant_id in counts.keys() & units.keys():
                counts[variant_id] += units[variant_id]
        return counts
    rows = (
        Sellable.objects.filter(variant_id__in=counts, warehouse_id__in=serving)
        .order_by()
        .values_list("variant_id")
        .annotate(here=Sum("units"))
    )
    return counts | dict(rows)
