from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from catalog.reference import Reference, reference
from fulfillment.choosing import list_pieces
from fulfillment.errors import OutOfStock
from fulfillment.models import Reservation
from markets.models import Market
from orders.models import Order

# All of it is in the database function of migration 0007: one round trip, so that a hot row is
# locked no longer than that, and plans that a connection keeps.
_RESERVE = "SELECT * FROM reserve_stock(%s, %s, %s, %s, %s, %s, %s, %s, %s)"


def reserve_stock(
    order: Order, *, country: str, option: str, expires_at: datetime | None, now: datetime
) -> Reservation:
    """Set every line of an order aside, all or nothing, by one statement.

    Units come from active warehouses from which a service of the delivery option reaches the
    country: from one that has everything if there is one, else in the order of
    `fulfillment.choosing`. What is not here may be sold ahead: see `ReservationLine.ahead`.
    Locks the stock rows in (variant, warehouse) order, then buckets. Raises OutOfStock; then
    nothing is reserved, and the rows stay locked until the caller's transaction ends.
    """
    # To the minute, so that it can be kept as long as the reading of the lanes.
    minute = now.replace(second=0, microsecond=0)
    lanes = reference().derive(_lanes, order.market, country, option, minute)
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, (order.pk, *lanes.columns, expires_at, now))
        reservation_id, short = cursor.fetchone()
    if short:
        raise OutOfStock(short)
    return Reservation(
        pk=reservation_id,
        order=order,
        status=Reservation.Status.ACTIVE,
        expires_at=expires_at,
        created_at=now,
    )


@dataclass(frozen=True)
class _Lanes:
    """The ways to a country, as PostgreSQL's text of an array for each column, made once."""

    columns: tuple[str, ...]


def _lanes(_read: Reference, market: Market, country: str, option: str, now: datetime) -> _Lanes:
    rows = [
        (
            piece.warehouse_id,
            piece.over_grams,
            piece.up_to_grams,
            piece.base,
            piece.per_kg,
            piece.heaviest_grams,
        )
        for piece in list_pieces(market, country=country, option=option, now=now)
    ]
    return _Lanes(tuple(_array(column) for column in zip(*rows, strict=True)) or ("{}",) * 6)


def _array(values: tuple[int | Decimal | None, ...]) -> str:
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"
