from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from markets.price_endings import PriceEnding, apply_ending

NINETY_NINE = PriceEnding(step=Decimal(1), endings=(Decimal("0.99"),))
YEN = PriceEnding(step=Decimal(100), endings=(Decimal(80),))
FRANCS = PriceEnding(
    step=Decimal(1), endings=(Decimal("0.90"), Decimal("0.95")), grid=Decimal("0.05")
)
YUAN = PriceEnding(step=Decimal(1), endings=(Decimal(0),), avoid_digits="4")

endings = st.sampled_from([NINETY_NINE, YEN, FRANCS, YUAN])
prices = st.decimals(min_value="0.01", max_value=10**7, places=3)


@pytest.mark.parametrize(
    ("target", "ending", "price"),
    [
        ("12.34", NINETY_NINE, "11.99"),
        ("12.50", NINETY_NINE, "12.99"),
        ("12.49", NINETY_NINE, "11.99"),  # as near to both: the lower
        ("12.99", NINETY_NINE, "12.99"),
        ("1.00", NINETY_NINE, "0.99"),
        ("1234", YEN, "1280"),
        ("1230", YEN, "1180"),
        ("100", YEN, "80"),
        ("12.34", FRANCS, "11.95"),
        ("12.60", FRANCS, "12.90"),
        ("12.93", FRANCS, "12.95"),
        ("38", YUAN, "38"),
        ("44", YUAN, "39"),
        ("46", YUAN, "50"),
        ("4444", YUAN, "3999"),
        ("4600", YUAN, "5000"),
    ],
)
def test_apply_ending_takes_the_nearest(target: str, ending: PriceEnding, price: str) -> None:
    assert apply_ending(Decimal(target), ending) == Decimal(price)


@pytest.mark.parametrize(
    ("target", "ending", "floor", "price"),
    [
        ("12.34", NINETY_NINE, "12.00", "12.99"),
        ("12.34", NINETY_NINE, "11.99", "11.99"),
        ("12.34", NINETY_NINE, "15.20", "15.99"),
        ("0.39", NINETY_NINE, "1.10", "1.99"),
        ("4000", YUAN, "4000", "5000"),
        ("150", YEN, "181", "280"),
    ],
)
def test_apply_ending_stays_above_the_floor(
    target: str, ending: PriceEnding, floor: str, price: str
) -> None:
    assert apply_ending(Decimal(target), ending, floor=Decimal(floor)) == Decimal(price)


@pytest.mark.parametrize(
    ("target", "ending", "floor", "price"),
    [
        ("0.39", NINETY_NINE, None, "0.39"),
        ("0.39", NINETY_NINE, "0.42", "0.42"),
        ("45", YEN, None, "45"),
        ("0.37", FRANCS, None, "0.35"),
        ("0.37", FRANCS, "0.36", "0.40"),
        ("0.01", FRANCS, None, "0.05"),
    ],
)
def test_apply_ending_leaves_amounts_below_one_step_alone(
    target: str, ending: PriceEnding, floor: str | None, price: str
) -> None:
    assert apply_ending(
        Decimal(target), ending, floor=None if floor is None else Decimal(floor)
    ) == Decimal(price)


def test_apply_ending_never_gives_a_price_of_zero() -> None:
    whole_tens = PriceEnding(step=Decimal(10), endings=(Decimal(0),))
    assert apply_ending(Decimal(12), whole_tens) == 10
    without_ones = PriceEnding(step=Decimal(10), endings=(Decimal(0),), avoid_digits="1")
    assert apply_ending(Decimal(10), without_ones) == 20


@given(prices, endings, st.none() | prices)
def test_apply_ending_is_positive_above_floor_and_in_form(
    target: Decimal, ending: PriceEnding, floor: Decimal | None
) -> None:
    price = apply_ending(target, ending, floor=floor)
    assert price > 0
    assert floor is None or price >= floor
    if max(target, floor or 0) >= ending.step:
        assert price % ending.step in ending.endings
        assert not set(ending.avoid_digits) & set(format(price, "f"))


@given(prices, endings)
@example(
    Decimal("0.975"),
    PriceEnding(step=Decimal(1), endings=(Decimal("0.90"), Decimal("0.95")), grid=Decimal("0.05")),
)
def test_apply_ending_moves_a_price_once_only(target: Decimal, ending: PriceEnding) -> None:
    price = apply_ending(target, ending)
    assert apply_ending(price, ending) == price


@given(st.integers(10, 9000), st.sampled_from(["4", "47", "9", "049"]))
def test_avoided_digits_are_passed_by_the_shortest_way(target: int, avoid: str) -> None:
    ending = PriceEnding(step=Decimal(10), endings=(Decimal(8),), avoid_digits=avoid)
    best = min(
        (Decimal(price) for price in range(8, 20000, 10) if not set(avoid) & set(str(price))),
        key=lambda price: (abs(price - target), price),
    )
    assert apply_ending(Decimal(target), ending) == best


@pytest.mark.parametrize("target", [Decimal(0), Decimal(-1), Decimal("NaN")])
def test_apply_ending_refuses_a_target_that_is_no_price(target: Decimal) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        apply_ending(target, NINETY_NINE)


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        apply_ending(12.34, NINETY_NINE)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        apply_ending(Decimal(12), NINETY_NINE, floor=1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        PriceEnding(step=1.0, endings=(Decimal(0),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "arguments",
    [
        {"step": Decimal(0), "endings": (Decimal(0),)},
        {"step": Decimal(1), "endings": ()},
        {"step": Decimal(1), "endings": (Decimal(1),)},
        {"step": Decimal(1), "endings": (Decimal(-1),)},
        {"step": Decimal(1), "endings": (Decimal(0),), "grid": Decimal(2)},
        {"step": Decimal(1), "endings": (Decimal("0.4"),), "avoid_digits": "4"},
        {"step": Decimal(5), "endings": (Decimal(0),), "avoid_digits": "4"},
        {"step": Decimal(1), "endings": (Decimal(0),), "avoid_digits": "x"},
        {"step": Decimal(1), "endings": (Decimal("0.01"),), "avoid_digits": "123456789"},
    ],
)
def test_price_ending_refuses_forms_without_candidates(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must|digit|endings|avoid"):
        PriceEnding(**arguments)  # type: ignore[arg-type]
