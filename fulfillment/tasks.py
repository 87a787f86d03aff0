from celery import shared_task
from django.utils import timezone

from fulfillment import prepaying, routes, scoring, shipping, stock
from fulfillment.cancelling import cancel_fulfillment
from fulfillment.stock.audit import audit_stock as run_audit
from fulfillment.stock.pending import pending_until
from orders.events import subscriber
from orders.models import OrderEvent


@subscriber("order_released", "stock_arrived")
def route_order(event: OrderEvent) -> None:
    """Plan the shipments of a released order, or of one whose last units have come in."""
    routes.route_order(event.order_id, now=timezone.now())


@subscriber("order_released")
def capture_ahead(event: OrderEvent) -> None:
    """Take the money of an order that waits for units to come, before its authorisation ends."""
    prepaying.capture_ahead(event.order_id, now=timezone.now())


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


@shared_task
def reoptimise_orders() -> int:
    """Move orders that nobody has started on to better plans, and plan what had no way before."""
    return routes.reoptimise_orders(timezone.now())


@shared_task
def score_lanes() -> int:
    """Compare what was promised of each lane with what happened."""
    return scoring.score_lanes(timezone.now())


@shared_task
def audit_stock() -> int:
    """Compare ledger, levels, reservations, shipments and orders; give how much disagrees."""
    return len(run_audit(timezone.now()).findings)


@shared_task
def settle_arrived() -> int:
    """Give what has come in to the orders that wait for it."""
    return stock.settle_arrived(timezone.now())


@shared_task
def lay_out_hot_levels() -> int:
    """Lay out in buckets what has come into hot levels."""
    return stock.lay_out_hot_levels(timezone.now())
