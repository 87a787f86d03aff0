from collections.abc import Iterable
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.utils.translation import get_language
from modeltranslation.utils import build_localized_fieldname

from catalog.category_tree import walk
from catalog.models import Category, Product, Variant

# Between the values of a variant, where a comma and a space would be foreign.
_SEPARATORS = {"ar": "، ", "ja": "、", "zh-hans": "，"}
_Row = TypeVar("_Row", Category, Product)


def get_product(slug: str, *, language: str) -> Product:
    """Get an active product by its slug in a language, else by its English one.

    Comes with its category, its variants for sale with their options and pictures, its own
    pictures and its attributes, in seven queries at most. Raises Product.DoesNotExist.
    """
    products = with_details(Product.objects.filter(status=Product.Status.ACTIVE))
    return _by_slug(products, slug, language=language)


def get_category(slug: str, *, language: str) -> Category:
    """Get a shown category by its slug in a language, else by its English one.

    Raises Category.DoesNotExist.
    """
    categories = Category.objects.filter(is_active=True).select_related("parent")
    return _by_slug(categories, slug, language=language)


def list_categories() -> list[Category]:
    """List the shown categories, each before its children; what is below a hidden one is hidden."""
    return [category for category, _depth in walk(list(Category.objects.filter(is_active=True)))]


def list_root_categories() -> list[Category]:
    """List the shown categories that stand below no other, as a shop's menu has them."""
    return list(Category.objects.filter(is_active=True, parent=None))


def category_with_descendants(category: Category) -> list[int]:
    """Give the ids of a category and of every shown one below it, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_DESCENDANTS, [category.pk])
        return [row[0] for row in cursor.fetchall()]


def list_ancestors(category: Category) -> list[Category]:
    """List the categories above one, the topmost first, in one query."""
    return list(Category.objects.raw(_ANCESTORS, [category.parent_id]))


def category_ids_of(product_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Give each product's category and all above it, shown or hidden, in one query.

    Products without a category have none; those that are not there are left out.
    """
    ids = sorted(set(product_ids))
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CATEGORIES_OF, [ids])
        return {product: frozenset(categories) for product, categories in cursor.fetchall()}


def with_details(products: QuerySet[Product]) -> QuerySet[Product]:
    """Prefetch what a product's page shows of it; `variants` are then those for sale."""
    variants = Variant.objects.filter(is_active=True).prefetch_related(
        "options__option", "options__value", "media"
    )
    return products.select_related("category").prefetch_related(
        Prefetch("variants", queryset=variants),
        "media",
        "attributes__attribute",
        "attributes__choice",
    )


def with_pictures(products: QuerySet[Product]) -> QuerySet[Product]:
    """Prefetch what a product's card in a list shows of it: variants for sale and pictures."""
    return products.prefetch_related(
        Prefetch("variants", queryset=Variant.objects.filter(is_active=True)), "media"
    )


def list_products(product_ids: Iterable[int]) -> list[Product]:
    """List the active ones of some products in the order of their ids, ready for cards."""
    ids = list(product_ids)
    active = Product.objects.filter(pk__in=ids, status=Product.Status.ACTIVE)
    found = {product.pk: product for product in with_pictures(active)}
    return [found[pk] for pk in ids if pk in found]


def variant_label(variant: Variant) -> str:
    """Name a variant by its options in the active language: "Celadon, large"; else ""."""
    separator = _SEPARATORS.get(get_language() or settings.LANGUAGE_CODE, ", ")
    return separator.join(option.value.name for option in variant.options.all())


def translated_slug(obj: Category | Product, language: str) -> str:
    """Give the slug that stands in an address of a language, whichever language is active."""
    slug = getattr(obj, build_localized_fieldname("slug", language))
    return str(slug or obj.slug_en)  # type: ignore[union-attr]


def _by_slug(rows: QuerySet[_Row], slug: str, *, language: str) -> _Row:
    field = build_localized_fieldname("slug", language)
    found = rows.filter(**{field: slug}).first()
    return found or rows.get(slug_en=slug)


# UNION without ALL ends even where an update has made a circle.
_DESCENDANTS = """
WITH RECURSIVE below AS (
    SELECT %s::bigint AS id
    UNION
    SELECT child.id FROM catalog_category child
    JOIN below ON child.parent_id = below.id WHERE child.is_active
)
SELECT id FROM below ORDER BY id
"""
_ANCESTORS = """
WITH RECURSIVE above AS (
    SELECT parent.*, 0 AS height FROM catalog_category parent WHERE parent.id = %s
    UNION
    SELECT parent.*, above.height + 1 FROM catalog_category parent
    JOIN above ON parent.id = above.parent_id WHERE above.height < 20
)
SELECT * FROM above ORDER BY height DESC
"""
_CATEGORIES_OF = """
WITH RECURSIVE above AS (
    SELECT product.id AS product, product.category_id AS category
    FROM catalog_product product WHERE product.id = ANY(%s)
    UNION
    SELECT above.product, parent.parent_id FROM above
    JOIN catalog_category parent ON parent.id = above.category
)
SELECT product, coalesce(array_agg(category) FILTER (WHERE category IS NOT NULL), '{}')
FROM above GROUP BY product
"""
