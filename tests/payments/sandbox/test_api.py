from __future__ import annotations

from typing import Any

import pytest
import stripe

from payments.sandbox import SandboxServer
from payments.sandbox.http_server import HttpServer
from tests.payments.sandbox.support import connect, session_params


def _intent(**more: Any) -> Any:
    return {"amount": 1_000, "currency": "eur", **more}


def test_live_key_is_refused_with_a_clear_message(sandbox: SandboxServer) -> None:
    with pytest.raises(stripe.AuthenticationError, match="refuses live keys"):
        connect(sandbox, key="sk_live_real").v1.events.list()


@pytest.mark.parametrize("key", ["pk_test_x", "whatever"])
def test_other_key_is_refused(sandbox: SandboxServer, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError):
        connect(sandbox, key=key).v1.events.list()


def test_unknown_parameter_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.create(_intent(colour="red"))

    assert (refusal.value.code, refusal.value.param) == ("parameter_unknown", "colour")


def test_payment_method_types_is_refused_as_by_the_pinned_version(
    client: stripe.StripeClient,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.create(_intent(payment_method_types=["card"]))

    assert refusal.value.code == "payment_method_types_no_longer_supported"


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (999, "mxn", "amount_too_small"),
        (100_000_000, "usd", "amount_too_large"),
        (5_124, "kwd", "parameter_invalid_integer"),
        (550, "isk", "parameter_invalid_integer"),
    ],
)
def test_amount_must_be_chargeable_in_its_currency(
    client: stripe.StripeClient, amount: int, currency: str, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.create(_intent(amount=amount, currency=currency))

    assert (refusal.value.code, refusal.value.param) == (code, "amount")


def test_unknown_currency_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency: xyz"):
        client.v1.payment_intents.create(_intent(currency="xyz"))


@pytest.mark.parametrize(
    ("amount", "currency", "types"),
    [
        (4_280, "eur", "alipay wechat_pay card ideal klarna"),
        (4_280, "jpy", "konbini alipay wechat_pay card"),
        (119, "jpy", "alipay wechat_pay card"),
        (300_001, "jpy", "alipay wechat_pay card"),
        (4_280, "brl", "card boleto pix"),
        (499, "brl", "card pix"),
        (4_280, "mxn", "oxxo card"),
        (4_280, "cny", "alipay wechat_pay card"),
        (4_280, "chf", "wechat_pay card klarna twint"),
        (4_280, "aed", "card"),
    ],
)
def test_methods_that_do_not_fit_are_left_out(
    client: stripe.StripeClient, amount: int, currency: str, types: str
) -> None:
    asked = "konbini oxxo alipay wechat_pay card ideal boleto klarna pix twint"

    session = client.v1.checkout.sessions.create(
        session_params(amount=amount, currency=currency, types=tuple(asked.split()))
    )

    assert session.payment_method_types == types.split()


def test_session_without_a_fitting_method_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(session_params(currency="usd", types=("ideal",)))

    assert refusal.value.param == "allowed_payment_method_types"


def test_manual_capture_leaves_out_methods_that_cannot(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(
        session_params(
            types=("ideal", "card", "klarna"), payment_intent_data={"capture_method": "manual"}
        )
    )

    assert session.payment_method_types == ["card", "klarna"]


def test_manual_capture_of_a_method_that_cannot_is_no_parameter(
    client: stripe.StripeClient,
) -> None:
    options = {"ideal": {"capture_method": "manual"}}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(
            session_params(types=("ideal",), payment_method_options=options)
        )

    assert refusal.value.param == "payment_method_options[ideal][capture_method]"


def test_locale_that_stripe_lacks_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(session_params(locale="ar"))

    assert refusal.value.param == "locale"


def test_session_life_is_bounded(client: stripe.StripeClient, sandbox: SandboxServer) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(session_params(expires_at=1))

    assert refusal.value.param == "expires_at"


def test_missing_object_is_named(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.retrieve("pi_nothing")

    assert (refusal.value.code, refusal.value.http_status) == ("resource_missing", 404)


def test_unknown_address_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.customers.list()


def test_list_pages_through_everything_newest_first(client: stripe.StripeClient) -> None:
    made = [client.v1.payment_intents.create(_intent()).id for _ in range(5)]

    pages = client.v1.payment_intents.list({"limit": 2})
    back = client.v1.payment_intents.list({"limit": 2, "ending_before": made[1]})

    assert [intent.id for intent in pages.auto_paging_iter()] == made[::-1]
    assert [intent.id for intent in back.data] == [made[3], made[2]]
    assert back.has_more


def test_expand_replaces_ids_by_objects(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(
        _intent(confirm=True, payment_method="pm_card_visa", expand=["latest_charge"])
    )

    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.payment_intent == intent.id
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.retrieve(intent.id, {"expand": ["colour"]})


def test_server_refuses_every_address_but_loopback() -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        HttpServer(("0.0.0.0", 0), None, after_change=print, log=print)  # type: ignore[arg-type]  # noqa: S104
