"""The ledger: every unit that comes or goes is a movement, and `on_hand` is their sum.

A booking may carry the key of the form that it was entered with: however often that is sent, it
is booked once, and the same movement is given back.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from catalog.models import Variant
from fulfillment.errors import StockReserved
from fulfillment.models import StockLevel, StockMovement, Warehouse
from fulfillment.stock.arrivals import settle_after
from fulfillment.stock.buckets import lay_out_again, lock_whole_level

Kind = StockMovement.Kind


def receive_stock(
    warehouse: Warehouse,
    variant: Variant,
    quantity: int,
    *,
    reference: str,
    now: datetime,
    user: Any = None,
    key: UUID | None = None,
) -> StockMovement:
    """Book units that arrived; ValueError for less than one.

    Those who bought ahead get them when the transaction has ended.
    """
    if quantity < 1:
        raise ValueError("A receipt is of one unit or more.")
    movement = _book(
        StockMovement(
            warehouse=warehouse,
            variant=variant,
            kind=Kind.RECEIPT,
            quantity=quantity,
            reference=reference,
            user=user,
            occurred_at=now,
            entry_key=key,
        )
    )
    settle_after([(variant.pk, warehouse.pk)], now=now)
    return movement


@transaction.atomic
def count_stock(
    warehouse: Warehouse,
    variant: Variant,
    counted: int,
    *,
    reference: str,
    now: datetime,
    user: Any = None,
    key: UUID | None = None,
) -> StockMovement | None:
    """Book the difference between what was counted and what should be there, if there is one.

    Locks the stock row. Raises StockReserved if orders hold more than was counted: they have to
    be dealt with first.
    """
    if counted < 0:
        raise ValueError("A count is not negative.")
    level = lock_whole_level(warehouse, variant)
    if known := find_booked(key):
        return known
    on_hand, reserved = (level.on_hand, level.reserved) if level else (0, 0)
    if counted < reserved:
        raise StockReserved(f"{reserved} units are reserved for orders; {counted} were counted.")
    movement = None
    if counted != on_hand:
        movement = _book(
            StockMovement(
                warehouse=warehouse,
                variant=variant,
                kind=Kind.COUNT,
                quantity=counted - on_hand,
                reference=reference,
                user=user,
                occurred_at=now,
                entry_key=key,
            )
        )
    if counted > on_hand:
        settle_after([(variant.pk, warehouse.pk)], now=now)
    _unlock(level)
    return movement


@transaction.atomic
def book_damage(
    warehouse: Warehouse,
    variant: Variant,
    quantity: int,
    *,
    reason: str,
    now: datetime,
    reference: str = "",
    user: Any = None,
    key: UUID | None = None,
) -> StockMovement:
    """Take units out that are damaged or lost, with the reason.

    Locks the stock row. Raises ValueError without units or a reason, and StockReserved if orders
    hold some of them: nothing is booked then.
    """
    if quantity < 1 or not reason.strip():
        raise ValueError("Damage is of one unit or more, and has a reason.")
    level = lock_whole_level(warehouse, variant)
    if known := find_booked(key):
        return known
    free = level.free if level else 0
    if quantity > free:
        raise StockReserved(f"{free} units are there that no order holds; {quantity} are to go.")
    movement = _book(
        StockMovement(
            warehouse=warehouse,
            variant=variant,
            kind=Kind.DAMAGE,
            quantity=-quantity,
            reference=reference,
            reason=reason.strip(),
            user=user,
            occurred_at=now,
            entry_key=key,
        )
    )
    _unlock(level)
    return movement


def find_booked(key: UUID | None) -> StockMovement | None:
    """Give the movement that was booked with the key of a form, if there is one."""
    return StockMovement.objects.filter(entry_key=key).first() if key else None


def _book(movement: StockMovement) -> StockMovement:
    """Write a movement; one of a key that is booked already gives that one."""
    if movement.entry_key is None:
        movement.save(force_insert=True)
        return movement
    try:
        with transaction.atomic():
            movement.save(force_insert=True)
    except IntegrityError:
        known = find_booked(movement.entry_key)
        if known is None:
            raise
        return known
    return movement


def _unlock(level: StockLevel | None) -> None:
    """Lay a hot level out again that was folded to be looked at whole."""
    if level is not None:
        lay_out_again([level])
