from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from djmoney.money import Money

from fulfillment.errors import NothingToRefund
from fulfillment.models import Return, ReturnLine
from fulfillment.returns.quantities import returnable_lines
from markets.money import quantise_for_gateway
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import lock_order, set_fulfillment_status
from payments.models import Payment, Refund
from payments.refunding import refund_payment

S = Return.Status


def refund_return(return_id: int, *, now: datetime) -> Refund:
    """Give back what the received units of an inspected return cost, as they were paid for.

    Duties and fees on them come along where the rows that made them say so, and delivery with
    the return that completes the order, as its delivery option says.

    Never more than was captured and not yet refunded. The refund is a call to the gateway,
    outside any transaction, under the operation key `return:<id>`: however often this is run,
    it is one refund, and it is linked to the return at the end. Raises StaleTransition if the
    return is not inspected, NothingToRefund, and what `refund_payment` raises; the return then
    stays inspected.
    """
    goods_return = Return.objects.select_related("order", "refund").get(pk=return_id)
    if goods_return.refund is not None:
        return goods_return.refund
    if goods_return.status != S.INSPECTED:
        raise StaleTransition(f"Return {goods_return.number} is {goods_return.status}.")
    key = f"return:{return_id}"
    earlier = Refund.objects.filter(operation_key=key).select_related("payment").first()
    if earlier is not None:  # An interrupted run got this far: the same amount again.
        payment, amount = earlier.payment, earlier.amount
    else:
        due = refund_due(goods_return)
        if due is None:
            raise NothingToRefund(f"Return {goods_return.number} has nothing to pay back.")
        payment, amount = due
    refund = refund_payment(
        payment.pk, amount, operation_key=key, reason=f"Return {goods_return.number}", now=now
    )
    if refund.status != Refund.Status.FAILED:
        _link(return_id, refund)
    return refund


def refund_due(goods_return: Return) -> tuple[Payment, Money] | None:
    """Give what refunding an inspected return pays back now, and through which payment.

    None if the order was not paid, or nothing is left to give back.
    """
    order = goods_return.order
    payment = order.payments.filter(status=Payment.Status.CAPTURED).select_related("method").first()
    if payment is None:
        return None
    amount = min(_amount(goods_return), payment.captured - payment.refunded)
    return (payment, Money(amount, order.currency)) if amount > 0 else None


@transaction.atomic(durable=True)
def close_return(return_id: int) -> None:
    """End an inspected return without a refund: paid back by hand, or worth nothing.

    Raises StaleTransition if it is not inspected.
    """
    goods_return = Return.objects.get(pk=return_id)
    order = lock_order(goods_return.order_id)
    if not Return.objects.filter(pk=return_id, status=S.INSPECTED).update(status=S.CLOSED):
        raise StaleTransition(f"Return {goods_return.number} is not inspected.")
    _note_all_returned(order)


def _amount(goods_return: Return) -> Decimal:
    """Round the running total of the order's returns to what the gateway can pay back.

    The gateway pays three-decimal currencies in steps of 0.01 only. Rounding each return apart
    would let the cents add up; the running total never strays by more than half a step.
    """
    order = goods_return.order
    worth = _worth(order.returns.filter(status__in=[S.REFUNDED, S.CLOSED]))
    mine = _worth(order.returns.filter(pk=goods_return.pk))
    total = quantise_for_gateway(worth + mine, order.currency)
    return total - quantise_for_gateway(worth, order.currency)


def _worth(returns: QuerySet[Return]) -> Decimal:
    """Add up what units cost, their duties and delivery; before inspection nothing."""
    lines = ReturnLine.objects.filter(goods_return__in=returns, amount__isnull=False)
    units = lines.aggregate(n=Sum(F("amount") + F("duties")))["n"] or Decimal(0)
    return units + (returns.aggregate(n=Sum("delivery"))["n"] or Decimal(0))


@transaction.atomic(durable=True)
def _link(return_id: int, refund: Refund) -> None:
    order_id = Return.objects.values_list("order_id", flat=True).get(pk=return_id)
    order = lock_order(order_id)
    Return.objects.filter(pk=return_id, status=S.INSPECTED).update(status=S.REFUNDED, refund=refund)
    _note_all_returned(order)


def _note_all_returned(order: Order) -> None:
    """Mark an order as returned once every unit of it was sent and came back."""
    bought = order.lines.aggregate(n=Sum("quantity"))["n"]
    settled = ReturnLine.objects.filter(
        goods_return__order=order, goods_return__status__in=[S.REFUNDED, S.CLOSED]
    ).aggregate(n=Sum("received"))["n"]
    if settled == bought and not any(row.returnable for row in returnable_lines(order)):
        set_fulfillment_status(order, Order.FulfillmentStatus.RETURNED)
