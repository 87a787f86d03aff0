from __future__ import annotations

from typing import Any

import pytest
import stripe

from payments.sandbox import SandboxServer
from tests.payments.sandbox.support import (
    CANCEL_URL,
    Clock,
    Customer,
    in_parallel,
    session_params,
)


def _open(client: stripe.StripeClient, **more: Any) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create(session_params(**more))


def _thanks(session: stripe.checkout.Session) -> str:
    return f"https://shop.test/thanks?session={session.id}"


def _reload(client: stripe.StripeClient, session: stripe.checkout.Session) -> Any:
    return client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})


def _types(sandbox: SandboxServer) -> list[str]:
    return [event["type"] for event in sandbox.events()]


def test_new_session_has_no_intent_yet(client: stripe.StripeClient) -> None:
    session = _open(client)

    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.payment_intent, session.amount_total) == (None, 4_280)


def test_card_pays_and_returns_to_the_shop(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    session = _open(client, payment_intent_data={"metadata": {"order": "E-1"}})

    answer = customer.press(str(session.url), "pay", method="card")

    assert (answer.status, answer.location) == (303, _thanks(session))
    paid = _reload(client, session)
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert paid.payment_intent.metadata["order"] == "E-1"
    assert _types(sandbox) == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "checkout.session.completed",
    ]  # fmt: skip


def test_manual_capture_completes_unpaid_and_is_paid_by_the_capture(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    session = _open(client, payment_method_options={"card": {"capture_method": "manual"}})
    customer.press(str(session.url), "pay", method="card")
    held = _reload(client, session)

    assert (held.status, held.payment_status) == ("complete", "unpaid")
    assert held.payment_intent.status == "requires_capture"
    client.v1.payment_intents.capture(held.payment_intent.id)
    assert _reload(client, session).payment_status == "paid"
    assert "checkout.session.async_payment_succeeded" not in _types(sandbox)


def test_page_shows_lines_total_and_methods(
    client: stripe.StripeClient, customer: Customer
) -> None:
    session = _open(client, types=("card", "ideal"), locale="de")

    page = customer.open(str(session.url)).body

    assert "Teapot &lt;blue&gt;" in page
    assert '<bdi data-test="total">42,80\u00a0€</bdi>' in page
    for mark in ("method-card", "method-ideal", "pay", "decline", "three-d-secure", "cancel"):
        assert page.count(f'data-test="{mark}"') == 1
    assert f'href="{CANCEL_URL}"' in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("language", "words", "frame"),
    [
        ("de-CH", "es fließt kein Geld", '<html lang="de" dir="ltr">'),
        ("ar-AE,en;q=0.5", "لا تُحوَّل أي أموال", '<html lang="ar" dir="rtl">'),
        ("xx", "no money moves", '<html lang="en" dir="ltr">'),
    ],
)
def test_page_without_a_locale_speaks_the_browsers_language(
    client: stripe.StripeClient, customer: Customer, language: str, words: str, frame: str
) -> None:
    page = customer.open(str(_open(client).url), language=language).body

    assert words in page
    assert frame in page


