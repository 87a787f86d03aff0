"""Parameters that choose and tune payment methods."""

from __future__ import annotations

from typing import Any

from payments.sandbox.errors import invalid
from payments.sandbox.fields import Boolean, Choice, Field, Integer, ListOf, Nested, Text
from payments.sandbox.methods import METHODS, eligible_types

TYPE = Choice(METHODS)
TYPES = ListOf(TYPE)
CAPTURE_METHOD = Choice(("automatic", "automatic_async", "manual"))

_DAYS = Integer(minimum=1, maximum=60)
_SPECIAL: dict[str, dict[str, Field]] = {
    "card": {
        "installments": Nested({"enabled": Boolean()}),
        "request_three_d_secure": Choice(("any", "automatic", "challenge")),
    },
    "boleto": {"expires_after_days": _DAYS},
    "konbini": {"expires_after_days": _DAYS},
    "oxxo": {"expires_after_days": Integer(minimum=1, maximum=7)},
    "pix": {"expires_after_seconds": Integer(minimum=10, maximum=14 * 86_400)},
    "wechat_pay": {"app_id": Text(), "client": Choice(("android", "ios", "web"))},
    "paypal": {"reference": Text(), "preferred_locale": Text()},
}
# The SDK knows no options at all for these.
_WITHOUT_OPTIONS = frozenset({"bizum", "blik", "mb_way", "paypay"})


def method_options(*, without: frozenset[str] = frozenset()) -> Nested:
    """Build `payment_method_options`; `without` names types that this resource knows none of."""
    return Nested(
        {
            type: Nested(
                {
                    **_SPECIAL.get(type, {}),
                    **({"capture_method": Choice(("manual",))} if method.captures_manually else {}),
                },
                required=("client",) if type == "wechat_pay" else (),
            )
            for type, method in METHODS.items()
            if type not in _WITHOUT_OPTIONS | without
        }
    )


def choose_types(params: dict[str, Any], *, amount: int, currency: str, capture: str) -> list[str]:
    """List the types that may pay `amount` minor units; raises ApiError where none may."""
    if "allowed_payment_method_types" in params and "excluded_payment_method_types" in params:
        raise invalid(
            "You may only specify one of these parameters: allowed_payment_method_types, "
            "excluded_payment_method_types.",
            param="excluded_payment_method_types",
        )
    types = eligible_types(
        amount=amount,
        currency=currency,
        is_manual=capture == "manual",
        allowed=params.get("allowed_payment_method_types"),
        excluded=params.get("excluded_payment_method_types", ()),
    )
    if not types:
        how = " and capture_method manual" if capture == "manual" else ""
        raise invalid(
            "No valid payment method types for this payment: none of those allowed can take "
            f"{amount} {currency}{how}.",
            param="allowed_payment_method_types",
            code="payment_intent_incompatible_payment_method",
        )
    return types
