"""How a payment is written as the parameters of a hosted Checkout Session. Pure."""

from math import ceil
from typing import Any

from markets.money import InexactAmount, to_gateway
from payments.gateways.base import SessionLine, SessionRequest, ShippingTo
from payments.models import PaymentMethod

MAX_LINES = 100
MAX_NAME = 250
# As the SDK lists them.
LOCALES = frozenset({
    "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr",
    "fr-CA", "hi-IN", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb",
    "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh",
    "zh-HK", "zh-TW",
})  # fmt: skip
# Methods that hand out a voucher count its life in days, Pix in seconds.
DAYS_METHODS = frozenset({"boleto", "konbini", "oxxo"})


def session_params(request: SessionRequest) -> dict[str, Any]:
    """Write a request as parameters; equal requests give equal parameters.

    Raises InexactAmount if the gateway cannot count the amount.
    """
    method = request.method
    intent: dict[str, Any] = {
        "metadata": request.metadata,
        "description": request.order_number,
        "shipping": _shipping(request.shipping),
    }
    if method.captures_later:
        intent["capture_method"] = "manual"
    params: dict[str, Any] = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "allowed_payment_method_types": [method.gateway_type],
        "line_items": line_items(request),
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": gateway_locale(request.locale),
        "customer_email": request.email,
        "client_reference_id": request.order_number,
        "metadata": request.metadata,
        "payment_intent_data": intent,
        "expand": ["payment_intent"],
    }
    options = _method_options(method)
    if options:
        params["payment_method_options"] = {method.gateway_type: options}
    return params


def line_items(request: SessionRequest) -> list[dict[str, Any]]:
    """List the lines if they add up in the gateway's units, else one line over the total."""
    total = to_gateway(request.amount, request.currency)
    try:
        units = [to_gateway(line.amount, request.currency) for line in request.lines]
    except InexactAmount:
        units = []
    if sum(units) != total or not 0 < len(units) <= MAX_LINES:
        return [_item(request.order_number, quantity=1, unit=total, currency=request.currency)]
    return [
        _line_item(line, units=amount, currency=request.currency)
        for line, amount in zip(request.lines, units, strict=True)
    ]


def _line_item(line: SessionLine, *, units: int, currency: str) -> dict[str, Any]:
    if units % line.quantity == 0:
        return _item(
            line.name, quantity=line.quantity, unit=units // line.quantity, currency=currency
        )
    # A rounded tax may make a line that no unit price divides.
    return _item(f"{line.quantity} × {line.name}", quantity=1, unit=units, currency=currency)


def _item(name: str, *, quantity: int, unit: int, currency: str) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": unit,
            "product_data": {"name": name[:MAX_NAME]},
        },
    }


def gateway_locale(locale: str) -> str:
    """Give the gateway's nearest locale to one of ours (`de_CH`); `auto` if it has none."""
    language, _, rest = locale.replace("_", "-").partition("-")
    region = rest.rpartition("-")[2]
    if language == "zh" and region in ("TW", "HK"):
        return f"zh-{region}"
    if language == "es" and region not in ("", "ES"):
        return "es-419"
    for candidate in (f"{language}-{region}", language):
        if candidate in LOCALES:
            return candidate
    return "auto"


def _method_options(method: PaymentMethod) -> dict[str, Any]:
    if method.gateway_type == "wechat_pay":
        return {"client": "web"}
    if method.pay_within_hours is None:
        return {}
    if method.gateway_type in DAYS_METHODS:
        return {"expires_after_days": ceil(method.pay_within_hours / 24)}
    if method.gateway_type == "pix":
        return {"expires_after_seconds": method.pay_within_hours * 3600}
    return {}


def _shipping(to: ShippingTo) -> dict[str, Any]:
    street, _, more = to.street_address.partition("\n")
    address = {
        "country": to.country,
        "line1": street.strip(),
        "line2": more.replace("\n", ", ").strip(),
        "city": to.city,
        "state": to.country_area,
        "postal_code": to.postal_code,
    }
    # The gateway takes an empty value for the wish to unset one.
    return {"name": to.name, "address": {key: value for key, value in address.items() if value}}
