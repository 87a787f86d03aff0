from typing import Any

import pytest

from catalog.indexing import index_products
from catalog.models import Option, OptionValue, Product, VariantOption
from catalog.search import search_products
from tests.factories import NOW, make_category, make_product, make_variant

pytestmark = pytest.mark.django_db

TEAPOT = {
    "title_en": "Stoneware teapot",
    "title_de": "Grüne Teekanne aus Steinzeug",
    "title_fr": "Théière en grès",
    "title_es": "Tetera de gres con asa de bambú",
    "title_pt_br": "Bule de grés para chá",
    "title_ja": "青磁の急須",
    "title_zh_hans": "青瓷茶壶",
    "title_ar": "إبريق شاي من الخزف",
}


@pytest.fixture
def teapot() -> Product:
    product = make_product(**TEAPOT)
    make_variant(product, sku="TEA-CEL-1", barcode="4006381333931")
    other = make_product(title_en="Walnut desk clock", title_ja="机の時計")
    _index(product, other)
    return product


def _index(*products: Product) -> None:
    index_products([product.pk for product in products], now=NOW)


@pytest.mark.parametrize(
    ("language", "query"),
    [
        ("en", "teapots"),
        ("en", "stonew"),
        ("en", "teapot stoneware"),
        ("en", "stonware teepot"),
        ("de", "Teekannen"),
        ("de", "grune teekanne"),
        ("de", "GRÜNE TEEK"),
        ("de", "eine Teekanne für"),
        ("de", "tekanne"),
        ("fr", "theiere"),
        ("fr", "THÉIÈRES"),
        ("fr", "la théière en gres"),
        ("fr", "theyere"),
        ("es", "teteras bambu"),
        ("es", "tetrea"),
        ("pt-br", "bule cha"),
        ("pt-br", "bules de grês"),
        ("ja", "急須"),
        ("ja", "青磁 急須"),
        ("ja", "須"),
        ("ja", "青磁の急"),
        ("zh-hans", "茶壶"),
        ("zh-hans", "壶"),
        ("zh-hans", "青瓷 茶壶"),
        ("ar", "ابريق"),
        ("ar", "إِبْرِيق"),
        ("ar", "الشاي"),
        *((language, "TEA-CEL-1") for language in ("en", "de", "ja", "ar")),
        ("en", "tea-cel"),
        ("en", "4006381333931"),
        ("zh-hans", "ＴＥＡ－ＣＥＬ－１"),
    ],
)
def test_search_finds_the_teapot_alone(teapot: Product, language: str, query: str) -> None:
    assert search_products(query, language=language) == [teapot.pk]


@pytest.mark.parametrize(
    ("language", "query"),
    [
        ("en", ""),
        ("en", "   "),
        ("en", "!?&|:*'\\()"),
        ("en", "\0"),
        ("en", "lawnmower"),
        ("ja", "猫"),
        ("de", "急須"),
    ],
)
def test_search_finds_nothing(teapot: Product, language: str, query: str) -> None:
    assert search_products(query, language=language) == []


def test_search_survives_any_characters(teapot: Product) -> None:
    for query in ["'", "a' | b", "\\", "<->", "tea:*", "()", "é" * 500, "x " * 500, "茶" * 300]:
        search_products(query, language="ja")


def test_search_in_a_language_without_translation_finds_the_english_text() -> None:
    clock = make_product(title_en="Walnut desk clocks")
    _index(clock)

    for language in ("de", "fr", "es", "pt-br", "ja", "zh-hans", "ar"):
        assert search_products("walnut", language=language) == [clock.pk]


def test_search_puts_a_title_before_a_description() -> None:
    lamp = make_product(title_en="Desk lamp", description_en="<p>Goes with our vase.</p>")
    vase = make_product(title_en="Vase", description_en="<p>For a lamp table.</p>")
    also = make_product(title_en="Vase, large")
    _index(lamp, vase, also)

    assert search_products("vase", language="en") == [vase.pk, also.pk, lamp.pk]


def test_search_knows_brand_category_and_options() -> None:
    product = make_product(
        title_en="Mug", brand="Kiln & Quay", category=make_category(name_en="Tableware")
    )
    variant = make_variant(product)
    option = Option.objects.create(code="colour", name="Colour")
    value = OptionValue.objects.create(
        option=option, code="celadon", name_en="Celadon", name_de="Seladon"
    )
    VariantOption.objects.create(variant=variant, option=option, value=value)
    _index(product)

    for query in ("kiln", "tableware", "celadon mug"):
        assert search_products(query, language="en") == [product.pk]
    assert search_products("seladon", language="de") == [product.pk]


def test_search_does_not_match_tags() -> None:
    product = make_product(title_en="Mug", description_en="<p><strong>Thrown</strong></p>")
    _index(product)

    assert search_products("strong", language="en") == []
    assert search_products("thrown", language="en") == [product.pk]


def test_search_leaves_out_products_that_are_not_active_any_more(teapot: Product) -> None:
    Product.objects.update(status=Product.Status.ARCHIVED)

    assert search_products("teapot", language="en") == []


def test_search_gives_no_more_than_asked_for() -> None:
    products = [make_product(title_en=f"Mug {number}") for number in range(5)]
    _index(*products)

    assert len(search_products("mug", language="en", limit=3)) == 3


def test_search_asks_for_lookalikes_only_when_words_find_too_little(
    django_assert_num_queries: Any,
) -> None:
    _index(*[make_product(title_en=f"Mug {number}") for number in range(3)])

    with django_assert_num_queries(1):
        search_products("mug", language="en")


def test_search_refuses_a_language_that_is_not_the_shops() -> None:
    with pytest.raises(ValueError, match="xx"):
        search_products("mug", language="xx")
