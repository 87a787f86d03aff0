"""Paying back what was lost or damaged on its way to the shopper."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from djmoney.money import Money

from fulfillment.errors import NothingToRefund
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.returns.worth import worth_of_units
from fulfillment.shipping import finish_order
from markets.money import quantise_for_gateway, split
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import lock_order
from payments.models import Payment, Refund
from payments.refunding import refund_payment, reserve_refund

KEY = "shipment:"
R = Shipment.Resolution


def refund_lost(shipment_id: int, *, now: datetime) -> Refund:
    """Give back what the units of a parcel that needs attention cost, and close that parcel.

    Tax and discounts are in it; delivery and duties are not. Never more than was captured and
    not yet refunded. The parcel is closed and the refund written in one transaction, under the
    order's lock, so that nobody sends it again meanwhile; the call to the gateway follows, under
    the operation key `shipment:<id>`: however often this is run, it is one refund. One that fails
    opens the parcel again. Raises StaleTransition if the parcel needs no attention,
    NothingToRefund, and what `refund_payment` raises; nothing is done then.
    """
    refund = _close(shipment_id, now=now)
    refund = refund_payment(
        refund.payment_id,
        refund.amount,
        operation_key=refund.operation_key,
        reason=refund.reason,
        now=now,
    )
    if refund.status == Refund.Status.FAILED:
        _open_again(shipment_id)
    else:
        finish_order(refund.payment.order_id, now=now)
    return refund


def refunded_units(refund: Refund) -> dict[int, tuple[int, Decimal]]:
    """Give the units that a lost parcel's refund is for and what of it is for them, by order line.

    The parts add up to the refund. Empty for any other refund.
    """
    number = refund.operation_key.removeprefix(KEY)
    if number == refund.operation_key or not number.isdecimal():
        return {}
    lines = ShipmentLine.objects.filter(shipment=int(number)).select_related("order_line")
    found = list(lines.order_by("id"))
    weights = [line.order_line.gross * line.quantity / line.order_line.quantity for line in found]
    if not sum(weights):
        return {}
    parts = split(refund.amount.amount, weights, refund.amount.currency.code)
    return {
        line.order_line_id: (line.quantity, part) for line, part in zip(found, parts, strict=True)
    }


@transaction.atomic(durable=True)
def _close(shipment_id: int, *, now: datetime) -> Refund:
    """Close the parcel and write its refund, once."""
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    lock_order(order_id)
    shipment = Shipment.objects.select_related("order").get(pk=shipment_id)
    key = f"{KEY}{shipment_id}"
    earlier = Refund.objects.filter(operation_key=key).select_related("payment").first()
    if earlier is not None and shipment.resolution == R.REFUNDED:
        return earlier
    if shipment.status != Shipment.Status.EXCEPTION or shipment.resolution:
        raise StaleTransition(f"Shipment {shipment.number} needs no attention.")
    if earlier is not None:  # It failed before: the same amount again.
        payment, amount = earlier.payment, earlier.amount
    else:
        payment, amount = _due(shipment)
    refund = reserve_refund(
        payment.pk, amount, operation_key=key, reason=f"Shipment {shipment.number}", now=now
    )
    shipment.resolution = R.REFUNDED
    shipment.save(update_fields=["resolution", "changed_at"])
    return refund


@transaction.atomic(durable=True)
def _open_again(shipment_id: int) -> None:
    lock_order(Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id))
    Shipment.objects.filter(pk=shipment_id, resolution=R.REFUNDED).update(resolution="")


def _due(shipment: Shipment) -> tuple[Payment, Money]:
    order = shipment.order
    payment = order.payments.filter(status=Payment.Status.CAPTURED).select_related("method").first()
    worth = sum((_worth(line, order) for line in _lines(shipment)), Decimal(0))
    left = payment.captured - payment.refunded if payment else Decimal(0)
    amount = min(quantise_for_gateway(worth, order.currency), left)
    if payment is None or amount <= 0:
        raise NothingToRefund(f"Nothing of shipment {shipment.number} can be paid back.")
    return payment, Money(amount, order.currency)


def _worth(line: ShipmentLine, order: Order) -> Decimal:
    bought = line.order_line
    before = ShipmentLine.objects.filter(
        order_line=bought, shipment__resolution=R.REFUNDED
    ).aggregate(units=Sum("quantity"))["units"]
    return worth_of_units(
        bought.gross,
        order.currency,
        quantity=bought.quantity,
        before=before or 0,
        units=line.quantity,
    )


def _lines(shipment: Shipment) -> list[ShipmentLine]:
    return list(shipment.lines.select_related("order_line").order_by("id"))
