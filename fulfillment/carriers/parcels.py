"""A shipment as the parcel that a carrier is asked to carry."""

from decimal import Decimal

from fulfillment.carriers.base import Item, Parcel, Party
from fulfillment.models import Shipment, Warehouse
from orders.addresses import format_address
from payments.models import Payment, PaymentMethod

# Scales of carriers start at a gram; what was never weighed still weighs something.
LIGHTEST_GRAMS = 1


def parcel_of(shipment: Shipment) -> Parcel:
    """Write a shipment as a parcel; the same shipment gives the same parcel. Reads 3 queries."""
    order = shipment.order
    address = order.shipping_address
    lines = shipment.lines.select_related("order_line__variant").order_by("id")
    return Parcel(
        reference=shipment.number,
        service=shipment.service.code,
        option=shipment.service.option,
        sender=_sender(shipment.warehouse),
        receiver=Party(
            country=address.country,
            lines=tuple(format_address(address, latin=True)),
            phone=address.phone,
            postal_code=address.postal_code,
        ),
        weight_grams=max(shipment.weight_grams, LIGHTEST_GRAMS),
        items=tuple(
            Item(
                description=line.order_line.variant.customs_description
                or line.order_line.variant.sku,
                quantity=line.quantity,
                value=line.order_line.unit_price,
                currency=order.currency,
                hs_code=line.order_line.variant.hs_code,
                origin=line.order_line.variant.origin_country,
            )
            for line in lines
        ),
        currency=order.currency,
        collect=_to_collect(shipment),
    )


def _sender(warehouse: Warehouse) -> Party:
    return Party(
        country=warehouse.country,
        lines=(f"Entrepot {warehouse.name}", *warehouse.address.splitlines()),
        postal_code=warehouse.postal_code,
    )


def _to_collect(shipment: Shipment) -> Decimal | None:
    """Give the cash to take at the door: all of it with the first parcel of its order.

    One that was lost and is sent again has brought none.
    """
    others = shipment.order.shipments.exclude(status=Shipment.Status.CANCELLED).exclude(
        resolution=Shipment.Resolution.RESENT
    )
    if others.filter(pk__lt=shipment.pk).exists():
        return None
    payment = Payment.objects.filter(
        order=shipment.order_id,
        method__gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY,
        status=Payment.Status.AUTHORISED,
    ).first()
    return payment.amount.amount if payment else None