def test_declined_card_stays_on_the_page_and_can_pay(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    session = _open(client)

    declined = customer.press(str(session.url), "decline", method="card")
    assert declined.location == f"/pay/{session.id}?method=card"
    assert 'data-test="error"' in customer.open(declined.location).body
    intent = _reload(client, session).payment_intent
    assert (intent.status, intent.last_payment_error.code) == (
        "requires_payment_method", "card_declined",
    )  # fmt: skip

    paid = customer.press(str(session.url), "pay", method="card")
    assert paid.location == _thanks(session)
    assert _reload(client, session).payment_intent.id == intent.id
    assert [charge["paid"] for charge in sandbox.charges()] == [False, True]


def test_three_d_secure_failed_then_passed(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    session = _open(client)
    step = customer.press(str(session.url), "three-d-secure", method="card").location
    page = customer.open(step).body
    assert 'data-test="pass"' in page
    assert 'data-test="fail"' in page

    back = customer.press(step, "fail").location
    assert back == f"/pay/{session.id}?method=card"
    assert _reload(client, session).payment_intent.last_payment_error.code == (
        "payment_intent_authentication_failure"
    )
    assert sandbox.charges() == []

    step = customer.press(str(session.url), "three-d-secure", method="card").location
    assert customer.press(step, "pass").location == _thanks(session)
    assert len(sandbox.charges()) == 1


def test_three_d_secure_is_asked_for_by_the_merchant(
    client: stripe.StripeClient, customer: Customer
) -> None:
    options = {"card": {"request_three_d_secure": "challenge"}}
    session = _open(client, payment_method_options=options)

    answer = customer.press(str(session.url), "pay", method="card")

    assert answer.location.startswith("/authenticate/pi_")


def test_redirect_method_fails_and_pays(client: stripe.StripeClient, customer: Customer) -> None:
    session = _open(client, types=("card", "ideal"))

    failed = customer.press(str(session.url), "fail", method="ideal")
    assert failed.location == f"/pay/{session.id}?method=ideal"
    assert customer.press(str(session.url), "pay", method="ideal").location == _thanks(session)

    charge = client.v1.charges.list().data[0]
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.type == "ideal"


@pytest.mark.parametrize(
    ("type", "currency"), [("konbini", "jpy"), ("oxxo", "mxn"), ("boleto", "brl"), ("pix", "brl")]
)
def test_voucher_is_paid_later(
    client: stripe.StripeClient,
    sandbox: SandboxServer,
    customer: Customer,
    type: str,
    currency: str,
) -> None:
    session = _open(client, types=(type,), currency=currency)

    assert customer.press(str(session.url), "voucher", method=type).location == _thanks(session)
    waiting = _reload(client, session)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "requires_action"
    assert sandbox.charges() == []

    page = customer.open(f"/vouchers/{waiting.payment_intent.id}").body
    assert 'data-test="pay"' in page
    customer.press(f"/vouchers/{waiting.payment_intent.id}", "pay")
    customer.press(f"/vouchers/{waiting.payment_intent.id}", "pay")

    assert _reload(client, session).payment_status == "paid"
    assert len(sandbox.charges()) == 1
    assert _types(sandbox) == [
        "payment_intent.created", "payment_intent.requires_action", "checkout.session.completed",
        "charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded",
    ]  # fmt: skip


def test_voucher_expires_unpaid(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer, clock: Clock
) -> None:
    options = {"konbini": {"expires_after_days": 2}}
    session = _open(client, types=("konbini",), currency="jpy", payment_method_options=options)
    customer.press(str(session.url), "voucher", method="konbini")

    clock.forward(seconds=1 * 86_400)
    sandbox.sweep()
    assert _reload(client, session).payment_intent.status == "requires_action"
    clock.forward(seconds=2 * 86_400)
    sandbox.sweep()

    assert _reload(client, session).payment_intent.status == "requires_payment_method"
    assert _types(sandbox)[-2:] == [
        "payment_intent.payment_failed", "checkout.session.async_payment_failed",
    ]  # fmt: skip


def test_pix_can_be_paid_at_once(client: stripe.StripeClient, customer: Customer) -> None:
    session = _open(client, types=("pix",), currency="brl")

    customer.press(str(session.url), "pay", method="pix")

    assert _reload(client, session).payment_status == "paid"


def test_paying_many_times_at_once_charges_once(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    session = _open(client)

    answers = in_parallel(
        [lambda: customer.press(str(session.url), "pay", method="card") for _ in range(8)]
    )

    assert len(sandbox.charges()) == 1
    assert _types(sandbox).count("checkout.session.completed") == 1
    ends = {_thanks(session), f"/pay/{session.id}?method=card"}
    assert {answer.location for answer in answers} <= ends
    assert customer.open(str(session.url)).location == _thanks(session)


def test_button_that_is_not_offered_does_nothing(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    session = _open(client, types=("card",))

    customer.press(str(session.url), "pay", method="ideal")
    customer.press(str(session.url), "voucher", method="card")

    assert sandbox.payment_intents() == []


def test_expired_session_takes_no_payment(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    session = _open(client)
    customer.press(str(session.url), "decline", method="card")

    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    customer.press(str(session.url), "pay", method="card")

    assert customer.open(str(session.url)).status == 410
    assert _reload(client, session).payment_intent.status == "canceled"
    assert [charge["paid"] for charge in sandbox.charges()] == [False]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(session.id)


def test_session_expires_by_the_clock(
    client: stripe.StripeClient, sandbox: SandboxServer, clock: Clock
) -> None:
    session = _open(client, expires_at=int(clock()) + 1_800)

    clock.forward(seconds=1_801)
    sandbox.sweep()

    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert _types(sandbox) == ["checkout.session.expired"]


def test_intent_of_an_open_session_is_not_cancelled(
    client: stripe.StripeClient, customer: Customer
) -> None:
    session = _open(client)
    customer.press(str(session.url), "decline", method="card")
    intent = _reload(client, session).payment_intent

    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        client.v1.payment_intents.cancel(intent.id)


def test_home_lists_what_waits(client: stripe.StripeClient, customer: Customer) -> None:
    session = _open(client, types=("konbini",), currency="jpy", client_reference_id="E-77")
    customer.press(str(session.url), "voucher", method="konbini")

    page = customer.open("/").body

    assert f'href="/vouchers/{_reload(client, session).payment_intent.id}"' in page
    assert "E-77" in page


def test_unknown_page_is_not_found(customer: Customer) -> None:
    assert customer.open("/pay/cs_test_nothing").status == 404
    assert customer.open("/../etc/passwd").status == 404
