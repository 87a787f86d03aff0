from hypothesis import given
from hypothesis import strategies as st

from orders.numbers import ALPHABET, new_order_number, normalise_order_number


def test_new_order_number_reads_back_as_typed() -> None:
    for _ in range(200):
        number = new_order_number()
        assert normalise_order_number(number) == number
        assert normalise_order_number(number.lower().replace("-", " ")) == number


def test_normalise_order_number_forgives_look_alikes() -> None:
    number = next(n for n in iter(new_order_number, "") if "0" in n and "1" in n)
    assert normalise_order_number(number.replace("0", "O").replace("1", "l")) == number


@given(st.integers(0, 8), st.sampled_from(ALPHABET))
def test_normalise_order_number_notices_one_wrong_letter(place: int, letter: str) -> None:
    number = new_order_number()
    letters = list(number.replace("-", ""))
    if letters[place] == letter:
        return
    letters[place] = letter
    assert normalise_order_number("".join(letters)) is None


def test_new_order_number_tells_nothing_of_volume() -> None:
    numbers = [new_order_number() for _ in range(500)]
    assert len(set(numbers)) == 500
    assert len({number[0] for number in numbers}) > 20
