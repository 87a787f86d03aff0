from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from fulfillment.errors import NothingReceived, TakesNoReturns, TooManyReceived
from fulfillment.models import Return, ReturnLine, Warehouse
from orders.errors import StaleTransition
from orders.events import record_event
from orders.transitions import lock_order

S = Return.Status
_OPEN = [S.REQUESTED, S.APPROVED, S.IN_TRANSIT]


@transaction.atomic(durable=True)
def receive_return(
    return_id: int, *, warehouse: Warehouse, received: Mapping[int, int], now: datetime
) -> Return:
    """Note at a hub what of a return arrived: return line id to units; lines left out are none.

    Stock does not change before inspection. Locks the order. Raises TakesNoReturns,
    NothingReceived, TooManyReceived, or StaleTransition if it was received or closed already.
    """
    if not warehouse.receives_returns or not warehouse.is_active:
        raise TakesNoReturns(f"{warehouse.code} takes no returns.")
    goods_return = Return.objects.get(pk=return_id)
    order = lock_order(goods_return.order_id)
    lines = list(goods_return.lines.all())
    unknown = set(received) - {line.pk for line in lines}
    for line in lines:
        line.received = received.get(line.pk, 0)
    if unknown or any(not 0 <= line.received <= line.quantity for line in lines):
        raise TooManyReceived(f"Return {goods_return.number} announced fewer units than that.")
    if not any(line.received for line in lines):
        raise NothingReceived(f"Nothing of return {goods_return.number} arrived.")
    if not Return.objects.filter(pk=return_id, status__in=_OPEN).update(
        status=S.RECEIVED, warehouse=warehouse, received_at=now
    ):
        raise StaleTransition(f"Return {goods_return.number} was received already or is closed.")
    ReturnLine.objects.bulk_update(lines, ["received"])
    record_event(
        order,
        "return_received",
        now=now,
        **{"return": goods_return.pk, "number": goods_return.number, "warehouse": warehouse.code},
    )
    goods_return.refresh_from_db()
    return goods_return
