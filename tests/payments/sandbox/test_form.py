from __future__ import annotations

import pytest

from payments.sandbox.api.checkout_sessions import CREATE
from payments.sandbox.errors import ApiError
from payments.sandbox.fields import Integer, ListOf, Metadata, Nested, Text
from payments.sandbox.form import decode_form


def test_form_nests_mappings_and_lists() -> None:
    form = decode_form("line_items[0][price][amount]=5&line_items[1][q]=2&mode=payment&e[]=a&e[]=b")

    assert form == {
        "line_items": {"0": {"price": {"amount": "5"}}, "1": {"q": "2"}},
        "mode": "payment",
        "e": {"0": "a", "1": "b"},
    }


def test_form_keeps_escaped_and_foreign_letters() -> None:
    assert decode_form("metadata%5Bname%5D=%E6%9D%B1%E4%BA%AC+a%26b") == {
        "metadata": {"name": "東京 a&b"}
    }


@pytest.mark.parametrize("encoded", ["a[=1", "a]=1", "[a]=1", "a=1&a[b]=2", "a[b]=1&a=2", "a=%FF"])
def test_form_refuses_malformed_keys_and_values(encoded: str) -> None:
    with pytest.raises(ApiError):
        decode_form(encoded)


def test_list_is_ordered_by_index_beyond_nine() -> None:
    form = decode_form("&".join(f"x[{i}]={i}" for i in reversed(range(12))))

    assert Nested({"x": ListOf(Integer())}).parse(form) == {"x": list(range(12))}


def test_metadata_with_digit_keys_stays_a_mapping() -> None:
    form = decode_form("metadata[0]=zero&metadata[gone]=")

    assert Nested({"metadata": Metadata()}).parse(form) == {"metadata": {"0": "zero"}}


def test_nested_parameter_is_named_by_its_whole_path() -> None:
    with pytest.raises(ApiError) as refusal:
        CREATE.parse(
            decode_form(
                "mode=payment&success_url=https://a.test&line_items[0][quantity]=1"
                "&line_items[0][price_data][currency]=eur"
                "&line_items[0][price_data][product_data][name]=x"
            )
        )

    error = refusal.value.body["error"]
    assert (error["code"], error["param"]) == (
        "parameter_missing",
        "line_items[0][price_data][unit_amount]",
    )


@pytest.mark.parametrize("text", ["1.0", "1e3", "", "٣", "--1", "-1"])
def test_integer_refuses_everything_else(text: str) -> None:
    with pytest.raises(ApiError):
        Integer().parse(text, path="amount")


def test_text_refuses_the_empty_string() -> None:
    with pytest.raises(ApiError) as refusal:
        Text().parse("", path="description")

    assert refusal.value.body["error"]["code"] == "parameter_invalid_empty"
