"""What is on its way to a warehouse: announced with a date, received in parts, or given up."""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from catalog.models import Variant
from fulfillment.errors import NotExpected
from fulfillment.models import IncomingStock, StockMovement, Warehouse
from fulfillment.stock.arrivals import settle_after
from fulfillment.stock.buckets import lay_out_again, lock_whole_level

_ENSURE_LEVEL = """
INSERT INTO fulfillment_stocklevel (variant_id, warehouse_id, on_hand, reserved, changed_at)
VALUES (%s, %s, 0, 0, now())
ON CONFLICT (variant_id, warehouse_id) DO NOTHING
"""


@transaction.atomic
def announce_stock(
    warehouse: Warehouse, variant: Variant, quantity: int, *, expected_on: date, reference: str = ""
) -> IncomingStock:
    """Note units that are to come on a day; ValueError for less than one."""
    if quantity < 1:
        raise ValueError("A delivery is of one unit or more.")
    with connection.cursor() as cursor:
        cursor.execute(_ENSURE_LEVEL, [variant.pk, warehouse.pk])
    return IncomingStock.objects.create(
        warehouse=warehouse,
        variant=variant,
        quantity=quantity,
        expected_on=expected_on,
        reference=reference,
    )


@transaction.atomic
def receive_incoming(
    incoming: IncomingStock,
    units: int,
    *,
    now: datetime,
    closes: bool = False,
    received: int | None = None,
    user: Any = None,
) -> StockMovement | None:
    """Book what came of an announced delivery; `closes` if no more of it will.

    It is closed by itself once everything is in; more units than announced may come. Those who
    bought ahead get them when the transaction has ended. Locks the delivery, then the stock row.
    Raises NotExpected if it is closed already, or if more of it came than `received`, where that
    is given: somebody else booked it in between. ValueError for nothing that neither comes nor
    closes, and for goods of a transfer, which are received with it.
    """
    if units < 0 or (units == 0 and not closes):
        raise ValueError("A receipt is of one unit or more.")
    locked = IncomingStock.objects.select_for_update(of=("self",)).get(pk=incoming.pk)
    if locked.transfer_line_id is not None:
        raise ValueError("Goods of a transfer are received with it.")
    if locked.closed_at is not None or received not in (None, locked.received):
        raise NotExpected(f"The delivery {locked.reference or locked.pk} was received.")
    is_done = closes or locked.received + units >= locked.quantity
    IncomingStock.objects.filter(pk=locked.pk).update(
        received=F("received") + units, closed_at=now if is_done else None
    )
    if not units:
        return None
    return _book(locked, units, now=now, user=user)


def _book(incoming: IncomingStock, units: int, *, now: datetime, user: Any) -> StockMovement:
    level = lock_whole_level(incoming.warehouse, incoming.variant)
    movement = StockMovement.objects.create(
        warehouse=incoming.warehouse,
        variant=incoming.variant,
        kind=StockMovement.Kind.RECEIPT,
        quantity=units,
        reference=incoming.reference,
        user=user,
        occurred_at=now,
    )
    settle_after([(incoming.variant_id, incoming.warehouse_id)], now=now)
    if level is not None:
        lay_out_again([level])
    return movement
