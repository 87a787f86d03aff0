"""Price lists: prices set by hand for a time, a group or a quantity."""

from copy import copy
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from djmoney.money import Money

from markets.models import CustomerGroup, Market, Price
from markets.money import to_minor
from markets.pricing.manual_prices import clear_manual_price
from markets.pricing.rows import lock_prices, make_room
from markets.ranges import in_force


class PriceAlreadyPlanned(Exception):
    """Another price of the same group and quantity begins within the time; nothing changed."""

    def __init__(self, price: Price) -> None:
        super().__init__(f"price {price.pk} begins at {price.valid_from}")
        self.price = price


@transaction.atomic
def set_list_price(
    variant_id: int,
    market: Market,
    amount: Decimal,
    *,
    group: CustomerGroup | None = None,
    min_quantity: int = 1,
    is_reduction: bool = False,
    valid_from: datetime,
    valid_to: datetime | None = None,
    now: datetime,
) -> Price:
    """Set a price by hand, in the market's currency, for a group and from a quantity on.

    It is in force from `valid_from`, which is not before now, until `valid_to` or until it is
    set again. The price that it takes the place of is closed; one that would have lasted longer
    comes back at its end, a derived one kept up to date until then. Takes the market's price
    lock. Raises PriceAlreadyPlanned, ValueError for an amount that is not positive or a time
    that has gone, and InexactAmount for one finer than the currency.
    """
    if to_minor(amount, market.currency) <= 0:
        raise ValueError(f"a price must be positive, not {amount}")
    if min_quantity < 1:
        raise ValueError("a price is for one unit or more")
    if valid_from < now or (valid_to is not None and valid_to <= valid_from):
        raise ValueError("a price begins now or later, and ends after that")
    lock_prices(market)
    planned = find_planned_price(
        variant_id,
        market,
        group=group,
        min_quantity=min_quantity,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    if planned is not None:
        raise PriceAlreadyPlanned(planned)
    rows = Price.objects.filter(
        market=market, variant_id=variant_id, group=group, min_quantity=min_quantity
    )
    if valid_to is None:
        by_hand = rows.filter(kind=Price.Kind.MANUAL, valid_from__gt=valid_from)
        later = by_hand.order_by("valid_from").first()
        valid_to = later.valid_from if later else None
    make_room(
        market,
        variant_id=variant_id,
        group_id=group.pk if group else None,
        min_quantity=min_quantity,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    old = rows.filter(in_force(valid_from)).first()
    new = Price(variant_id=variant_id, market=market, valid_from=valid_from, valid_to=valid_to)
    back = None if old is None else _returning(old, valid_to)
    if old is not None and old.valid_from == valid_from:
        new.pk = old.pk  # Never in force: it is written over.
    elif old is not None:
        old.valid_to = valid_from
        old.save(update_fields=["valid_to", "changed_at"])
    new.kind = Price.Kind.MANUAL
    new.amount = Money(amount, market.currency)
    new.group, new.min_quantity, new.is_reduction = group, min_quantity, is_reduction
    new.save()
    if back is not None:
        back.save(force_insert=True)
    return new


def find_planned_price(
    variant_id: int,
    market: Market,
    *,
    group: CustomerGroup | None,
    min_quantity: int,
    valid_from: datetime,
    valid_to: datetime | None,
) -> Price | None:
    """Find the price that `set_list_price` would refuse such a time for."""
    if valid_to is None:
        return None
    planned = Price.objects.filter(
        market=market,
        variant_id=variant_id,
        group=group,
        min_quantity=min_quantity,
        kind=Price.Kind.MANUAL,
        valid_from__gt=valid_from,
        valid_from__lt=valid_to,
    )
    return planned.order_by("valid_from").first()


@transaction.atomic
def end_list_price(price_id: int, *, now: datetime) -> None:
    """End a price set by hand, or take back one that has not begun.

    Everybody's price makes room for the derived one, as with `clear_manual_price`; where one is
    taken back, what was to give way to it goes on. What has ended stays as it is. Takes the
    market's price lock. Raises ValueError for a derived price.
    """
    price = Price.objects.select_related("market").get(pk=price_id)
    if price.kind != Price.Kind.MANUAL:
        raise ValueError(f"price {price_id} was not set by hand")
    lock_prices(price.market)
    try:
        price.refresh_from_db()
    except Price.DoesNotExist:  # Taken back meanwhile.
        return
    if price.valid_from >= now:
        _take_back(price)
    elif price.valid_to is not None and price.valid_to <= now:
        return
    elif price.group_id is None and price.min_quantity == 1:
        clear_manual_price(price.variant_id, price.market, now=now)
    else:
        price.valid_to = now
        price.save(update_fields=["valid_to", "changed_at"])


def _take_back(price: Price) -> None:
    slot = Price.objects.filter(
        variant=price.variant_id,
        market=price.market_id,
        group=price.group_id,
        min_quantity=price.min_quantity,
    )
    before = slot.filter(valid_to=price.valid_from).first()
    after = None
    if price.valid_to is not None:
        after = slot.filter(kind=Price.Kind.DERIVED, valid_from=price.valid_to).first()
    price.delete()
    if after is None:
        ends = price.valid_to
    elif before is not None and before.kind == Price.Kind.DERIVED:
        ends = after.valid_to
        after.delete()
    else:  # What was set by hand before had an end of its own.
        after.valid_from = price.valid_from
        after.save(update_fields=["valid_from", "changed_at"])
        return
    if before is not None:
        before.valid_to = ends
        before.save(update_fields=["valid_to", "changed_at"])


def _returning(old: Price, moment: datetime | None) -> Price | None:
    """Give what comes back of a row at a moment; None where its time is over by then."""
    if moment is None or (old.valid_to is not None and old.valid_to <= moment):
        return None
    back = copy(old)
    back.pk, back.valid_from = None, moment
    return back
