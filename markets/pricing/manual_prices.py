from datetime import datetime
from decimal import Decimal

from django.db import transaction

from markets.models import Market, Price
from markets.money import to_minor
from markets.pricing.deriving import derive_market
from markets.pricing.reading import prices_in_force
from markets.pricing.rows import NewPrice, lock_prices, lock_rows, make_room, replace_row
from markets.ranges import in_force


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
    until = _next_by_hand(variant_id, market, now=now)
    if row is None or (row.kind, row.amount, row.valid_to) != (Price.Kind.MANUAL, amount, until):
        make_room(market, variant_id=variant_id, valid_from=now, valid_to=until)
        rows = lock_rows(market, now=now, variant_ids=[variant_id])
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
    lock_prices(market)
    _bring_forward(variant_id, market, now=now)
    derive_market(market, now=now, variant_ids=[variant_id], over_manual=True)
    return prices_in_force([variant_id], market, now=now).get(variant_id)


def _bring_forward(variant_id: int, market: Market, *, now: datetime) -> None:
    """Let the derived price that was to follow on one set by hand for a time begin now."""
    rows = Price.objects.filter(
        market=market, variant_id=variant_id, group__isnull=True, min_quantity=1
    )
    manual = rows.filter(in_force(now), kind=Price.Kind.MANUAL, valid_to__isnull=False).first()
    if manual is None or manual.valid_to is None:
        return
    after = rows.filter(kind=Price.Kind.DERIVED, valid_from=manual.valid_to).first()
    if after is None:
        return
    if manual.valid_from == now:  # Never in force.
        manual.delete()
    else:
        manual.valid_to = now
        manual.save(update_fields=["valid_to", "changed_at"])
    after.valid_from = now
    after.save(update_fields=["valid_from", "changed_at"])


def _next_by_hand(variant_id: int, market: Market, *, now: datetime) -> datetime | None:
    return (
        Price.objects.filter(
            market=market,
            variant_id=variant_id,
            group__isnull=True,
            min_quantity=1,
            kind=Price.Kind.MANUAL,
            valid_from__gt=now,
        )
        .order_by("valid_from")
        .values_list("valid_from", flat=True)
        .first()
    )
