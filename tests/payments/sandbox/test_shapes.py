"""The sandbox invents nothing: its fields and parameters are those of the official SDK."""

from __future__ import annotations

import sys
import typing
from typing import Any

import pytest
import stripe
import typing_extensions
from stripe import _request_options
from stripe._api_version import _ApiVersion
from stripe.params import (
    ChargeListParams,
    EventListParams,
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    RefundCreateParams,
    RefundListParams,
)
from stripe.params.checkout import SessionCreateParams, SessionListParams

from payments.sandbox import SandboxServer
from payments.sandbox.account import API_VERSION
from payments.sandbox.api import charges, checkout_sessions, events, payment_intents, refunds
from payments.sandbox.fields import Either, Field, ListOf, Nested
from payments.sandbox.methods import METHODS
from tests.payments.sandbox.support import Customer, session_params


def test_api_version_is_the_sdks() -> None:
    assert API_VERSION == _ApiVersion.CURRENT


@pytest.mark.parametrize(
    ("accepted", "params"),
    [
        (checkout_sessions.CREATE, SessionCreateParams),
        (checkout_sessions.LIST, SessionListParams),
        (payment_intents.CREATE, PaymentIntentCreateParams),
        (payment_intents.CONFIRM, PaymentIntentConfirmParams),
        (payment_intents.CAPTURE, PaymentIntentCaptureParams),
        (payment_intents.CANCEL, PaymentIntentCancelParams),
        (payment_intents.LIST, PaymentIntentListParams),
        (refunds.CREATE, RefundCreateParams),
        (refunds.LIST, RefundListParams),
        (charges.LIST, ChargeListParams),
        (events.LIST, EventListParams),
    ],
)
def test_accepted_parameters_exist_in_the_sdk(accepted: Nested, params: Any) -> None:
    assert _unknown_params(accepted, known=params, path="") == []


def _unknown_params(field: Field, *, known: Any, path: str) -> list[str]:
    if isinstance(field, Either):
        field = field.nested
    if isinstance(field, ListOf):
        return _unknown_params(field.item, known=known, path=f"{path}[]")
    if not isinstance(field, Nested):
        return []
    hints = [_hints(option) for option in _typed_dicts(known)]
    unknown = []
    for name, inner in field.fields.items():
        found = [hint[name] for hint in hints if name in hint]
        if found:
            unknown += _unknown_params(inner, known=found[0], path=f"{path}[{name}]")
        else:
            unknown.append(f"{path}[{name}]")
    return unknown


def _hints(typed_dict: Any) -> dict[str, Any]:
    # The options of a request stand beside its parameters, from a module of their own.
    names = {
        **vars(_request_options),
        "StripeContext": stripe.StripeContext,
        **vars(sys.modules[typed_dict.__module__]),
    }
    return typing_extensions.get_type_hints(typed_dict, names)


def _typed_dicts(annotation: Any) -> list[Any]:
    if typing_extensions.is_typeddict(annotation):
        return [annotation]
    return [found for arg in typing.get_args(annotation) for found in _typed_dicts(arg)]


def test_answered_fields_exist_in_the_sdk(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    _use_everything(client, customer)
    seen = {
        stripe.checkout.Session: sandbox.sessions(),
        stripe.PaymentIntent: sandbox.payment_intents(),
        stripe.Charge: sandbox.charges(),
        stripe.Refund: sandbox.refunds(),
        stripe.Event: sandbox.events(),
    }

    for kind, objects in seen.items():
        assert objects
        unknown = {name for data in objects for name in _unknown_fields(data, known=kind, path="")}
        assert unknown == set(), kind.__name__
        required = {
            name
            for name, hint in kind.__annotations__.items()
            if type(None) not in typing.get_args(hint) and name != "OBJECT_NAME"
        }
        assert all(required <= set(data) for data in objects), kind.__name__


def test_event_types_exist_in_the_sdk(
    client: stripe.StripeClient, sandbox: SandboxServer, customer: Customer
) -> None:
    _use_everything(client, customer)

    known = typing.get_args(stripe.Event.__annotations__["type"])
    assert {event["type"] for event in sandbox.events()} <= set(known)


def _use_everything(client: stripe.StripeClient, customer: Customer) -> None:
    currencies = {"konbini": "jpy", "oxxo": "mxn", "boleto": "brl", "pix": "brl"}
    for type, method in METHODS.items():
        preferred = sorted(method.currencies or {"eur"})
        currency = currencies.get(type) or ("eur" if "eur" in preferred else preferred[0])
        session = client.v1.checkout.sessions.create(
            session_params(types=(type,), currency=currency, customer_email="a@example.org")
        )
        url = str(session.url)
        for action in ("decline", "three-d-secure", "fail", "voucher", "pay"):
            customer.press(url, action, method=type)
        intent = str(client.v1.checkout.sessions.retrieve(session.id).payment_intent)
        customer.press(f"/vouchers/{intent}", "pay")
        customer.press(f"/settlements/{intent}", "pass")
        if type not in ("boleto", "oxxo"):
            client.v1.refunds.create({"payment_intent": intent})
    params: Any = {
        "amount": 1_000, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa",
        "capture_method": "manual",
    }  # fmt: skip
    client.v1.payment_intents.cancel(client.v1.payment_intents.create(params).id)
    client.v1.checkout.sessions.expire(client.v1.checkout.sessions.create(session_params()).id)


def _unknown_fields(value: Any, *, known: Any, path: str) -> list[str]:
    """Name the fields that no class of the SDK among `known` has."""
    if isinstance(value, list):
        return [name for item in value for name in _unknown_fields(item, known=known, path=path)]
    kinds = _classes(known)
    if not isinstance(value, dict) or not kinds:
        return []
    hints = [kind.__annotations__ for kind in kinds]
    unknown = []
    for name, inner in value.items():
        found = [hint[name] for hint in hints if name in hint]
        if found:
            unknown += _unknown_fields(inner, known=found[0], path=f"{path}.{name}")
        else:
            unknown.append(f"{path}.{name}")
    return unknown


def _classes(annotation: Any) -> list[Any]:
    if isinstance(annotation, typing.ForwardRef):
        annotation = getattr(stripe, annotation.__forward_arg__, None)
    if isinstance(annotation, type):
        is_object = issubclass(annotation, stripe.StripeObject)
        return [annotation] if is_object and annotation is not stripe.StripeObject else []
    origin = typing.get_origin(annotation)
    if origin is not None and "Untyped" in getattr(origin, "__name__", ""):
        return []
    return [found for arg in typing.get_args(annotation) for found in _classes(arg)]
