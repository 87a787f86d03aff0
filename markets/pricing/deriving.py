import logging
from collections.abc import Collection, Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from markets.models import Market
from markets.pricing.derivation_sql import (
    BEYOND,
    CLOSE,
    CLOSE_WITHOUT_BASE,
    DECIDE,
    DROP_AHEAD,
    EMPTY,
    OPEN,
    PREPARE,
    PROPOSE,
    REFRESH_AHEAD,
    REWRITE,
    SETTLE,
    SUPERSEDE,
)
from markets.pricing.policies import Ways, base_currencies, policy_of, ways_to
from markets.pricing.rows import lock_prices
from markets.pricing.rules import rule_of

logger = logging.getLogger(__name__)


def derive_prices(
    *,
    now: datetime,
    variant_ids: Iterable[int] | None = None,
    market_ids: Iterable[int] | None = None,
) -> int:
    """Bring derived prices up to date with base prices, rates and markets; give rows changed.

    Without ids all variants and all markets, active or not. A price set by hand wins. Whether a
    price follows its target is decided by the market's brakes (`markets.price_brakes.decide`);
    what needs approval becomes a proposal. A row is replaced only when its amount changes, and
    keeps telling of the rate it was made with; it is closed when its variant has no base price
    any more. A market without a usable rate or with unusable endings keeps its prices, and that
    is logged as an error.

    All of it is done in the database, so memory does not grow with the catalogue. Takes each
    market's price lock in turn, in a transaction of its own unless the caller has one.
    """
    variants = None if variant_ids is None else list(variant_ids)
    if variants == []:
        return 0
    markets = Market.objects.order_by("pk")
    if market_ids is not None:
        markets = markets.filter(pk__in=list(market_ids))
    return sum(derive_market(market, now=now, variant_ids=variants) for market in markets)


@transaction.atomic
def derive_market(
    market: Market,
    *,
    now: datetime,
    variant_ids: Collection[int] | None = None,
    over_manual: bool = False,
) -> int:
    """Derive one market's prices as `derive_prices` does; `over_manual` ends those set by hand."""
    lock_prices(market)
    # All read under the lock: a run that waited must not bring back what another replaced.
    market = Market.objects.get(pk=market.pk)
    try:
        policy = policy_of(market)
    except ValidationError as error:
        logger.error("Prices of %s stay: %s", market.code, "; ".join(error.messages))
        return 0
    ways = ways_to(
        market.currency, sources=base_currencies(now=now, variant_ids=variant_ids), now=now
    )
    _report(market, ways)
    parameters = {
        **policy.parameters,
        **ways.parameters,
        "market": market.pk,
        "rule": rule_of(market).pk,
        "market_currency": market.currency,
        "now": now,
        "variants": None if variant_ids is None else list(variant_ids),
        "over_manual": over_manual,
    }
    with connection.cursor() as cursor:
        cursor.execute(PREPARE)
        cursor.execute(EMPTY)
        cursor.execute(CLOSE_WITHOUT_BASE, parameters)
        changed: int = cursor.rowcount
        cursor.execute(DECIDE, parameters)
        if cursor.rowcount:
            # In this order: a variant's old row is out of force before its new one is opened.
            cursor.execute(CLOSE, parameters)
            cursor.execute(REWRITE, parameters)
            changed += cursor.rowcount
            cursor.execute(OPEN, parameters)
            changed += cursor.rowcount
            cursor.execute(SETTLE)
            _report_beyond(market, cursor)
        cursor.execute(DROP_AHEAD, parameters)
        cursor.execute(REFRESH_AHEAD, parameters)
        cursor.execute(SUPERSEDE, parameters)
        cursor.execute(PROPOSE, parameters)
    return changed


def _report_beyond(market: Market, cursor: CursorWrapper) -> None:
    cursor.execute(BEYOND)
    (count,) = cursor.fetchone()
    if count:
        logger.error(
            "%d prices of %s stay: what they should be is too large to be kept", count, market.code
        )


def _report(market: Market, ways: Ways) -> None:
    if ways.missing:
        logger.error("Prices of %s stay: no rate for %s", market.code, ", ".join(ways.missing))
    if ways.blocked:
        logger.error(
            "Prices of %s stay: the rate from %s is too old", market.code, ", ".join(ways.blocked)
        )
    if ways.frozen:
        logger.warning(
            "Prices of %s follow no rate for now: the one from %s is old",
            *(market.code, ", ".join(ways.frozen)),
        )
