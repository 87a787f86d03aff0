"""Orders with units ahead are paid for when they are accepted, not when they leave.

An authorisation ends after a week or less; what was sold ahead may come later than that. See
docs/algorithms/stock.md.
"""

import logging
from datetime import datetime

from fulfillment.routes import waits_for_stock
from orders.models import Order
from payments.capturing import capture_payment
from payments.errors import NothingToCapture

logger = logging.getLogger(__name__)


def capture_ahead(order_id: int, *, now: datetime) -> bool:
    """Take the authorised money of a released order that holds units which are not here yet.

    True if it was taken, or had been. Cash is still taken at the door. An authorisation that has
    ended is logged: staff see the order as unpaid. Makes a call outside of any transaction;
    raises GatewayUnavailable: call again.
    """
    order = Order.objects.get(pk=order_id)
    if order.status != Order.Status.RELEASED or not waits_for_stock(order):
        return False
    try:
        capture_payment(order_id, now=now)
    except NothingToCapture as error:
        logger.warning("order %s waits for stock and was not paid: %s", order.number, error)
        return False
    return True
