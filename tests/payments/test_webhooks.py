import random
from itertools import permutations
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from payments.errors import GatewayUnavailable
from payments.inbox import list_due_events, process_event, replay_event
from payments.models import Payment, WebhookEvent
from payments.sandbox import SandboxServer
from payments.starting import reopen_payment
from payments.webhooks import MAX_BYTES, stripe_webhook
from tests import factories
from tests.payments.paying import (
    all_at_once,
    kinds,
    later,
    live_charges,
    opened,
    pay,
    post_webhook,
    press,
    start,
)

pytestmark = pytest.mark.django_db(transaction=True)
S = Payment.Status
EVENT = {"id": "evt_1", "object": "event", "type": "plan.created", "livemode": False,
         "data": {"object": {"id": "plan_1", "object": "plan"}}}  # fmt: skip


def apply(event: dict[str, Any]) -> None:
    assert post_webhook(event).status_code == 200
    row = WebhookEvent.objects.get(event_id=event["id"])
    process_event(row.pk, now=later())


def test_unknown_kind_kept_and_done() -> None:
    apply(EVENT)
    event = WebhookEvent.objects.get()
    assert (event.kind, event.object_id, event.attempts) == ("plan.created", "plan_1", 1)
    assert event.processed_at is not None


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 400), ({"Stripe-Signature": "t=1,v1=00"}, 400), ({"Stripe-Signature": "nonsense"}, 400)],
)
def test_unsigned_message_refused(headers: dict[str, str], status: int) -> None:
    request = RequestFactory().post("/", b"{}", content_type="application/json", headers=headers)
    assert stripe_webhook(request).status_code == status
    assert WebhookEvent.objects.count() == 0


def test_message_with_other_secret_refused() -> None:
    assert post_webhook(EVENT, secret="whsec_other").status_code == 400


def test_huge_message_refused() -> None:
    request = RequestFactory().post("/", b"x" * (MAX_BYTES + 1), content_type="application/json")
    assert stripe_webhook(request).status_code == 413


def test_get_refused() -> None:
    assert stripe_webhook(RequestFactory().get("/")).status_code == 405


@pytest.mark.parametrize(
    ("key", "is_live", "status"),
    [("sk_live_1", True, 200), ("sk_live_1", False, 400), ("sk_test_1", True, 400)],
)
def test_message_of_other_mode_refused_in_production(
    settings: Any, key: str, is_live: bool, status: int
) -> None:
    settings.PRODUCTION, settings.STRIPE_SECRET_KEY = True, key
    assert post_webhook({**EVENT, "livemode": is_live}).status_code == status


def test_same_message_from_many_at_once_kept_once() -> None:
    answers = all_at_once(*[lambda: post_webhook(EVENT)] * 8)
    assert [isinstance(a, HttpResponse) and a.status_code for a in answers] == [200] * 8
    assert WebhookEvent.objects.count() == 1


