from datetime import datetime
from decimal import Decimal

from django.db import transaction

from markets.models import Market, Price
from markets.money import to_minor
from markets.pricing.deriving import derive_market
from markets.pricing.reading import prices_in_force
from markets.pricing.rows import NewPrice, lock_rows, replace_row


@transaction.atomic
def set_manual_price(variant_id: int, market: Market, amount: Decimal, *, now: datetime) -> Price:
    """Set a variant's price in a market by hand, in the market's currency, from a moment on.

    The moment may lie ahead: the price is planned then. It stays until it is cleared or set
    again. Takes the market's price lock. Raises ValueError for an amount that is not positive
    and InexactAmount for one finer than the currency.
    """
    if to_minor(amount, market.currency) <= 0:
        raise ValueError(f"a price must be positive, not {amount}")
    rows = lock_rows(market, now=now, variant_ids=[variant_id])
    row = rows.in_force.get(variant_id)
    if row is None or row.kind != Price.Kind.MANUAL or row.amount != amount:
        price = NewPrice(kind=Price.Kind.MANUAL, amount=amount)
        replace_row(market, rows, variant_id=variant_id, price=price, now=now)
    return prices_in_force([variant_id], market, now=now)[variant_id]


@transaction.atomic
def clear_manual_price(variant_id: int, market: Market, *, now: datetime) -> Price | None:
    """End a price set by hand and open the derived one in its place; give the price now in force.

    Without a base price the variant has no price in the market afterwards. Where the price
    cannot be derived (no rate that is fresh enough), the one set by hand stays. Takes the
    market's price lock.
    """
    derive_market(market, now=now, variant_ids=[variant_id], over_manual=True)
    return prices_in_force([variant_id], market, now=now).get(variant_id)
