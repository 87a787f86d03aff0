"""Search in a shop's language: whole words first, look-alikes where they find too little."""

import re
import unicodedata

from django.db import connection, transaction

from catalog.search_languages import search_configuration

# Fewer finds than this, and look-alikes are asked as well.
ENOUGH = 3
# 'lether' finds leather and 'laufschue' a Laufschuh from here on; below it comes noise.
SIMILAR = 0.4
# How much less alike than the best look-alike another one may be.
MARGIN = 0.2
MAX_CHARACTERS = 200
MAX_WORDS = 10

_SINGLE_CJK = re.compile(r"[぀-ヿㇰ-ㇿ㐀-䶿一-鿿々〆豈-﫿]")


def search_products(query: str, *, language: str, limit: int = 240) -> list[int]:
    """Find active products; give their ids, best first.

    Every word has to be there, by its stem, as the beginning of one (the last word) or as an
    article number or barcode. Where that finds too little, titles that are spelt nearly so
    follow. An empty query finds nothing.
    """
    text = unicodedata.normalize("NFKC", query).replace("\0", " ").strip()[:MAX_CHARACTERS]
    words = text.split()[:MAX_WORDS]
    if not words:
        return []
    found = _find_words(words, language=language, limit=limit)
    if len(found) < ENOUGH:
        found += _find_alike(" ".join(words), language=language, limit=limit, known=found)
    return found[:limit]


def _find_words(words: list[str], *, language: str, limit: int) -> list[int]:
    # Pairs of characters cannot find one character alone.
    single = [word for word in words if _SINGLE_CJK.fullmatch(word)]
    longer = [word for word in words if word not in single]
    with connection.cursor() as cursor:
        cursor.execute(
            _WORDS,
            {
                "config": search_configuration(language),
                "language": language,
                "words": longer,
                "single": [f"%{character}%" for character in single],
                "any_word": bool(longer),
                "text": " ".join(words),
                "limit": limit,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _find_alike(text: str, *, language: str, limit: int, known: list[int]) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(SIMILAR)]
        )
        cursor.execute(_ALIKE, {"language": language, "text": text, "limit": limit, "known": known})
        rows = cursor.fetchall()
    return [product for product, likeness in rows if likeness >= rows[0][1] - MARGIN]


_WORDS = """
WITH asked AS MATERIALIZED (
    SELECT catalog_query(%(config)s::regconfig, %(words)s::text[]) AS words,
        catalog_fold(%(text)s) AS text
)
SELECT document.product_id
FROM asked, catalog_searchdocument document
JOIN catalog_product product ON product.id = document.product_id AND product.status = 'active'
WHERE document.language = %(language)s
    AND (NOT %(any_word)s OR document.vector @@ asked.words)
    AND document.title LIKE ALL(%(single)s::text[])
ORDER BY coalesce(ts_rank(document.vector, asked.words), 0) DESC,
    similarity(document.title, asked.text) DESC,
    document.product_id
LIMIT %(limit)s
"""

_ALIKE = """
WITH asked AS MATERIALIZED (SELECT catalog_fold(%(text)s) AS text)
SELECT document.product_id, word_similarity(asked.text, document.title) AS likeness
FROM asked, catalog_searchdocument document
JOIN catalog_product product ON product.id = document.product_id AND product.status = 'active'
WHERE document.language = %(language)s AND asked.text <%% document.title
    AND document.product_id <> ALL(%(known)s::bigint[])
ORDER BY likeness DESC, similarity(asked.text, document.title) DESC, document.product_id
LIMIT %(limit)s
"""
