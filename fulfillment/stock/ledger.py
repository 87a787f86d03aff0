"""The ledger: every unit that comes or goes is a movement, and `on_hand` is their sum."""

from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.models import Variant
from fulfillment.errors import StockReserved
from fulfillment.models import StockLevel, StockMovement, Warehouse


def receive_stock(
    warehouse: Warehouse,
    variant: Variant,
    quantity: int,
    *,
    reference: str,
    now: datetime,
    user: Any = None,
) -> StockMovement:
    """Book units that arrived; ValueError for less than one."""
    if quantity < 1:
        raise ValueError("A receipt is of one unit or more.")
    return StockMovement.objects.create(
        warehouse=warehouse,
        variant=variant,
        kind=StockMovement.Kind.RECEIPT,
        quantity=quantity,
        reference=reference,
        user=user,
        occurred_at=now,
    )


@transaction.atomic
def count_stock(
    warehouse: Warehouse,
    variant: Variant,
    counted: int,
    *,
    reference: str,
    now: datetime,
    user: Any = None,
) -> StockMovement | None:
    """Book the difference between what was counted and what should be there, if there is one.

    Locks the stock row. Raises StockReserved if orders hold more than was counted: they have to
    be dealt with first.
    """
    if counted < 0:
        raise ValueError("A count is not negative.")
    level = (
        StockLevel.objects.select_for_update(of=("self",))
        .filter(warehouse=warehouse, variant=variant)
        .first()
    )
    on_hand, reserved = (level.on_hand, level.reserved) if level else (0, 0)
    if counted < reserved:
        raise StockReserved(f"{reserved} units are reserved for orders; {counted} were counted.")
    if counted == on_hand:
        return None
    return StockMovement.objects.create(
        warehouse=warehouse,
        variant=variant,
        kind=StockMovement.Kind.COUNT,
        quantity=counted - on_hand,
        reference=reference,
        user=user,
        occurred_at=now,
    )
