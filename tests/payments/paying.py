"""What a shopper, the gateway and the workers do, for tests."""

import http.client
import json
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from orders.models import EventDelivery, Order
from payments.models import Payment, PaymentMethod
from payments.sandbox import SandboxServer
from payments.sandbox.webhooks import signature_header
from payments.starting import create_payment, open_payment
from payments.webhooks import stripe_webhook
from tests import factories

SUCCESS, CANCEL = "http://shop.example/thanks/", "http://shop.example/checkout/"


def later(minutes: float = 0) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


def start(order: Order, method: PaymentMethod) -> Payment:
    with transaction.atomic():
        return create_payment(order, method, now=later())


def open_session(payment: Payment) -> str | None:
    return open_payment(payment.pk, success_url=SUCCESS, cancel_url=CANCEL, now=later())


def opened(
    order: Order | None = None, method: PaymentMethod | None = None, **fields: Any
) -> Payment:
    """A payment whose shopper stands before the hosted page."""
    order = order or factories.make_order(factories.make_market(), **fields)
    payment = start(order, method or factories.make_method(order.market))
    open_session(payment)
    payment.refresh_from_db()
    return payment


def press(address: str, **form: str) -> str:
    """Press a button of the hosted page; gives where it leads."""
    parts = urlsplit(address)
    wire = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        wire.request(
            "POST",
            parts.path,
            urlencode(form),
            {"Content-Type": "application/x-www-form-urlencoded", "Origin": address},
        )
        answer = wire.getresponse()
        answer.read()
        assert answer.status in (302, 303), answer.status
        return answer.headers["Location"]
    finally:
        wire.close()


def pay(payment: Payment, action: str = "pay") -> str:
    return press(payment.redirect_url, method=payment.method.gateway_type, action=action)


def post_webhook(event: dict[str, Any], *, secret: str = "") -> HttpResponse:
    body = json.dumps(event)
    request = RequestFactory().post(
        "/webhooks/stripe/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": _sign(body, secret=secret)},
    )
    return stripe_webhook(request)


def _sign(body: str, *, secret: str) -> str:
    return signature_header(
        body,
        secret=secret or settings.STRIPE_WEBHOOK_SECRET,
        timestamp=int(timezone.now().timestamp()),
    )


def run_subscribers() -> None:
    """Do what a worker does with the events that this room listens to."""
    pending = EventDelivery.objects.filter(
        status=EventDelivery.Status.PENDING, subscriber__startswith="payments."
    ).order_by("id")
    for delivery in list(pending):
        current_app.tasks[delivery.subscriber](str(delivery.event_id))


def kinds(order: Order) -> list[str]:
    return list(order.events.order_by("occurred_at", "id").values_list("kind", flat=True))


def all_at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads that start together; gives their answers or errors, in order."""
    barrier = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=20)
            answers[index] = call()
        except Exception as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def succeeded(charges: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [charge for charge in charges if charge["status"] == "succeeded"]


def live_charges(sandbox: SandboxServer) -> list[dict[str, Any]]:
    """Charges whose money is taken or held, and not given back."""
    return [charge for charge in succeeded(sandbox.charges()) if not charge["refunded"]]
