from celery import shared_task
from django.utils import timezone

from fulfillment import routes, shipping, stock
from fulfillment.cancelling import cancel_fulfillment
from fulfillment.stock.pending import pending_until
from orders.events import subscriber
from orders.models import OrderEvent


@subscriber("order_released")
def route_order(event: OrderEvent) -> None:
    """Plan the shipments of a released order."""
    routes.route_order(event.order_id, now=timezone.now())


@subscriber("order_cancelled")
def release_stock(event: OrderEvent) -> None:
    """Stop the shipments of a cancelled order and give its units back."""
    cancel_fulfillment(event.order_id)


@subscriber("payment_authorised", "payment_captured", "payment_pending")
def secure_stock(event: OrderEvent) -> None:
    """Hold a paid order's units until they are shipped, a pending one's as long as it may take."""
    if event.kind != "payment_pending":
        stock.secure_reservation(event.order)
        return
    until = pending_until(event.order_id, now=timezone.now())
    if until is not None:
        stock.extend_reservation(event.order, expires_at=until)


@subscriber("shipment_delivered", "payment_captured")
def finish_order(event: OrderEvent) -> None:
    """Complete an order that has all arrived and is paid, whichever came last."""
    shipping.finish_order(event.order_id, now=timezone.now())


@shared_task
def expire_reservations() -> int:
    """Give up the unpaid orders whose hold has ended."""
    return stock.expire_reservations(timezone.now())
