"""How states move and what an order's payments say of it together. Pure."""

from collections.abc import Iterable

from orders.models import Order
from payments.models import Payment, Refund

S = Payment.Status
R = Refund.Status

# News may come late, twice and in any order, so a state only ever moves up this ladder: whatever
# the order of arrival, the highest rung that was seen stands. Money that was taken tops it all.
_LADDER = (
    S.CREATED, S.REQUIRES_ACTION, S.PROCESSING, S.FAILED, S.AUTHORISED, S.VOIDED, S.CAPTURED,
)  # fmt: skip
_REFUND_LADDER = (R.CREATED, R.PENDING, R.SUCCEEDED, R.FAILED)

OPEN = frozenset({S.CREATED, S.REQUIRES_ACTION, S.PROCESSING})
LETS_GO = OPEN | {S.AUTHORISED}
CHARGES = frozenset({S.AUTHORISED, S.CAPTURED})


def next_status(current: Payment.Status, fetched: Payment.Status) -> Payment.Status:
    """Give the state after news from the gateway: forward, or as it was."""
    return max(S(current), S(fetched), key=_LADDER.index)


def next_refund_status(current: Refund.Status, fetched: Refund.Status) -> Refund.Status:
    """Give a refund's state after news; one that succeeded can still come back as failed."""
    return max(R(current), R(fetched), key=_REFUND_LADDER.index)


def order_payment_status(payments: Iterable[Payment]) -> Order.PaymentStatus:
    """Say what all payments of an order, oldest first, mean for the order."""
    status = Order.PaymentStatus
    ordered = list(payments)
    for payment in ordered:
        if payment.status == S.CAPTURED:
            if payment.refunded == 0:
                return status.PAID
            return status.REFUNDED if payment.refunded == payment.captured else status.PART_REFUNDED
        if payment.status == S.AUTHORISED:
            return status.AUTHORISED
    states = [payment.status for payment in ordered]
    if S.PROCESSING in states:
        return status.PENDING
    if S.CREATED in states or S.REQUIRES_ACTION in states or not ordered:
        return status.UNPAID
    last = ordered[-1]
    if last.status == S.FAILED:
        return status.FAILED
    return status.REFUNDED if last.captured else status.VOIDED
