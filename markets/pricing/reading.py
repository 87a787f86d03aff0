"""Reading prices in force, where the row alone is wanted; why it is the one says `quoting`."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from markets.models import Market, Price
from markets.pricing.quoting import PriceRequest, quote_prices
from markets.ranges import in_force


def prices_in_force(
    variant_ids: Iterable[int], market: Market, *, now: datetime
) -> dict[int, Price]:
    """Give everybody's price of one unit of each variant; one without a price is left out."""
    requests = [PriceRequest(variant_id) for variant_id in dict.fromkeys(variant_ids)]
    answers = quote_prices(requests, market, moment=now)
    return {answer.variant_id: answer.price for answer in answers if answer.price}


def everybodys_prices(moment: datetime) -> Q:
    """Filter price rows down to what `quote_price` gives for one unit and no group.

    For lists, which sort and cut in SQL: of such rows each variant and market has one at most.
    """
    return in_force(moment) & Q(group__isnull=True, min_quantity=1)
