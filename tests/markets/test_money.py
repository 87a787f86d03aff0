from decimal import ROUND_CEILING, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.money import (
    CannotSplit,
    InexactAmount,
    UnknownCurrency,
    exponent,
    format_money,
    from_gateway,
    from_minor,
    gateway_exponent,
    quantise,
    quantise_for_gateway,
    smallest_unit,
    split,
    to_gateway,
    to_minor,
)

currencies = st.sampled_from(["JPY", "KRW", "EUR", "CHF", "HUF", "KWD", "BHD"])
units = st.integers(min_value=-(10**12), max_value=10**12)
weights = st.lists(
    st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=12
).filter(any)


@pytest.mark.parametrize(
    ("currency", "iso", "gateway"),
    [
        ("EUR", 2, 2),
        ("JPY", 0, 0),
        ("KWD", 3, 3),
        ("HUF", 2, 2),
        ("TWD", 2, 2),
        ("ISK", 0, 2),
        ("UGX", 0, 2),
        ("MGA", 2, 0),
        ("RSD", 2, 2),
        ("CLP", 0, 0),
    ],
)
def test_exponents_of_iso_and_gateway(currency: str, iso: int, gateway: int) -> None:
    assert (exponent(currency), gateway_exponent(currency)) == (iso, gateway)


@pytest.mark.parametrize("code", ["", "eur", "EURO", "ZZZ", "XAU", "XXX", "XTS"])
def test_exponent_refuses_what_is_no_currency(code: str) -> None:
    with pytest.raises(UnknownCurrency, match=repr(code)):
        exponent(code)
    with pytest.raises(UnknownCurrency):
        gateway_exponent(code)


@pytest.mark.parametrize("amount", [1.5, True, "1.50", None])
def test_amounts_other_than_decimal_and_int_are_refused(amount: Any) -> None:
    for function in (quantise, to_minor, to_gateway, quantise_for_gateway):
        with pytest.raises(TypeError):
            function(amount, "EUR")
    with pytest.raises(TypeError):
        split(amount, [1], "EUR")
    with pytest.raises(TypeError):
        split(Decimal(1), [amount], "EUR")
    with pytest.raises(TypeError):
        format_money(amount, "EUR", "de_DE")
    with pytest.raises(TypeError):
        from_minor(amount, "EUR")


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity")])
def test_amounts_that_are_not_finite_are_refused(amount: Decimal) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        quantise(amount, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "EUR", "1.01"),
        ("-1.005", "EUR", "-1.01"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
        ("-0.001", "EUR", "0.00"),
        ("123456789012345678901234567890.005", "EUR", "123456789012345678901234567890.01"),
    ],
)
def test_quantise_rounds_half_away_from_zero(amount: str, currency: str, rounded: str) -> None:
    assert str(quantise(Decimal(amount), currency)) == rounded


def test_quantise_rounds_as_told() -> None:
    assert quantise(Decimal("1.001"), "EUR", rounding=ROUND_CEILING) == Decimal("1.01")


def test_to_minor_refuses_to_round() -> None:
    assert to_minor(Decimal("12.340"), "EUR") == 1234
    with pytest.raises(InexactAmount, match=r"12\.345 EUR"):
        to_minor(Decimal("12.345"), "EUR")
    with pytest.raises(InexactAmount):
        to_minor(Decimal("0.5"), "JPY")


@given(units, currencies)
def test_minor_units_survive_the_round_trip(amount: int, currency: str) -> None:
    money = from_minor(amount, currency)
    assert to_minor(money, currency) == amount
    assert quantise(money, currency) == money


@pytest.mark.parametrize(
    ("amount", "currency", "sent"),
    [
        ("12.34", "EUR", 1234),
        ("1980", "JPY", 1980),
        ("5", "ISK", 500),
        ("5000", "UGX", 500000),
        ("5.120", "KWD", 5120),
        ("12.00", "MGA", 12),
        ("0.10", "HUF", 10),
    ],
)
def test_gateway_amount_goes_there_and_back(amount: str, currency: str, sent: int) -> None:
    assert to_gateway(Decimal(amount), currency) == sent
    assert str(from_gateway(sent, currency)) == amount


