from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.derivation import NoRate, Peg, cross_rate, derive_price
from markets.money import InexactAmount, quantise
from markets.price_endings import PriceEnding

QUOTES = {
    "USD": Decimal("1.1252"),
    "GBP": Decimal("0.84770"),
    "JPY": Decimal("163.36"),
    "CHF": Decimal("0.9353"),
}
DIRHAM = Peg(currency="AED", anchor="USD", rate=Decimal("3.6725"))
NINETY_NINE = PriceEnding(step=Decimal(1), endings=(Decimal("0.99"),))
ENDINGS = {
    "JPY": PriceEnding(step=Decimal(100), endings=(Decimal(80),)),
    "EUR": NINETY_NINE,
    "KWD": PriceEnding(step=Decimal(1), endings=(Decimal("0.950"),)),
}


def test_cross_rate_goes_through_the_base() -> None:
    assert cross_rate(QUOTES, source="EUR", target="USD") == Decimal("1.1252")
    assert cross_rate(QUOTES, source="GBP", target="JPY") == Decimal("192.709685030")
    assert cross_rate(QUOTES, source="JPY", target="EUR") == Decimal("0.00612144955926")
    assert cross_rate({}, source="SEK", target="SEK") == 1


def test_cross_rate_reaches_a_pegged_currency() -> None:
    assert cross_rate(QUOTES, source="USD", target="AED", pegs=[DIRHAM]) == Decimal("3.6725")
    assert cross_rate(QUOTES, source="EUR", target="AED", pegs=[DIRHAM]) == Decimal("4.132297")
    lev = Peg(currency="BGN", anchor="EUR", rate=Decimal("1.95583"))
    assert cross_rate(QUOTES, source="EUR", target="BGN", pegs=[lev]) == Decimal("1.95583")


def test_cross_rate_takes_a_quote_before_a_peg() -> None:
    quotes = {**QUOTES, "AED": Decimal("4.2")}
    assert cross_rate(quotes, source="EUR", target="AED", pegs=[DIRHAM]) == Decimal("4.2")


def test_cross_rate_without_a_way_names_the_currency() -> None:
    with pytest.raises(NoRate, match="AED"):
        cross_rate(QUOTES, source="EUR", target="AED")
    with pytest.raises(NoRate, match="AED"):
        cross_rate({"GBP": Decimal("0.85")}, source="GBP", target="AED", pegs=[DIRHAM])


@given(*[st.sampled_from(["EUR", "AED", *QUOTES])] * 2)
def test_cross_rate_there_and_back_is_one(source: str, target: str) -> None:
    there = cross_rate(QUOTES, source=source, target=target, pegs=[DIRHAM])
    back = cross_rate(QUOTES, source=target, target=source, pegs=[DIRHAM])
    assert abs(there * back - 1) < Decimal("1e-10")


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1), Decimal("NaN")])
def test_cross_rate_refuses_rates_that_are_none(rate: Decimal) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        cross_rate({"USD": rate}, source="EUR", target="USD")


def test_derive_price_multiplies_and_ends() -> None:
    price = derive_price(
        Decimal("10.00"),
        rate=Decimal("1.1252"),
        margin=Decimal("0.02"),
        adjustment=Decimal("0.05"),
        ending=NINETY_NINE,
        currency="USD",
    )
    assert str(price) == "11.99"  # target 12.050892


def test_derive_price_without_ending_rounds_half_up() -> None:
    assert str(derived("10", rate="1.0005", currency="EUR")) == "10.01"
    assert str(derived("0.39", rate="163.36", currency="JPY")) == "64"


def test_derive_price_keeps_the_floor() -> None:
    assert derived("12.34", ending=NINETY_NINE, floor="12.10") == Decimal("12.99")
    assert derived("0.30", ending=NINETY_NINE, floor="0.391") == Decimal("0.40")
    assert derived("12.34", floor="12.341") == Decimal("12.35")


def test_derive_price_below_one_step_keeps_the_smallest_unit() -> None:
    assert str(derived("0.394", ending=NINETY_NINE)) == "0.39"
    assert str(derived("0.001", ending=NINETY_NINE)) == "0.01"
    assert str(derived("0.001")) == "0.01"


def test_derive_price_refuses_an_ending_finer_than_the_currency() -> None:
    with pytest.raises(InexactAmount):
        derived("10", rate="163.36", currency="JPY", ending=NINETY_NINE)


def test_derive_price_refuses_floats_and_nonsense() -> None:
    with pytest.raises(TypeError):
        derive_price(
            Decimal(10),
            rate=1.1,  # type: ignore[arg-type]
            margin=Decimal(0),
            adjustment=Decimal(0),
            ending=None,
            currency="EUR",
        )
    for base, rate in (("0", "1"), ("-1", "1"), ("1", "0")):
        with pytest.raises(ValueError, match="must be positive"):
            derived(base, rate=rate)


@given(
    st.decimals(min_value="0.01", max_value=10**5, places=2),
    st.decimals(min_value="0.001", max_value=1000, places=5),
    st.decimals(min_value="-0.5", max_value=1, places=3),
    st.none() | st.decimals(min_value="0.01", max_value=10**5, places=3),
    st.sampled_from(
        [(currency, ending) for currency in ENDINGS for ending in (None, ENDINGS[currency])]
    ),
)
def test_derived_prices_are_positive_quantised_and_above_floor(
    base: Decimal,
    rate: Decimal,
    margin: Decimal,
    floor: Decimal | None,
    form: tuple[str, PriceEnding | None],
) -> None:
    currency, ending = form
    price = derive_price(
        base,
        rate=rate,
        margin=margin,
        adjustment=Decimal(0),
        ending=ending,
        currency=currency,
        floor=floor,
    )
    assert price > 0
    assert str(price) == str(quantise(price, currency))
    assert floor is None or price >= floor


def derived(
    base: str,
    *,
    rate: str = "1",
    currency: str = "EUR",
    ending: PriceEnding | None = None,
    floor: str | None = None,
) -> Decimal:
    return derive_price(
        Decimal(base),
        rate=Decimal(rate),
        margin=Decimal(0),
        adjustment=Decimal(0),
        ending=ending,
        currency=currency,
        floor=None if floor is None else Decimal(floor),
    )
