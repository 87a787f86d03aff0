"""Price lists: prices set by hand for a time, a group or a quantity."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models.functions import Now
from djmoney.money import Money

from markets.models import CustomerGroup, Market, Price
from markets.money import to_minor
from markets.pricing.manual_prices import clear_manual_price
from markets.pricing.rows import lock_prices
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
    set again. The price that it takes the place of is closed; one set by hand that would have
    lasted longer comes back afterwards, and a derived one with the next derivation. Takes the
    market's price lock. Raises PriceAlreadyPlanned, ValueError for an amount that is not
    positive or a time that has gone, and InexactAmount for one finer than the currency.
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
        later = rows.filter(valid_from__gt=valid_from).order_by("valid_from").first()
        valid_to = later.valid_from if later else None
    old = rows.filter(in_force(valid_from)).first()
    new = Price(variant_id=variant_id, market=market, valid_from=valid_from, valid_to=valid_to)
    if old is not None:
        _give_way(old, valid_from=valid_from, valid_to=valid_to)
        if old.valid_from == valid_from:
            new.pk = old.pk  # Never in force: it is written over.
    new.kind = Price.Kind.MANUAL
    new.amount = Money(amount, market.currency)
    new.group, new.min_quantity, new.is_reduction = group, min_quantity, is_reduction
    new.save()
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
    price.refresh_from_db()
    if price.valid_from >= now:
        before = Price.objects.filter(
            variant=price.variant_id,
            market=price.market_id,
            group=price.group_id,
            min_quantity=price.min_quantity,
            valid_to=price.valid_from,
        )
        price.delete()
        before.update(valid_to=price.valid_to, changed_at=Now())
    elif price.valid_to is not None and price.valid_to <= now:
        return
    elif price.group_id is None and price.min_quantity == 1:
        clear_manual_price(price.variant_id, price.market, now=now)
    else:
        price.valid_to = now
        price.save(update_fields=["valid_to", "changed_at"])


def _give_way(old: Price, *, valid_from: datetime, valid_to: datetime | None) -> None:
    """Close a row where another begins, and bring it back after that one's end."""
    ends = old.valid_to
    if old.valid_from < valid_from:
        old.valid_to = valid_from
        old.save(update_fields=["valid_to", "changed_at"])
    if valid_to is None or (ends is not None and ends <= valid_to):
        return
    if old.kind == Price.Kind.MANUAL:
        Price.objects.create(
            variant_id=old.variant_id,
            market_id=old.market_id,
            kind=old.kind,
            amount=old.amount,
            group_id=old.group_id,
            min_quantity=old.min_quantity,
            is_reduction=old.is_reduction,
            valid_from=valid_to,
            valid_to=ends,
        )