@pytest.mark.parametrize(
    ("amount", "currency"), [("5.124", "KWD"), ("0.5", "ISK"), ("12.50", "MGA"), ("1.001", "EUR")]
)
def test_to_gateway_refuses_what_cannot_be_charged(amount: str, currency: str) -> None:
    with pytest.raises(InexactAmount):
        to_gateway(Decimal(amount), currency)


def test_from_gateway_refuses_part_of_a_unit() -> None:
    with pytest.raises(InexactAmount):
        from_gateway(501, "ISK")


def test_quantise_for_gateway_keeps_the_iso_decimals() -> None:
    assert str(quantise_for_gateway(Decimal("5.125"), "KWD")) == "5.130"
    assert str(quantise_for_gateway(Decimal("12.50"), "MGA")) == "13.00"
    assert str(quantise_for_gateway(Decimal("12.345"), "EUR")) == "12.35"
    assert str(quantise_for_gateway(Decimal("12.5"), "ISK")) == "13"


@given(units, st.sampled_from(["JPY", "EUR", "KWD", "ISK", "UGX", "MGA"]))
def test_quantised_amounts_can_be_charged_and_read_back(amount: int, currency: str) -> None:
    money = quantise_for_gateway(from_minor(amount, currency), currency)
    assert from_gateway(to_gateway(money, currency), currency) == money


def test_split_gives_the_remainder_to_the_largest_then_to_the_first() -> None:
    assert split(Decimal("10.00"), [1, 1, 1], "EUR") == [
        Decimal("3.34"),
        Decimal("3.33"),
        Decimal("3.33"),
    ]
    assert split(Decimal("0.05"), [3, 7], "EUR") == [Decimal("0.02"), Decimal("0.03")]
    assert split(100, [Decimal("0.5"), 0, Decimal("1.5")], "JPY") == [25, 0, 75]


@given(units, weights, currencies)
def test_split_adds_up_and_is_fair(amount: int, weights: list[Decimal], currency: str) -> None:
    money = from_minor(amount, currency)
    parts = split(money, weights, currency)
    assert sum(parts) == money
    assert len(parts) == len(weights)
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert part == quantise(part, currency)
        assert abs(part * total - money * weight) < smallest_unit(currency) * total
        if weight == 0:
            assert part == 0


@given(units, weights, currencies)
def test_split_of_a_refund_mirrors_the_charge(
    amount: int, weights: list[Decimal], currency: str
) -> None:
    money = from_minor(amount, currency)
    mirrored = [-part for part in split(-money, weights, currency)]
    assert split(money, weights, currency) == mirrored


def test_split_of_nothing_needs_no_weight() -> None:
    assert split(Decimal(0), [0, 0], "EUR") == [Decimal("0.00"), Decimal("0.00")]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_split_refuses_weights_without_shares(weights: list[int]) -> None:
    with pytest.raises(CannotSplit):
        split(Decimal("1.00"), weights, "EUR")


def test_split_refuses_an_amount_that_is_not_quantised() -> None:
    with pytest.raises(InexactAmount):
        split(Decimal("1.001"), [1, 1], "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("1234.5", "CHF", "de_CH", "CHF\xa01’234.50"),
        ("1234.5", "EUR", "de_DE", "1.234,50\xa0€"),
        ("1234.5", "EUR", "fr-FR", "1\u202f234,50\xa0€"),
        ("1980", "JPY", "ja_JP", "￥1,980"),
        ("1234.5", "HUF", "hu_HU", "1\xa0234,50\xa0Ft"),
        ("1234.5", "KWD", "en_US", "KWD\xa01,234.500"),
        ("-5", "AED", "en_AE", "-AED\xa05.00"),
        ("12.9", "CHF", "en_CH", "CHF\xa012.90"),
        ("1234.5", "BRL", "pt_BR", "R$\xa01.234,50"),
        ("88", "CNY", "zh_Hans_CN", "¥88.00"),
        ("-5", "USD", "en_US", "-$5.00"),
        ("1234.5", "AED", "ar_AE", "\u200f1,234.50\xa0د.إ.\u200f"),
    ],
)
def test_format_money_follows_the_locale(
    amount: str, currency: str, locale: str, text: str
) -> None:
    assert format_money(Decimal(amount), currency, locale) == text
