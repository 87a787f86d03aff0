"""The one order of locks: the order's row, then the payment's."""

from orders.models import Order
from orders.transitions import lock_order
from payments.models import Payment


def lock_payment(payment_id: int) -> tuple[Order, Payment]:
    """Lock a payment and, before it, its order, until the transaction ends."""
    order_id = Payment.objects.values_list("order_id", flat=True).get(pk=payment_id)
    order = lock_order(order_id)
    payment = (
        Payment.objects.select_for_update(of=("self",)).select_related("method").get(pk=payment_id)
    )
    payment.order = order
    return order, payment


def lock_charge(order_id: int) -> tuple[Order, Payment | None]:
    """Lock an order and the one payment of it that is authorised or captured, if any."""
    order = lock_order(order_id)
    payment = (
        Payment.objects.select_for_update(of=("self",))
        .select_related("method")
        .filter(order_id=order_id, status__in=[Payment.Status.AUTHORISED, Payment.Status.CAPTURED])
        .first()
    )
    if payment is not None:
        payment.order = order
    return order, payment
