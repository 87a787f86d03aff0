from django.utils import timezone

from orders.events import subscriber
from orders.models import OrderEvent
from storefront.documents.following import follow_cancellation, follow_dispatch, follow_refund


@subscriber("shipment_dispatched")
def issue_invoice(event: OrderEvent) -> None:
    follow_dispatch(event, now=timezone.now())


@subscriber("refund_succeeded")
def issue_credit_note(event: OrderEvent) -> None:
    follow_refund(event, now=timezone.now())


@subscriber("order_cancelled")
def credit_what_was_not_paid(event: OrderEvent) -> None:
    follow_cancellation(event, now=timezone.now())
