from datetime import datetime, timedelta

from payments.models import Payment

# How long units wait, and wait again, for a bank that names no end of its own.
PENDING_HOLD = timedelta(days=7)
# Money that was paid in the last minute is told a little later.
GRACE = timedelta(hours=2)


def pending_until(order_id: int, *, now: datetime) -> datetime | None:
    """Give until when an order's units are worth holding for money that is on its way.

    That is the end of the voucher or transfer and a little more; a debit that a bank is at has
    no end but the bank's answer. None if no money is on its way.
    """
    ends = Payment.objects.filter(
        order_id=order_id, status=Payment.Status.PROCESSING, void_requested_at__isnull=True
    ).values_list("expires_at", flat=True)
    return max(((end or now + PENDING_HOLD) + GRACE for end in ends), default=None)
