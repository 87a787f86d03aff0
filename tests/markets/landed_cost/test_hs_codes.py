"""Finding headings: by words of several languages, whole words first, and by own goods."""

from time import monotonic

import pytest

from markets.landed_cost.hs_codes import find_hs_codes
from markets.landed_cost.hs_words import meanings_of
from markets.landed_cost.loading import load_hs_codes
from tests.factories import make_product, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nomenclature() -> None:
    load_hs_codes()


def first(words: str) -> str:
    return find_hs_codes(words)[0].code


WORDS = {
    "shirt": "6105", "Hemd": "6105", "6109": "6109", "cotton t-shirts": "610910",
    "tshirt": "6109", "Schuhe": "64", "leather shoes": "64", "tea": "0902", "Teekanne": "69",
    "ceramic mug": "6912", "books": "4901", "dresses": "6104", "knives": "8211",
    "Baumwollhemd": "610510", "chaussures cuir": "64", "綿シャツ": "610510", "حذاء": "64",
    "Kerzen": "3406", "jouets": "9503", "Schurze": "6", "9503.00": "950300", "green tea": "0902",
}  # fmt: skip


def test_everyday_words_find_their_heading_first() -> None:
    found = {words: first(words)[: len(code)] for words, code in WORDS.items()}
    assert found == WORDS


def test_part_of_a_word_comes_last() -> None:
    found = [code.description.lower() for code in find_hs_codes("dress")]
    assert "undressed" not in " ".join(found[:10])


def test_odd_words_are_answered_without_delay() -> None:
    for words in ("", "  ", "zeppelin", "x(y", "\\m[", "%", "mug" * 200, "a " * 99):
        began = monotonic()
        find_hs_codes(words)
        assert monotonic() - began < 5, words


def test_codes_of_goods_that_the_shop_has_come_first() -> None:
    product = make_product(title="Picnic set", title_de="Brotzeitbrettl")
    make_variant(product, sku="P-1", hs_code="4419110000")
    assert first("brotzeitbrettl") == "441911"
    assert first("picnic set") == "441911"


def test_compound_means_all_of_its_parts_once() -> None:
    found = {meaning.words for meaning in meanings_of("Baumwolldecken")}
    assert found == {("cotton",), ("blanket",)}
    assert meanings_of("zeppelin") == ()
