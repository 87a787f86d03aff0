from typing import Any

import pytest
from django.utils import translation

from catalog.models import Category, Option, OptionValue, Product, Variant, VariantOption
from catalog.selectors import (
    category_with_descendants,
    get_category,
    get_product,
    list_ancestors,
    list_categories,
    list_products,
    list_root_categories,
    translated_slug,
    variant_label,
)
from tests.factories import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db


def test_product_is_found_by_its_slug_in_the_language_else_in_english() -> None:
    product = make_product(slug_en="teapot", slug_de="teekanne")

    assert get_product("teekanne", language="de") == product
    assert get_product("teapot", language="de") == product
    assert get_product("teapot", language="ja") == product
    with pytest.raises(Product.DoesNotExist):
        get_product("teekanne", language="fr")


def test_product_slug_of_the_language_wins_over_an_english_one_of_another_product() -> None:
    make_product(slug_en="gift", slug_de="geschenk")
    poison = make_product(slug_en="poison", slug_de="gift")

    assert get_product("gift", language="de") == poison


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_product_that_is_not_active_is_not_shown(status: str) -> None:
    make_product(slug_en="teapot", status=status)

    with pytest.raises(Product.DoesNotExist):
        get_product("teapot", language="en")


def test_product_comes_with_variants_for_sale_and_asks_nothing_more(
    django_assert_num_queries: Any,
) -> None:
    product = make_product(slug_en="teapot", category=make_category())
    sold = [make_variant(product), make_variant(product)]
    make_variant(product, is_active=False)

    found = get_product("teapot", language="en")

    with django_assert_num_queries(0):
        assert list(found.variants.all()) == sold
        assert [variant_label(variant) for variant in found.variants.all()] == ["", ""]
        assert found.category is not None
        assert [list(found.media.all()), list(found.attributes.all())] == [[], []]


def test_hidden_category_is_not_found() -> None:
    make_category(slug_en="old", is_active=False)

    with pytest.raises(Category.DoesNotExist):
        get_category("old", language="en")


def test_categories_are_listed_as_a_tree_without_what_is_below_a_hidden_one() -> None:
    late = make_category(position=2)
    early = make_category(position=1)
    hidden = make_category(position=3, is_active=False)
    child = make_category(parent=early)
    grandchild = make_category(parent=child)
    make_category(parent=hidden)

    assert list_categories() == [early, child, grandchild, late]
    assert list_root_categories() == [early, late]


def test_category_with_descendants_leaves_out_hidden_ones(django_assert_num_queries: Any) -> None:
    root = make_category()
    child = make_category(parent=root)
    grandchild = make_category(parent=child)
    make_category(parent=root, is_active=False)
    make_category()

    with django_assert_num_queries(1):
        assert category_with_descendants(root) == [root.pk, child.pk, grandchild.pk]


def test_descendants_and_ancestors_end_in_a_circle() -> None:
    first, second = make_category(), make_category()
    Category.objects.filter(pk=first.pk).update(parent=second)
    Category.objects.filter(pk=second.pk).update(parent=first)
    first.refresh_from_db()

    assert set(category_with_descendants(first)) == {first.pk, second.pk}
    assert len(list_ancestors(first)) > 1


def test_ancestors_are_listed_from_the_top() -> None:
    root = make_category()
    child = make_category(parent=root)

    assert list_ancestors(make_category(parent=child)) == [root, child]
    assert list_ancestors(root) == []


def test_products_keep_the_order_of_their_ids() -> None:
    first, second = make_product(), make_product()
    draft = make_product(status=Product.Status.DRAFT)

    assert list_products([second.pk, draft.pk, first.pk]) == [second, first]


def _variant_in_two_options() -> Variant:
    variant = make_variant()
    for code, value, names in [
        ("colour", "celadon", {"name_en": "Celadon", "name_de": "Seladon", "name_ja": "青磁"}),
        ("size", "large", {"name_en": "large", "name_de": "groß", "name_ja": "大"}),
    ]:
        option = Option.objects.create(code=code, name=code.title())
        chosen = OptionValue.objects.create(option=option, code=value, **names)
        VariantOption.objects.create(variant=variant, option=option, value=chosen)
    return variant


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "Celadon, large"),
        ("de", "Seladon, groß"),
        ("ja", "青磁、大"),
        ("fr", "Celadon, large"),
    ],
)
def test_variant_label_speaks_the_active_language(language: str, label: str) -> None:
    variant = _variant_in_two_options()

    with translation.override(language):
        assert variant_label(variant) == label


def test_translated_slug_does_not_depend_on_the_active_language() -> None:
    product = make_product(slug_en="teapot", slug_de="teekanne")

    with translation.override("de"):
        assert translated_slug(product, "en") == "teapot"
        assert translated_slug(product, "ja") == "teapot"
    assert translated_slug(product, "de") == "teekanne"
