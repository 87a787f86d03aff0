"""Search documents: one per active product and language, made in bulk inside the database."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from modeltranslation.utils import build_localized_fieldname

from catalog.search_languages import search_configuration, search_languages

BATCH = 500


def index_products(product_ids: Iterable[int], *, now: datetime) -> int:
    """Make the search documents of some products anew; give how many products have them.

    A product that is not active loses its documents. What is not translated is indexed in
    English in every language. Each batch is a transaction of its own.
    """
    ids = sorted(set(product_ids))
    return sum(
        _index_batch(ids[start : start + BATCH], now=now) for start in range(0, len(ids), BATCH)
    )


def index_changed(*, now: datetime) -> int:
    """Index every product that is not as its documents know it; give how many were looked at.

    A document remembers the change stamps of all that it was made from: its product, variants,
    category, option values and attributes. Any difference counts, so that what was committed
    late, with an older stamp, is found as well.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"languages": len(search_languages())})
        ids = [row[0] for row in cursor.fetchall()]
    index_products(ids, now=now)
    return len(ids)


def _index_batch(ids: list[int], *, now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_FORGET, {"ids": ids})
        rows = 0
        for language in search_languages():
            rows = cursor.execute(_statement(language), {"ids": ids, "now": now}).rowcount
    return int(rows)


def _statement(language: str) -> str:
    def text(column: str) -> str:
        table, _dot, name = column.partition(".")
        translated = f"{table}.{build_localized_fieldname(name, language)}"
        return f"coalesce(nullif({translated}, ''), {table}.{name}_en, '')"

    return _INDEX.format(
        language=language,
        config=search_configuration(language),
        title=text("product.title"),
        summary=text("product.summary"),
        description=text("product.description"),
        category=text("category.name"),
        value=text("value.name"),
        choice=text("choice.name"),
    )


# Two sweeps at once would only do the same work twice and wait for each other's rows.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('catalog.indexing'))"

_FORGET = """
DELETE FROM catalog_searchdocument document USING catalog_product product
WHERE product.id = document.product_id AND product.id = ANY(%(ids)s)
    AND product.status <> 'active'
"""

_SOURCE = """
    SELECT product.id AS product_id, md5(concat_ws('|',
        product.changed_at, category.changed_at,
        (
            SELECT string_agg(
                concat(variant.id, variant.changed_at, value.id, value.changed_at),
                ',' ORDER BY variant.id, value.id
            )
            FROM catalog_variant variant
            LEFT JOIN catalog_variantoption chosen ON chosen.variant_id = variant.id
            LEFT JOIN catalog_optionvalue value ON value.id = chosen.value_id
            WHERE variant.product_id = product.id
        ),
        (
            SELECT string_agg(
                concat(fact.id, fact.text, choice.id, choice.changed_at), ',' ORDER BY fact.id
            )
            FROM catalog_productattribute fact
            LEFT JOIN catalog_attributechoice choice ON choice.id = fact.choice_id
            WHERE fact.product_id = product.id
        )
    )) AS digest
    FROM catalog_product product
    LEFT JOIN catalog_category category ON category.id = product.category_id
    WHERE product.status = 'active'
"""

_CHANGED = f"""
WITH source AS ({_SOURCE})
SELECT source.product_id FROM source
WHERE %(languages)s <> (
    SELECT count(*) FROM catalog_searchdocument document
    WHERE document.product_id = source.product_id AND document.source = source.digest
)
UNION
SELECT document.product_id FROM catalog_searchdocument document
JOIN catalog_product product ON product.id = document.product_id
WHERE product.status <> 'active'
ORDER BY 1
"""  # noqa: S608 - put together from this module's own words

_INDEX = (
    "WITH source AS ("  # noqa: S608 - the same
    + _SOURCE
    + """
    AND product.id = ANY(%(ids)s)
), numbers AS (
    SELECT variant.product_id, string_agg(
        catalog_quote(variant.sku) || ':1A'
        || CASE WHEN variant.barcode = '' THEN ''
            ELSE ' ' || catalog_quote(variant.barcode) || ':1A' END,
        ' '
    )::tsvector AS vector
    FROM catalog_variant variant
    WHERE variant.product_id = ANY(%(ids)s) AND variant.is_active
    GROUP BY variant.product_id
), options AS (
    SELECT variant.product_id, string_agg(DISTINCT {value}, ' ') AS names
    FROM catalog_variant variant
    JOIN catalog_variantoption chosen ON chosen.variant_id = variant.id
    JOIN catalog_optionvalue value ON value.id = chosen.value_id
    WHERE variant.product_id = ANY(%(ids)s) AND variant.is_active
    GROUP BY variant.product_id
), facts AS (
    SELECT fact.product_id, string_agg(
        CASE WHEN choice.id IS NULL THEN fact.text ELSE {choice} END, ' ' ORDER BY fact.id
    ) AS names
    FROM catalog_productattribute fact
    LEFT JOIN catalog_attributechoice choice ON choice.id = fact.choice_id
    WHERE fact.product_id = ANY(%(ids)s)
    GROUP BY fact.product_id
)
INSERT INTO catalog_searchdocument (product_id, language, vector, title, source, indexed_at)
SELECT
    product.id,
    '{language}',
    setweight(to_tsvector('{config}', catalog_plain({title})), 'A')
        || coalesce(numbers.vector, '')
        || setweight(to_tsvector('{config}', catalog_plain(
            concat_ws(' ', product.brand, {category}, options.names)
        )), 'B')
        || setweight(to_tsvector('{config}', catalog_plain(
            left(concat_ws(' ', {summary}, {description}, facts.names), 100000)
        )), 'C'),
    left(catalog_fold(concat_ws(' ', {title}, nullif(product.brand, ''))), 240),
    source.digest,
    %(now)s
FROM source
JOIN catalog_product product ON product.id = source.product_id
LEFT JOIN catalog_category category ON category.id = product.category_id
LEFT JOIN numbers ON numbers.product_id = product.id
LEFT JOIN options ON options.product_id = product.id
LEFT JOIN facts ON facts.product_id = product.id
ORDER BY product.id
ON CONFLICT (product_id, language) DO UPDATE SET
    vector = excluded.vector,
    title = excluded.title,
    source = excluded.source,
    indexed_at = excluded.indexed_at
"""
)
