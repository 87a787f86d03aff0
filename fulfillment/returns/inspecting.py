from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum

from fulfillment.errors import NotGraded
from fulfillment.models import Return, ReturnLine, StockMovement
from fulfillment.returns.delivery import delivery_due
from fulfillment.returns.worth import BorderCost, refundable_costs, worth_of_units
from orders.errors import StaleTransition
from orders.events import record_event
from orders.models import Order, OrderLine
from orders.transitions import lock_order

G, D = ReturnLine.Grade, ReturnLine.Disposition
DISPOSITIONS = {G.A: D.RESTOCK, G.B: D.OPEN_BOX, G.C: D.REFURBISH, G.D: D.RECYCLE}


@transaction.atomic(durable=True)
def inspect_return(
    return_id: int, *, grades: Mapping[int, str], now: datetime, user: Any = None
) -> Return:
    """Grade what of a return arrived: return line id to grade, for each line that arrived.

    The grade decides what becomes of the units; A goes back into stock at the hub that received
    them. What the units cost is fixed here, and what of the delivery comes back. Locks the
    order, then stock rows in variant order.
    Raises NotGraded, or StaleTransition if the return is not received.
    """
    goods_return = Return.objects.get(pk=return_id)
    order = lock_order(goods_return.order_id)
    lines = list(
        goods_return.lines.filter(received__gt=0)
        .select_related("order_line")
        .order_by("order_line__variant_id")
    )
    if not Return.objects.filter(pk=return_id, status=Return.Status.RECEIVED).update(
        status=Return.Status.INSPECTED, inspected_at=now
    ):
        raise StaleTransition(f"Return {goods_return.number} is not received.")
    for line in lines:
        line.grade = _grade(line, grades)
        line.disposition = DISPOSITIONS[G(line.grade)]
        line.amount, line.duties = _worth(line, order, back_at=goods_return.received_at or now)
    ReturnLine.objects.bulk_update(lines, ["grade", "disposition", "amount", "duties"])
    Return.objects.filter(pk=return_id).update(delivery=delivery_due(order))
    goods_return.refresh_from_db()
    _restock(goods_return, lines, user=user, now=now)
    record_event(
        order,
        "return_inspected",
        now=now,
        **{
            "return": goods_return.pk,
            "number": goods_return.number,
            "grades": {line.order_line.sku: line.grade for line in lines},
        },
    )
    return goods_return


def _grade(line: ReturnLine, grades: Mapping[int, str]) -> str:
    grade = grades.get(line.pk, "")
    if grade not in G.values:
        raise NotGraded(f"{line.order_line.sku} has no grade.")
    return grade


def _worth(line: ReturnLine, order: Order, *, back_at: datetime) -> tuple[Decimal, Decimal]:
    """Give what the units cost, and what of their duties and fees comes back with them.

    They are counted after those of the line's returns that were inspected before. The tax on a
    duty shares its fate; whether and until when it comes back was laid down by the duty's own row
    or by the lane's when it was charged.
    """
    bought = line.order_line
    before = bought.return_lines.filter(amount__isnull=False).aggregate(n=Sum("received"))["n"]
    sent_at = bought.shipment_lines.aggregate(at=Max("shipment__dispatched_at"))["at"]
    duties = refundable_costs(
        _border_costs(bought, order), away=back_at - sent_at if sent_at else timedelta(0)
    )

    def share(gross: Decimal) -> Decimal:
        return worth_of_units(
            gross,
            order.currency,
            quantity=bought.quantity,
            before=before or 0,
            units=line.received,
        )

    return share(bought.gross), share(duties)


def _border_costs(bought: OrderLine, order: Order) -> list[BorderCost]:
    """List the duties and fees on a line; a limit in days is its parcel's, and of duty alone."""
    days = {parcel["no"]: parcel.get("duty_refund_days") for parcel in order.tax_parcels}
    return [
        BorderCost(row.gross, row.refundable, days.get(row.parcel) if row.kind == "duty" else None)
        for row in bought.border_components.all()
    ]


def _restock(goods_return: Return, lines: list[ReturnLine], *, user: Any, now: datetime) -> None:
    StockMovement.objects.bulk_create(
        StockMovement(
            warehouse=goods_return.warehouse,
            variant_id=line.order_line.variant_id,
            kind=StockMovement.Kind.RETURN,
            quantity=line.received,
            reference=goods_return.number,
            user=user,
            occurred_at=now,
        )
        for line in lines
        if line.disposition == D.RESTOCK
    )
