"""The sure way: whatever a lost message, a dead worker or a silent gateway left half done."""

import logging
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from payments.capturing import call_capture
from payments.errors import GatewayRefused, GatewayUnavailable, PaymentError
from payments.following import record_state, refresh_payment
from payments.gateways.base import GatewayState
from payments.models import Payment, Refund
from payments.refunding import issue_refund, refresh_refund
from payments.starting import reopen_payment
from payments.statuses import LETS_GO
from payments.voiding import finish_void

logger = logging.getLogger(__name__)
S = Payment.Status
R = Refund.Status
# Leaves what is under way right now to whoever is at it.
SETTLE = timedelta(minutes=1)
# How often we ask about what only the shopper, a bank or a clock can move.
WAITING, SLOW = timedelta(minutes=5), timedelta(minutes=30)
LIMIT = 100


class Step(Protocol):
    __name__: str

    def __call__(self, pk: int, /, *, now: datetime) -> object: ...


def sweep_payments(*, now: datetime) -> int:
    """Go on with every payment and refund that is half done; give how many there were.

    A gateway that is silent ends the sweep of that kind until the next one; any other failure is
    logged and the rest goes on.
    """
    payments, refunds = Payment.objects, Refund.objects
    stale, slow = Q(changed_at__lt=now - SETTLE), Q(changed_at__lt=now - SLOW)
    waited = Q(changed_at__lt=now - WAITING)
    unwanted = Q(void_requested_at__isnull=False)
    steps: list[tuple[Step, QuerySet[Any]]] = [
        (finish_void, payments.filter(stale, unwanted, status__in=LETS_GO - {S.PROCESSING})),
        # What a bank is at cannot always be let go.
        (finish_void, payments.filter(slow, unwanted, status=S.PROCESSING)),
        (_open_or_fail, payments.filter(stale, ~unwanted, status=S.CREATED)),
        (
            _capture,
            payments.filter(
                stale, ~unwanted, status=S.AUTHORISED, capture_requested_at__isnull=False
            ),
        ),
        (refresh_payment, payments.filter(waited, ~unwanted, status=S.REQUIRES_ACTION)),
        (
            refresh_payment,
            payments.filter(slow | waited & Q(expires_at__lt=now), ~unwanted, status=S.PROCESSING),
        ),
        (issue_refund, refunds.filter(stale, status=R.CREATED)),
        (refresh_refund, refunds.filter(slow, status=R.PENDING).exclude(gateway_refund="")),
    ]
    return sum(_each(step, rows, now=now) for step, rows in steps)


def _each(step: Step, rows: QuerySet[Any], *, now: datetime) -> int:
    ids = list(rows.order_by("changed_at").values_list("pk", flat=True)[:LIMIT])
    for pk in ids:
        try:
            step(pk, now=now)
        except GatewayUnavailable as error:
            logger.warning("The sweep goes on later: %s", error)
            # It may be this row alone that gets no answer: next time others go before it.
            rows.model.objects.filter(pk=pk).update(changed_at=now)
            break
        except Exception:
            logger.exception("The sweep could not go on with %s %s", step.__name__, pk)
            # To the end of the line, lest it keep others from their turn.
            rows.model.objects.filter(pk=pk).update(changed_at=now)
    return len(ids)


def _open_or_fail(payment_id: int, *, now: datetime) -> None:
    payment = Payment.objects.get(pk=payment_id)
    if not payment.success_url:
        # Nobody ever came to pay: the request that made the row died.
        if payment.created_at < now - timedelta(minutes=10):
            record_state(payment_id, GatewayState(S.FAILED, failure="abandoned"), now=now)
        return
    if payment.expires_at is not None and payment.expires_at <= now:
        # A session that was made all the same has ended by now and cannot be paid any more.
        record_state(payment_id, GatewayState(S.FAILED, failure="expired"), now=now)
        return
    try:
        reopen_payment(payment_id, now=now)
    except GatewayRefused as error:
        logger.info("Payment %s was refused: %s", payment_id, error)


def _capture(payment_id: int, *, now: datetime) -> None:
    payment = Payment.objects.select_related("method").get(pk=payment_id)
    try:
        call_capture(payment, now=now)
    except GatewayUnavailable:
        raise
    except PaymentError as error:
        logger.warning("Payment %s was not captured: %s", payment_id, error)
