"""A purchase from the cart to the refund while its webhooks come twice, late and in any order."""

import json
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from fulfillment.errors import NotPaid
from fulfillment.models import Shipment, StockLevel
from fulfillment.returns import (
    approve_return,
    inspect_return,
    receive_return,
    refund_return,
    request_return,
)
from fulfillment.shipping import dispatch_shipment, mark_delivered, pack_shipment
from orders.errors import StaleTransition
from orders.models import EventDelivery, Order
from orders.transitions import cancel_order, lock_order
from payments.capturing import capture_payment
from payments.following import record_state
from payments.inbox import list_due_events, process_event
from payments.models import Payment, Refund, WebhookEvent
from payments.sandbox import SandboxServer
from payments.sandbox.webhooks import signature_header
from tests.orders.invoicing import make_entity
from tests.payments.paying import all_at_once, live_charges, press
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = {
    "country": "DE",
    "email": "ada@example.com",
    "name": "Ada Lindgren",
    "street_address": "Hafenstraße 1",
    "postal_code": "20457",
    "city": "Hamburg",
    "phone": "",
}
TOLD = [
    "order_placed",
    "payment_authorised",
    "order_released",
    "order_routed",
    "payment_captured",
    "shipment_dispatched",
    "shipment_delivered",
    "order_completed",
    "return_requested",
    "return_approved",
    "return_received",
    "return_inspected",
    "refund_created",
    "refund_succeeded",
    "invoice_issued",
    "credit_note_issued",
]


def buy(client: Client) -> Payment:
    """Go from the product to the hosted page, as a guest."""
    market = open_markets("de")["de"]
    offer_card(market)
    add(client, "de-en", sell(market), 2)
    client.post("/de-en/checkout/", ADDRESS)
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    page = client.get("/de-en/checkout/payment/")
    form = {"method": "card", "agreed": page.context["agreed"]}
    answer = client.post("/de-en/checkout/payment/", form)
    payment = Payment.objects.select_related("order").get()
    assert answer.headers["Location"] == payment.redirect_url
    return payment


def post(event: dict[str, Any]) -> None:
    body = json.dumps(event)
    signed = signature_header(
        body,
        secret=settings.STRIPE_WEBHOOK_SECRET,
        timestamp=int(timezone.now().timestamp()),
    )
    answer = Client().post(
        "/webhooks/stripe/", body, content_type="application/json",
        headers={"Stripe-Signature": signed},
    )  # fmt: skip
    assert answer.status_code == 200
    row = WebhookEvent.objects.get(event_id=event["id"])
    process_event(row.pk, now=timezone.now())
    connection.close()


def storm(events: Iterable[dict[str, Any]], *, seed: int) -> None:
    """Bring every message twice as it is and twice under a new id, shuffled, four at a time."""
    messages = [
        {**event, "id": f"{event['id']}{suffix}"}
        for event in events
        for suffix in ("", "", f"_{seed}", f"_{seed}")
    ]
    random.Random(seed).shuffle(messages)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(post, messages))


def work() -> None:
    """Do what the workers do, until nothing is left, and each task a second time."""
    while pending := list(
        EventDelivery.objects.filter(status=EventDelivery.Status.PENDING).order_by("id")
    ):
        for delivery in pending * 2:
            current_app.tasks[delivery.subscriber](str(delivery.event_id))
            connection.close()


def visit(path: str) -> Callable[[], int]:
    return lambda: Client().get(path).status_code


def test_purchase_in_a_storm_of_webhooks_is_one_charge_and_one_story(
    client: Client, sandbox: SandboxServer
) -> None:
    payment = buy(client)
    order = payment.order
    Order.objects.filter(pk=order.pk).update(legal_entity=make_entity())  # Who invoices it.
    back = f"/de-en/checkout/return/{order.token}/"
    press(payment.redirect_url, method="card", action="pay")
    first = sandbox.events()
    told = [lambda event=event: post(event) for event in first[-3:]]
    answers = all_at_once(*told, *[visit(back)] * 3)
    assert answers == [None] * 3 + [200] * 3
    storm(first, seed=1)
    work()

    shipment = Shipment.objects.get()
    pack_shipment(shipment.pk, now=timezone.now())
    dispatch_shipment(shipment.pk, now=timezone.now())
    storm(sandbox.events(), seed=2)
    mark_delivered(shipment.pk, now=timezone.now())
    goods_return = request_return(order, [(order.lines.get().pk, 1, "")], now=timezone.now())
    approve_return(goods_return.pk, now=timezone.now())
    line = goods_return.lines.get()
    receive_return(
        goods_return.pk, warehouse=shipment.warehouse, received={line.pk: 1}, now=timezone.now()
    )
    inspect_return(goods_return.pk, grades={line.pk: "a"}, now=timezone.now())
    refund_return(goods_return.pk, now=timezone.now())
    for seed in range(3, 6):
        storm(sandbox.events(), seed=seed)
    work()

    order.refresh_from_db()
    payment.refresh_from_db()
    assert [charge["amount_captured"] for charge in live_charges(sandbox)] == [2500]
    assert [row["amount"] for row in sandbox.refunds()] == [1000]
    assert (order.status, order.payment_status) == ("completed", "part_refunded")
    assert (payment.captured, payment.refunded) == (order.gross, line.order_line.gross / 2)
    assert Refund.objects.get().status == Refund.Status.SUCCEEDED
    assert sorted(event.kind for event in order.events.all()) == sorted(TOLD)
    assert list_due_events(now=timezone.now()) == []
    assert set(WebhookEvent.objects.values_list("error", flat=True)) <= {""}
    assert set(EventDelivery.objects.values_list("status", flat=True)) == {"done"}
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (4, 0)


@pytest.mark.parametrize("moment", ["while captured", "after capture"])
def test_order_cancelled_at_its_dispatch_gets_its_money_back(
    client: Client, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    payment = buy(client)
    press(payment.redirect_url, method="card", action="pay")
    storm(sandbox.events(), seed=1)
    work()
    shipment = Shipment.objects.get()
    pack_shipment(shipment.pk, now=timezone.now())

    def cancel() -> None:
        with transaction.atomic():
            cancel_order(lock_order(payment.order_id), now=timezone.now(), reason="asked")

    if moment == "after capture":

        def capture_then_cancel(order_id: int, **options: Any) -> Payment:
            taken = capture_payment(order_id, **options)
            cancel()
            return taken

        monkeypatch.setattr("fulfillment.shipping.capture_payment", capture_then_cancel)
    else:

        def cancel_then_record(*args: Any, **options: Any) -> Payment:
            cancel()
            return record_state(*args, **options)

        monkeypatch.setattr("payments.capturing.record_state", cancel_then_record)
    with pytest.raises((StaleTransition, NotPaid)):
        dispatch_shipment(shipment.pk, now=timezone.now())
    monkeypatch.undo()
    work()
    for refund in Refund.objects.filter(status=Refund.Status.CREATED):
        current_app.tasks["payments.tasks.issue_refund"](refund.pk)
    storm(sandbox.events(), seed=2)
    work()

    shipment.refresh_from_db()
    payment.refresh_from_db()
    assert shipment.status == Shipment.Status.CANCELLED
    assert payment.refunded == payment.captured == payment.amount.amount
    assert live_charges(sandbox) == []
    assert len(sandbox.refunds()) == 1
    assert Order.objects.get().payment_status == Order.PaymentStatus.REFUNDED
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (5, 0)
