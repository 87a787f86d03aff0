"""Reading and replacing the price rows of one market; all that writes prices goes through here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from markets.models import Market, Price
from markets.ranges import in_force

# The first half of the advisory locks' keys; the market's id is the second.
_LOCK_CLASS = 0x50524943


class RowInForce(NamedTuple):
    id: int
    variant_id: int
    kind: str
    amount: Decimal
    valid_from: datetime
    valid_to: datetime | None


class LaterRow(NamedTuple):
    variant_id: int
    kind: str
    valid_from: datetime


@dataclass(frozen=True)
class NewPrice:
    """A price to open, in the market's currency."""

    kind: Price.Kind
    amount: Decimal
    reason: str = ""
    base_price_id: int | None = None
    rate_id: int | None = None
    conversion: Decimal | None = None
    buffer: Decimal = Decimal(0)
    asked: Decimal | None = None
    target: Decimal | None = None
    floor: Decimal | None = None
    rule_id: int | None = None


@dataclass(frozen=True)
class MarketRows:
    """A market's rows by variant: the one in force, and the next one to come into force."""

    in_force: Mapping[int, RowInForce]
    later: Mapping[int, LaterRow]


def lock_prices(market: Market) -> None:
    """Lock a market's prices until the transaction ends.

    The lock is on the market as a whole: a variant without a price has no row to lock. Whoever
    locks several markets does so in the order of their ids.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, market.pk])


def lock_rows(market: Market, *, now: datetime, variant_ids: Collection[int]) -> MarketRows:
    """Lock a market's prices as `lock_prices` does, and read everybody's rows of some variants."""
    lock_prices(market)
    rows = Price.objects.filter(
        market=market, variant_id__in=variant_ids, group__isnull=True, min_quantity=1
    )
    current = (
        rows.filter(in_force(now))
        .order_by()
        .values_list("id", "variant_id", "kind", "amount", "valid_from", "valid_to")
    )
    later = (
        rows.filter(valid_from__gt=now)
        .order_by("-valid_from")
        .values_list("variant_id", "kind", "valid_from")
    )
    return MarketRows(
        in_force={row[1]: RowInForce(*row) for row in current},
        later={row[0]: LaterRow(*row) for row in later},
    )


def make_room(
    market: Market,
    *,
    variant_id: int,
    group_id: int | None = None,
    min_quantity: int = 1,
    valid_from: datetime,
    valid_to: datetime | None,
) -> None:
    """Put derived rows that begin within a time off until its end, or take them back.

    A price set by hand stands there then. Needs the lock of `lock_prices`.
    """
    within = Q(valid_from__gt=valid_from)
    if valid_to is not None:
        within &= Q(valid_from__lt=valid_to)
    for row in Price.objects.filter(
        within,
        market=market,
        variant_id=variant_id,
        group_id=group_id,
        min_quantity=min_quantity,
        kind=Price.Kind.DERIVED,
    ):
        if valid_to is None or (row.valid_to is not None and row.valid_to <= valid_to):
            row.delete()
        else:
            row.valid_from = valid_to
            row.save(update_fields=["valid_from", "changed_at"])


def replace_row(
    market: Market, rows: MarketRows, *, variant_id: int, price: NewPrice, now: datetime
) -> Price:
    """Close a variant's row in force at a moment, and open its new price.

    The new row lasts until the next one that is planned. A row that began at this very moment
    was never in force: it is written over. Needs the lock of `lock_rows`.
    """
    old, later = rows.in_force.get(variant_id), rows.later.get(variant_id)
    new = Price(
        variant_id=variant_id,
        market_id=market.pk,
        kind=price.kind,
        amount=price.amount,
        amount_currency=market.currency,
        reason=price.reason,
        base_price_id=price.base_price_id,
        rate_id=price.rate_id,
        conversion=price.conversion,
        buffer=price.buffer,
        asked=price.asked,
        target=price.target,
        floor=price.floor,
        rule_id=price.rule_id,
        valid_from=now,
        valid_to=later.valid_from if later else None,
    )
    if old is not None and old.valid_from == now:
        new.pk = old.id
    elif old is not None:
        closing = Price(pk=old.id, valid_to=now)
        closing.save(update_fields=["valid_to", "changed_at"])
    new.save()
    return new
