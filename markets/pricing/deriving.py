import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from markets.derivation import NoRate, derive_price
from markets.exchange import RateTable, latest_rates
from markets.models import BasePrice, Market, Price
from markets.price_endings import PriceEnding
from markets.pricing.rows import MarketRows, NewPrice, lock_rows, replace_rows
from markets.ranges import in_force

logger = logging.getLogger(__name__)


def derive_prices(
    *,
    now: datetime,
    variant_ids: Iterable[int] | None = None,
    market_ids: Iterable[int] | None = None,
) -> int:
    """Bring derived prices up to date with base prices, rates and markets; give rows changed.

    Without ids all variants and all markets, active or not. A price set by hand wins. A row is
    replaced only when its amount changes, and keeps telling of the rate it was made with; it
    is closed when its variant has no base price any more. A market without a rate or with
    unusable endings keeps its prices, and that is logged as an error.

    Takes each market's price lock in turn, in a transaction of its own unless the caller has one.
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
    rows = lock_rows(market, now=now, variant_ids=variant_ids)
    # All read under the lock: a run that waited must not bring back what another replaced.
    market = Market.objects.get(pk=market.pk)
    try:
        ending = market.price_ending
    except ValidationError as error:
        logger.error("Prices of %s stay: %s", market.code, "; ".join(error.messages))
        return 0
    work = _Derivation(market=market, ending=ending, rates=latest_rates(now=now), known={})
    prices: dict[int, NewPrice | None] = {}
    missing: set[str] = set()
    seen: set[int] = set()
    for base in _base_prices(now=now, variant_ids=variant_ids):
        seen.add(base.variant_id)
        if not _is_open(rows, base.variant_id, over_manual=over_manual):
            continue
        try:
            price = work.price(base)
        except NoRate as error:
            missing.add(error.currency)
            continue
        old = rows.in_force.get(base.variant_id)
        if old is None or old.kind != Price.Kind.DERIVED or old.amount != price.amount:
            prices[base.variant_id] = price
    for variant_id in rows.in_force.keys() - seen:
        if _is_open(rows, variant_id, over_manual=over_manual):
            prices[variant_id] = None
    if missing:
        logger.error("Prices of %s stay: no rate for %s", market.code, ", ".join(sorted(missing)))
    replace_rows(market, rows, prices=prices, now=now)
    return len(prices)


@dataclass(frozen=True)
class _Base:
    id: int
    variant_id: int
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class _Derivation:
    market: Market
    ending: PriceEnding | None
    rates: RateTable
    known: dict[tuple[Decimal, str], Decimal]  # Catalogues have few price points.

    def price(self, base: _Base) -> NewPrice:
        conversion, rate = self.rates.conversion(base.currency, self.market.currency)
        key = (base.amount, base.currency)
        if key not in self.known:
            self.known[key] = derive_price(
                base.amount,
                rate=conversion,
                margin=self.market.fx_margin,
                adjustment=self.market.price_adjustment,
                ending=self.ending,
                currency=self.market.currency,
            )
        return NewPrice(
            kind=Price.Kind.DERIVED,
            amount=self.known[key],
            base_price_id=base.id,
            rate_id=rate.pk if rate else None,
            conversion=conversion,
        )


def _base_prices(*, now: datetime, variant_ids: Collection[int] | None) -> Iterable[_Base]:
    rows = BasePrice.objects.filter(in_force(now)).order_by()
    if variant_ids is not None:
        rows = rows.filter(variant_id__in=variant_ids)
    return (
        _Base(*row) for row in rows.values_list("id", "variant_id", "amount", "amount_currency")
    )


def _is_open(rows: MarketRows, variant_id: int, *, over_manual: bool) -> bool:
    """Tell whether a variant's price may be derived now."""
    later = rows.later.get(variant_id)
    if later is not None and later.kind == Price.Kind.DERIVED:
        # Derived rows are never planned: a run with a later clock has been here already.
        return False
    row = rows.in_force.get(variant_id)
    return row is None or row.kind == Price.Kind.DERIVED or over_manual
