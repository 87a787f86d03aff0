from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import stripe.params.checkout
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.base import SessionLine, SessionRequest, ShippingTo
from payments.gateways.stripe_session import LOCALES, gateway_locale, line_items, session_params
from payments.models import PaymentMethod

REQUEST = SessionRequest(
    operation_key="1e0b0e0e",
    order_number="7KQ2-9F4M-X",
    method=PaymentMethod(code="card", gateway_type="card", captures_later=True),
    lines=[SessionLine("Teapot", 2, Decimal("20.00"))],
    amount=Decimal("20.00"),
    currency="EUR",
    email="ada@example.com",
    locale="de_CH",
    success_url="http://shop.example/thanks/",
    cancel_url="http://shop.example/checkout/",
    expires_at=datetime(2026, 11, 24, 10, tzinfo=UTC),
    shipping=ShippingTo("Ada", "DE", "Hof 2\nHafenstraße 1", "Hamburg", "", "20457"),
)


def test_parameters_are_known_to_the_sdk() -> None:
    params = session_params(REQUEST)
    known = stripe.params.checkout.SessionCreateParams.__annotations__
    assert set(params) <= set(known)


def test_empty_address_parts_left_out() -> None:
    address = session_params(REQUEST)["payment_intent_data"]["shipping"]["address"]
    assert address == {
        "country": "DE", "line1": "Hof 2", "line2": "Hafenstraße 1", "city": "Hamburg",
        "postal_code": "20457",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("type", "hours", "options"),
    [
        ("card", None, None),
        ("wechat_pay", None, {"client": "web"}),
        ("konbini", 72, {"expires_after_days": 3}),
        ("oxxo", 25, {"expires_after_days": 2}),
        ("boleto", None, None),
        ("pix", 1, {"expires_after_seconds": 3600}),
        ("ideal", 5, None),
    ],
)
def test_options_of_a_method(type: str, hours: int | None, options: object) -> None:
    method = PaymentMethod(code=type, gateway_type=type, pay_within_hours=hours)
    params = session_params(replace(REQUEST, method=method))
    assert params.get("payment_method_options", {}).get(type) == options
    assert "capture_method" not in params["payment_intent_data"]


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("de_CH", "de"), ("en_GB", "en-GB"), ("en_AE", "en"), ("pt_BR", "pt-BR"), ("es_MX", "es-419"),
     ("es_ES", "es"), ("zh_Hans_CN", "zh"), ("zh_TW", "zh-TW"), ("ar_AE", "auto"), ("ja_JP", "ja"),
     ("fr_CA", "fr-CA"), ("fr", "fr")],
)  # fmt: skip
def test_locale_is_the_nearest(locale: str, expected: str) -> None:
    assert gateway_locale(locale) == expected


def test_locales_are_the_sdks() -> None:
    hint = str(stripe.params.checkout.SessionCreateParams.__annotations__["locale"])
    assert all(f"'{locale}'" in hint for locale in LOCALES)


def test_line_that_no_unit_price_divides_is_one_piece() -> None:
    lines = [SessionLine("Cup", 3, Decimal("10.00"))]
    [item] = line_items(replace(REQUEST, lines=lines, amount=Decimal("10.00")))
    assert item["quantity"] == 1
    assert item["price_data"]["unit_amount"] == 1000
    assert item["price_data"]["product_data"]["name"] == "3 × Cup"


def test_lines_finer_than_the_gateway_become_one() -> None:
    lines = [SessionLine("A", 1, Decimal("1.234")), SessionLine("B", 1, Decimal("1.236"))]
    request = replace(REQUEST, lines=lines, amount=Decimal("2.470"), currency="KWD")
    [item] = line_items(request)
    assert (item["price_data"]["unit_amount"], item["quantity"]) == (2470, 1)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10**6)), min_size=1, max_size=120),
    st.integers(0, 1),
)
def test_lines_always_add_up_to_the_amount(rows: list[tuple[int, int]], fault: int) -> None:
    lines = [SessionLine("X", quantity, Decimal(cents).scaleb(-2)) for quantity, cents in rows]
    total = sum((line.amount for line in lines), Decimal(0)) + fault
    items = line_items(replace(REQUEST, lines=lines, amount=total))
    units = sum(item["quantity"] * item["price_data"]["unit_amount"] for item in items)
    assert units == total.scaleb(2)
