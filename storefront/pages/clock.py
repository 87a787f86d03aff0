"""The time of day in a market, as its people write it."""

from datetime import datetime

from babel.dates import format_time

from storefront.shops import Shop


def clock_text(moment: datetime, shop: Shop) -> str:
    """Write a moment's time of day in the market's own time: 14:35, or 2:35 PM."""
    return str(format_time(moment, "short", tzinfo=shop.market.zone, locale=shop.locale))
