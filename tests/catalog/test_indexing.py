from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from catalog.indexing import index_changed, index_products
from catalog.models import (
    Attribute,
    AttributeChoice,
    Option,
    OptionValue,
    Product,
    ProductAttribute,
    SearchDocument,
    VariantOption,
)
from catalog.search import search_products
from catalog.tasks import index_changed_products
from tests.factories import NOW, make_category, make_product, make_variant

pytestmark = pytest.mark.django_db
LANGUAGES = 8


def _bigrams(text: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_bigrams(%s)", [text])
        return cursor.fetchone()[0]


def test_bigrams_split_runs_of_cjk_and_leave_other_words() -> None:
    assert _bigrams("青磁の急須 teapot") == "青磁 磁の の急 急須  teapot"
    assert _bigrams("茶") == "茶"
    assert _bigrams("plain words") == "plain words"


def test_each_active_product_has_a_document_per_language() -> None:
    product = make_product(title_en="Mug", title_de="Becher für Tee")
    draft = make_product(status=Product.Status.DRAFT)

    assert index_products([product.pk, draft.pk], now=NOW) == 1

    titles = dict(SearchDocument.objects.values_list("language", "title"))
    assert len(titles) == LANGUAGES
    assert (titles["de"], titles["fr"]) == ("becher fur tee", "mug")


def test_product_that_is_not_active_any_more_loses_its_documents() -> None:
    product = make_product()
    index_changed(now=NOW)
    Product.objects.update(status=Product.Status.ARCHIVED)

    assert index_changed(now=NOW) == 1
    assert not SearchDocument.objects.exists()
    assert index_changed(now=NOW) == 0
    assert product.search_documents.count() == 0


def test_sweep_leaves_alone_what_has_not_changed() -> None:
    make_product()

    assert [index_changed(now=NOW), index_changed(now=NOW)] == [1, 0]


def test_sweep_finds_a_change_that_was_stamped_before_the_last_sweep() -> None:
    """A transaction that is long under way commits with a stamp from when it began."""
    product = make_product(title_en="Mug")
    index_changed(now=NOW)
    earlier = product.changed_at - timedelta(hours=1)
    Product.objects.filter(pk=product.pk).update(title_en="Beaker", changed_at=earlier)

    assert index_changed(now=NOW) == 1
    assert search_products("beaker", language="en") == [product.pk]


def _variant_of_options() -> tuple[Product, OptionValue]:
    product = make_product(category=make_category())
    value = OptionValue.objects.create(
        option=Option.objects.create(code="colour", name="Colour"), code="ink", name="Ink"
    )
    VariantOption.objects.create(variant=make_variant(product), option=value.option, value=value)
    return product, value


def test_sweep_finds_what_changed_beside_the_product() -> None:
    product, value = _variant_of_options()
    attribute = Attribute.objects.create(code="material", name="Material")
    choice = AttributeChoice.objects.create(attribute=attribute, code="oak", name="Oak")
    ProductAttribute.objects.create(product=product, attribute=attribute, choice=choice)
    variant = product.variants.get()
    assert index_changed(now=NOW) == 1

    assert product.category is not None
    for row in (product.category, variant, value, choice):
        row.save()
        assert index_changed(now=NOW) == 1, row
    make_variant(product)
    assert index_changed(now=NOW) == 1
    product.attributes.all().delete()
    assert index_changed(now=NOW) == 1
    assert index_changed(now=NOW) == 0


def test_task_indexes_what_changed() -> None:
    product = make_product(title_en="Mug")

    index_changed_products()

    assert search_products("mug", language="ja") == [product.pk]
