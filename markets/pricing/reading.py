from collections.abc import Iterable
from datetime import datetime

from markets.models import Market, Price
from markets.ranges import in_force


def prices_in_force(
    variant_ids: Iterable[int], market: Market, *, now: datetime
) -> dict[int, Price]:
    """Give the price of each variant in a market at a moment; one without a price is left out."""
    rows = Price.objects.filter(in_force(now), market=market, variant_id__in=list(variant_ids))
    return {row.variant_id: row for row in rows}
