from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from fulfillment.errors import NothingToReturn, TooManyReturned
from fulfillment.models import Return, ReturnLine
from fulfillment.numbers import return_number
from fulfillment.returns.quantities import returnable_lines
from orders.errors import StaleTransition
from orders.events import record_event
from orders.models import Order
from orders.transitions import lock_order

S = Return.Status


@transaction.atomic(durable=True)
def request_return(
    order: Order, lines: Iterable[tuple[int, int, str]], *, note: str = "", now: datetime
) -> Return:
    """Announce that units of an order come back: (order line id, quantity, reason) each.

    Lines of no units are left out. Locks the order, so that two requests never count the same
    unit. Raises NothingToReturn, TooManyReturned, or ValueError for a reason that is none.
    """
    wanted = {
        line_id: (quantity, ReturnLine.Reason(reason) if reason else "")
        for line_id, quantity, reason in lines
        if quantity > 0
    }
    order = lock_order(order.pk)
    returnable = {row.line.pk: row.returnable for row in returnable_lines(order)}
    if not wanted or not any(returnable.values()):
        raise NothingToReturn(f"Nothing of order {order.number} to return.")
    for line_id, (quantity, _) in wanted.items():
        if quantity > returnable.get(line_id, 0):
            raise TooManyReturned(line_id, returnable=returnable.get(line_id, 0))
    goods_return = Return.objects.create(
        number=return_number(order, position=order.returns.count() + 1),
        order=order,
        note=note,
        requested_at=now,
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(
            goods_return=goods_return, order_line_id=line_id, quantity=quantity, reason=reason
        )
        for line_id, (quantity, reason) in wanted.items()
    )
    _tell(goods_return, "return_requested", now=now)
    return goods_return


@transaction.atomic(durable=True)
def approve_return(return_id: int, *, now: datetime) -> None:
    """Let the shopper send the goods. Raises StaleTransition if that was decided already."""
    _decide(return_id, {S.REQUESTED}, S.APPROVED, now=now)


@transaction.atomic(durable=True)
def reject_return(return_id: int, *, now: datetime) -> None:
    """Turn a return down that has not arrived; its units can be asked for again.

    Raises StaleTransition if it has arrived or is closed.
    """
    _decide(return_id, {S.REQUESTED, S.APPROVED, S.IN_TRANSIT}, S.REJECTED, now=now)


def _decide(
    return_id: int, before: set[Return.Status], after: Return.Status, *, now: datetime
) -> None:
    goods_return = Return.objects.select_related("order").get(pk=return_id)
    lock_order(goods_return.order_id)
    if not Return.objects.filter(pk=return_id, status__in=before).update(status=after):
        raise StaleTransition(f"Return {goods_return.number} is not {' or '.join(sorted(before))}.")
    _tell(goods_return, f"return_{after}", now=now)


def _tell(goods_return: Return, kind: str, *, now: datetime) -> None:
    record_event(
        goods_return.order,
        kind,
        now=now,
        **{"return": goods_return.pk, "number": goods_return.number},
    )
