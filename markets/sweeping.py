"""Finding what changed since prices were last derived."""

import logging
from datetime import UTC, date, datetime, timedelta

from django.core.cache import cache
from django.db.models import Q
from redis.exceptions import RedisError

from markets.models import BasePrice, ExchangeRate, Market, Price
from markets.pricing import derive_prices

logger = logging.getLogger(__name__)

# Commits land out of order: a row may appear with a stamp from before the last sweep.
OVERLAP = timedelta(minutes=5)
_SWEPT_AT = "markets.prices_swept_at"


def sweep_prices(*, now: datetime) -> int:
    """Derive what changed, began or ended since the last sweep; give how many rows changed.

    Everything is derived without a memory of the last sweep (an empty or missing cache, a clock
    that was set back), and once with each day of UTC: rates age by days, one set by hand has a
    last day, and dwell times end.
    """
    swept_at = _recall()
    if swept_at is None or swept_at > now or _day(swept_at) != _day(now):
        changed = derive_prices(now=now)
    else:
        changed = _derive_since(swept_at - OVERLAP, now=now)
    _remember(now)
    return changed


def _derive_since(since: datetime, *, now: datetime) -> int:
    decided = Q(fetched_at__gt=since) | Q(decided_at__gt=since) | Q(replaced_at__gt=since)
    if ExchangeRate.objects.filter(decided).exists():
        return derive_prices(now=now)
    markets = Market.objects.filter(
        Q(changed_at__gt=since) | Q(freeze_until__gt=since, freeze_until__lte=now)
    ).values_list("pk", flat=True)
    turned = Q(valid_from__gt=since, valid_from__lte=now) | Q(valid_to__gt=since, valid_to__lte=now)
    base_prices = BasePrice.objects.filter(turned | Q(changed_at__gt=since))
    # A price set by hand for a time ends by itself, and the derived one follows.
    ended = Price.objects.filter(kind=Price.Kind.MANUAL, valid_to__gt=since, valid_to__lte=now)
    variants = {
        *base_prices.values_list("variant_id", flat=True),
        *ended.values_list("variant_id", flat=True),
    }
    changed = derive_prices(now=now, market_ids=list(markets))
    return changed + derive_prices(now=now, variant_ids=variants)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _recall() -> datetime | None:
    try:
        swept_at = cache.get(_SWEPT_AT)
    except RedisError as error:
        logger.warning("No cache to recall the last sweep of prices from: %s", error)
        return None
    return swept_at if isinstance(swept_at, datetime) else None


def _remember(moment: datetime) -> None:
    try:
        cache.set(_SWEPT_AT, moment, timeout=None)
    except RedisError as error:
        logger.warning("No cache to remember the sweep of prices in: %s", error)
