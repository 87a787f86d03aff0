from dataclasses import dataclass

from fulfillment.models import Return, ReturnLine, Shipment, ShipmentLine
from orders.models import Order, OrderLine

_GONE = [Shipment.Status.DISPATCHED, Shipment.Status.DELIVERED]
_ANNOUNCED = {Return.Status.REQUESTED, Return.Status.APPROVED, Return.Status.IN_TRANSIT}


@dataclass(frozen=True)
class ReturnableLine:
    """How many units of an order line were shipped, and how many of those can still come back."""

    line: OrderLine
    shipped: int
    returnable: int


def returnable_lines(order: Order) -> list[ReturnableLine]:
    """List the lines of which something was shipped; three queries.

    Units in an open return count as announced until they are received, then as received: what
    was announced and did not come can be returned later.
    """
    shipped = _shipped(order)
    returned = _returned(order)
    return [
        ReturnableLine(
            line=line,
            shipped=shipped[line.pk],
            returnable=shipped[line.pk] - returned.get(line.pk, 0),
        )
        for line in order.lines.order_by("id")
        if line.pk in shipped
    ]


def _shipped(order: Order) -> dict[int, int]:
    shipped: dict[int, int] = {}
    for line_id, quantity in ShipmentLine.objects.filter(
        shipment__order=order, shipment__status__in=_GONE
    ).values_list("order_line_id", "quantity"):
        shipped[line_id] = shipped.get(line_id, 0) + quantity
    return shipped


def _returned(order: Order) -> dict[int, int]:
    returned: dict[int, int] = {}
    for line_id, quantity, received, status in (
        ReturnLine.objects.filter(goods_return__order=order)
        .exclude(goods_return__status=Return.Status.REJECTED)
        .values_list("order_line_id", "quantity", "received", "goods_return__status")
    ):
        units = quantity if status in _ANNOUNCED else received
        returned[line_id] = returned.get(line_id, 0) + units
    return returned
