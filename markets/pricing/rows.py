"""Reading and replacing the price rows of one market; all that writes prices goes through here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models.functions import Now

from markets.models import Market, Price
from markets.ranges import in_force

# The first half of the advisory locks' keys; the market's id is the second.
_LOCK_CLASS = 0x50524943
_BATCH = 2000


class RowInForce(NamedTuple):
    id: int
    variant_id: int
    kind: str
    amount: Decimal
    valid_from: datetime


class LaterRow(NamedTuple):
    variant_id: int
    kind: str
    valid_from: datetime


@dataclass(frozen=True)
class NewPrice:
    """A price to open, in the market's currency."""

    kind: Price.Kind
    amount: Decimal
    base_price_id: int | None = None
    rate_id: int | None = None
    conversion: Decimal | None = None


@dataclass(frozen=True)
class MarketRows:
    """A market's rows by variant: the one in force, and the next one to come into force."""

    in_force: Mapping[int, RowInForce]
    later: Mapping[int, LaterRow]


def lock_rows(
    market: Market, *, now: datetime, variant_ids: Collection[int] | None = None
) -> MarketRows:
    """Lock a market's prices until the transaction ends and read its rows.

    The lock is on the market as a whole: a variant without a price has no row to lock. Whoever
    locks several markets does so in the order of their ids.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, market.pk])
    rows = Price.objects.filter(market=market)
    if variant_ids is not None:
        rows = rows.filter(variant_id__in=variant_ids)
    current = (
        rows.filter(in_force(now))
        .order_by()
        .values_list("id", "variant_id", "kind", "amount", "valid_from")
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


def replace_rows(
    market: Market,
    rows: MarketRows,
    *,
    prices: Mapping[int, NewPrice | None],
    now: datetime,
) -> None:
    """Close the rows in force of the given variants at a moment, and open their new prices.

    None opens nothing. A new row lasts until the next one that is planned. A row that began at
    this very moment was never in force: it is written over. Needs the lock of `lock_rows`.
    """
    closed: list[int] = []
    opened: list[Price] = []
    rewritten: list[Price] = []
    for variant_id, price in prices.items():
        old = rows.in_force.get(variant_id)
        if price is None:
            if old is not None:
                closed.append(old.id)
            continue
        row = _row(market, variant_id, price, rows=rows, now=now)
        if old is None:
            opened.append(row)
        elif old.valid_from == now:
            row.pk = old.id
            rewritten.append(row)
        else:
            closed.append(old.id)
            opened.append(row)
    if closed:
        Price.objects.filter(pk__in=closed).update(valid_to=now, changed_at=Now())
    if rewritten:
        Price.objects.bulk_update(
            rewritten,
            ["kind", "amount", "base_price", "rate", "conversion"],
            batch_size=_BATCH,
        )
        Price.objects.filter(pk__in=[row.pk for row in rewritten]).update(changed_at=Now())
    if opened:
        Price.objects.bulk_create(opened, batch_size=_BATCH)


def _row(
    market: Market, variant_id: int, price: NewPrice, *, rows: MarketRows, now: datetime
) -> Price:
    later = rows.later.get(variant_id)
    return Price(
        variant_id=variant_id,
        market_id=market.pk,
        kind=price.kind,
        amount=price.amount,
        amount_currency=market.currency,
        base_price_id=price.base_price_id,
        rate_id=price.rate_id,
        conversion=price.conversion,
        valid_from=now,
        valid_to=later.valid_from if later else None,
    )