def test_same_message_applied_by_one_of_many(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    event = sandbox.events("payment_intent.amount_capturable_updated")[0]
    post_webhook(event)
    row = WebhookEvent.objects.get()
    answers = all_at_once(*[lambda: process_event(row.pk, now=later())] * 6)
    assert sorted(answers) == [False] * 5 + [True]
    row.refresh_from_db()
    assert (row.attempts, row.error) == (1, "")
    assert kinds(payment.order) == ["payment_authorised"]


def test_captured_payment_told_in_every_order_is_one_charge(sandbox: SandboxServer) -> None:
    """All orders of the messages of a purchase, each message twice: one charge, one state."""
    market = factories.make_market()
    method = factories.make_method(market, "ideal", captures_later=False)
    payment = opened(factories.make_order(market), method)
    pay(payment)
    events = [event for event in sandbox.events() if event["type"] != "payment_intent.created"]
    assert {event["type"] for event in events} >= {
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "checkout.session.completed",
    }
    orders = list(permutations(range(len(events))))
    for number, order in enumerate(random.Random(7).sample(orders, min(24, len(orders)))):
        for index in [*order, *order]:
            # Ids of their own, so that no message is dropped as known.
            apply({**events[index], "id": f"evt_{number}_{index}"})
        payment.refresh_from_db()
        assert payment.status == S.CAPTURED
    assert kinds(payment.order) == ["payment_captured"]
    assert len(live_charges(sandbox)) == 1


def test_messages_late_and_reversed_move_nothing_back(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    apply(sandbox.events("payment_intent.amount_capturable_updated")[0])
    from payments.capturing import capture_payment

    capture_payment(payment.order_id, now=later())
    for number, event in enumerate(reversed(sandbox.events())):
        apply({**event, "id": f"evt_late_{number}"})
    payment.refresh_from_db()
    assert (payment.status, payment.captured) == (S.CAPTURED, payment.amount.amount)
    assert kinds(payment.order) == ["payment_authorised", "payment_captured"]


def test_voucher_unpaid_then_paid(sandbox: SandboxServer) -> None:
    market = factories.make_market("jp", currency="JPY", countries=["JP"])
    method = factories.make_method(
        market, "konbini", captures_later=False, settles_later=True, pay_within_hours=72
    )
    payment = opened(factories.make_order(market, unit_price="1980"), method)
    pay(payment, "voucher")
    apply(sandbox.events("checkout.session.completed")[0])
    payment.refresh_from_db()
    assert payment.status == S.PROCESSING
    assert payment.expires_at is not None
    event = payment.order.events.get(kind="payment_pending")
    assert event.data["instructions"]["url"].startswith(sandbox.url)
    assert event.data["method"] == "konbini"

    press(event.data["instructions"]["url"], action="pay")
    apply(sandbox.events("checkout.session.async_payment_succeeded")[0])
    payment.refresh_from_db()
    assert payment.status == S.CAPTURED
    assert kinds(payment.order) == ["payment_pending", "payment_captured"]


def test_voucher_run_out_fails(sandbox: SandboxServer) -> None:
    market = factories.make_market("mx", currency="MXN", countries=["MX"])
    method = factories.make_method(market, "oxxo", captures_later=False, settles_later=True)
    payment = opened(factories.make_order(market, unit_price="199.00"), method)
    pay(payment, "voucher")
    apply(sandbox.events("checkout.session.completed")[0])
    address = payment.order.events.get(kind="payment_pending").data["instructions"]["url"]
    press(address, action="expire")
    apply(sandbox.events("checkout.session.async_payment_failed")[0])
    payment.refresh_from_db()
    assert payment.status == S.FAILED
    assert kinds(payment.order) == ["payment_pending", "payment_failed"]


def test_declined_card_may_be_tried_again_on_the_same_page(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment, "decline")
    apply(sandbox.events("payment_intent.payment_failed")[0])
    payment.refresh_from_db()
    assert (payment.status, payment.failure) == (S.REQUIRES_ACTION, "generic_decline")
    assert kinds(payment.order) == []
    pay(payment)
    apply(sandbox.events("payment_intent.amount_capturable_updated")[0])
    payment.refresh_from_db()
    assert (payment.status, payment.failure) == (S.AUTHORISED, "")


def test_message_faster_than_our_own_answer(sandbox: SandboxServer) -> None:
    """The shopper has paid and we are told before the answer that opened the page is kept."""
    market = factories.make_market()
    payment = start(factories.make_order(market), factories.make_method(market))
    Payment.objects.filter(pk=payment.pk).update(
        success_url="http://shop.example/", cancel_url="http://shop.example/", expires_at=later(60)
    )
    reopen_payment(payment.pk, now=later())
    payment.refresh_from_db()
    pay(payment)
    # Back to the moment in which only the gateway knew.
    Payment.objects.filter(pk=payment.pk).update(
        status=S.CREATED, gateway_session="", redirect_url=""
    )
    apply(sandbox.events("checkout.session.completed")[0])
    payment.refresh_from_db()
    assert payment.status == S.AUTHORISED
    assert len(sandbox.sessions()) == 1


def test_failed_message_tried_again_until_it_works(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = opened()
    pay(payment)
    post_webhook(sandbox.events("payment_intent.amount_capturable_updated")[0])
    row = WebhookEvent.objects.get()
    with monkeypatch.context() as patch:

        def away(*args: Any, **kwargs: Any) -> None:
            raise GatewayUnavailable("away")

        patch.setattr("payments.inbox.refresh_payment", away)
        assert process_event(row.pk, now=later())
    row.refresh_from_db()
    assert (row.processed_at, row.error) == (None, "GatewayUnavailable: away")
    assert list_due_events(now=later()) == []
    assert not process_event(row.pk, now=later())
    assert list_due_events(now=later(1)) == [row.pk]
    assert process_event(row.pk, now=later(1))
    payment.refresh_from_db()
    assert payment.status == S.AUTHORISED


def test_message_replayed_by_staff_changes_nothing_twice(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    apply(sandbox.events("payment_intent.amount_capturable_updated")[0])
    row = WebhookEvent.objects.get()
    replay_event(row.pk)
    assert process_event(row.pk, now=later())
    assert kinds(payment.order) == ["payment_authorised"]


def test_debit_that_a_bank_is_at_has_no_end_of_its_own(sandbox: SandboxServer) -> None:
    """The page's end is not the debit's: goods would be given up while the bank still pays."""
    market = factories.make_market()
    method = factories.make_method(market, "sepa_debit", captures_later=False, settles_later=True)
    payment = opened(factories.make_order(market), method)
    assert payment.expires_at is not None
    pay(payment)
    apply(sandbox.events("checkout.session.completed")[0])
    payment.refresh_from_db()
    assert payment.status == S.PROCESSING
    assert payment.expires_at is None
