"""/v1/checkout/sessions"""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.amounts import check_charge_amount, check_currency
from payments.sandbox.api.common import (
    EXPAND,
    METADATA,
    RETRIEVE,
    SHIPPING,
    answer,
    line_items,
    list_answer,
    listing,
)
from payments.sandbox.api.method_params import (
    CAPTURE_METHOD,
    TYPES,
    choose_types,
    method_options,
)
from payments.sandbox.api.routes import Params, Route
from payments.sandbox.errors import invalid
from payments.sandbox.fields import Choice, Integer, ListOf, Nested, Text, Url
from payments.sandbox.ids import new_id
from payments.sandbox.objects.checkout_sessions import insert_session
from payments.sandbox.transitions.session_expiry import expire_session

# Stripe's own list: a locale outside it is refused, so pass "auto" for, say, Arabic.
_LOCALES = (
    "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms "
    "mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)
_PRODUCT = Nested(
    {
        "description": Text(),
        "images": ListOf(Url(), max_items=8),
        "metadata": METADATA,
        "name": Text(),
        "tax_code": Text(),
        "unit_label": Text(),
    },
    required=("name",),
)
_PRICE = Nested(
    {
        "currency": Text(),
        "product_data": _PRODUCT,
        "tax_behavior": Choice(("exclusive", "inclusive", "unspecified")),
        "unit_amount": Integer(),
    },
    required=("currency", "product_data", "unit_amount"),
)
_LINE = Nested(
    {"metadata": METADATA, "price_data": _PRICE, "quantity": Integer(minimum=1)},
    required=("price_data", "quantity"),
)
_INTENT_DATA = Nested(
    {
        "capture_method": CAPTURE_METHOD,
        "description": Text(),
        "metadata": METADATA,
        "receipt_email": Text(),
        "shipping": SHIPPING,
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
    }
)
CREATE = Nested(
    {
        **EXPAND,
        "allowed_payment_method_types": TYPES,
        "cancel_url": Url(),
        "client_reference_id": Text(200),
        "currency": Text(),
        "customer_email": Text(800),
        "excluded_payment_method_types": TYPES,
        "expires_at": Integer(),
        "line_items": ListOf(_LINE),
        "locale": Choice(_LOCALES.split()),
        "metadata": METADATA,
        "mode": Choice(("payment",)),
        "payment_intent_data": _INTENT_DATA,
        "payment_method_options": method_options(without=frozenset({"billie"})),
        "submit_type": Choice(("auto", "book", "donate", "pay")),
        "success_url": Url(),
        "ui_mode": Choice(("hosted_page",)),
    },
    required=("line_items", "mode", "success_url"),
)
_MIN_LIFE_SECONDS, _MAX_LIFE_SECONDS = 30 * 60, 24 * 3600
# Both ends of a request read the clock; a minute is theirs to differ.
_CLOCK_LEEWAY_SECONDS = 60


def create_session(account: Account, id: str, params: Params) -> dict[str, Any]:
    currency = _currency(params)
    lines = [_line(line, currency=currency) for line in params["line_items"]]
    total = sum(line["amount_total"] for line in lines)
    check_charge_amount(total, currency=currency, param="line_items")
    _check_expiry(account, params)
    types = choose_types(
        params,
        amount=total,
        currency=currency,
        capture=params.get("payment_intent_data", {}).get("capture_method", "automatic"),
    )
    session = insert_session(
        account, lines=lines, total=total, currency=currency, types=types, params=params
    )
    return answer(account, session, params=params)


def _currency(params: Params) -> str:
    if not params["line_items"]:
        raise invalid(
            "Missing required param: line_items.", param="line_items", code="parameter_missing"
        )
    wanted = params.get("currency", params["line_items"][0]["price_data"]["currency"])
    currency = check_currency(wanted, param="currency")
    for index, line in enumerate(params["line_items"]):
        if line["price_data"]["currency"].lower() != currency:
            raise invalid(
                "All prices on a Checkout Session must use the same currency.",
                param=f"line_items[{index}][price_data][currency]",
            )
    return currency


def _line(line: dict[str, Any], *, currency: str) -> dict[str, Any]:
    price, product = line["price_data"], line["price_data"]["product_data"]
    amount = price["unit_amount"] * line["quantity"]
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": product["name"],
        "metadata": line.get("metadata", {}),
        "price": {
            "id": new_id("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": 0,
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": new_id("prod", length=14),
            "recurring": None,
            "tax_behavior": price.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": price["unit_amount"],
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": line["quantity"],
    }


def _check_expiry(account: Account, params: Params) -> None:
    if "expires_at" not in params:
        return
    life = params["expires_at"] - account.now()
    if not (
        _MIN_LIFE_SECONDS - _CLOCK_LEEWAY_SECONDS
        <= life
        <= _MAX_LIFE_SECONDS + _CLOCK_LEEWAY_SECONDS
    ):
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.",
            param="expires_at",
        )


def retrieve_session(account: Account, id: str, params: Params) -> dict[str, Any]:
    return answer(account, account.get("checkout.session", id=id), params=params)


def expire(account: Account, id: str, params: Params) -> dict[str, Any]:
    session = account.get("checkout.session", id=id)
    expire_session(account, session)
    return answer(account, session, params=params)


def list_sessions(account: Account, id: str, params: Params) -> dict[str, Any]:
    return list_answer(
        account,
        kind="checkout.session",
        url="/v1/checkout/sessions",
        params=params,
        filters=("payment_intent", "status"),
    )


def list_lines(account: Account, id: str, params: Params) -> dict[str, Any]:
    return line_items(account, account.get("checkout.session", id=id))


LIST = listing({"payment_intent": Text(), "status": Choice(("complete", "expired", "open"))})
ROUTES = (
    Route("POST", "/v1/checkout/sessions", CREATE, create_session),
    Route("GET", "/v1/checkout/sessions", LIST, list_sessions),
    Route("GET", "/v1/checkout/sessions/{id}", RETRIEVE, retrieve_session),
    Route("POST", "/v1/checkout/sessions/{id}/expire", RETRIEVE, expire),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", listing(), list_lines),
)
