"""Our own CSV: one row per variant, rows of one product share their key.

Columns: sku, title and a price (`price`, or `price_gbp` which names the currency) are needed;
key, description, brand, category, status, currency, cost, barcode, weight_grams, hs_code,
origin_country, tax_category, option1_name, option1_value … option3_value, image, image_alt and
stock may be there. A key that is left out is the SKU.
"""

import re
from collections import defaultdict
from functools import partial
from typing import Any

from catalog.html import clean_html
from catalog.models import Product
from storefront.catalog_import.cells import Cells, read_options
from storefront.catalog_import.grouping import Draft, group
from storefront.catalog_import.known import Known
from storefront.catalog_import.rows import BadValue, ImportedPicture, ImportedVariant, Parsed
from storefront.catalog_import.table import FileRefused, Table
from storefront.catalog_import.titles import sentence_case
from storefront.catalog_import.values import (
    read_amount,
    read_barcode,
    read_choice,
    read_count,
    read_country,
    read_currency,
    read_hs_code,
    read_key,
    read_price,
    read_text,
    read_web_address,
)

_PRICE = re.compile(r"price(_[a-z]{3})?")
_OPTIONS = [f"option{number}_{part}" for number in (1, 2, 3) for part in ("name", "value")]
_COLUMNS = frozenset({
    "sku", "title", "key", "description", "brand", "category", "status", "currency", "cost",
    "barcode", "weight_grams", "hs_code", "origin_country", "tax_category", "image", "image_alt",
    "stock", *_OPTIONS,
})  # fmt: skip


def is_own(columns: tuple[str, ...]) -> bool:
    return {"sku", "title"} <= set(columns) and any(map(_PRICE.fullmatch, columns))


def parse_own(table: Table, *, known: Known, currency: str | None) -> Parsed:
    """Understand a file of our own form; `currency` is for rows that name none."""
    prices = [column for column in table.columns if _PRICE.fullmatch(column)]
    if len(prices) > 1:
        raise FileRefused(f"The file has several prices: {', '.join(prices)}. Keep one.")
    currency = _currency_of(prices[0]) or currency
    ignored = [name for name in table.columns if name not in _COLUMNS and name not in prices]
    notes = [f"Columns that mean nothing here: {', '.join(ignored)}."] if ignored else []

    drafts: dict[str, Draft] = defaultdict(Draft)
    for record in table.records:
        cells = Cells(record)
        key = _key(cells)
        draft = drafts[key]
        draft.lines.append(record.line)
        title = cells.read("title", partial(read_text, longest=200))
        draft.describe(
            title=sentence_case(title or ""),
            description=cells.read("description", clean_html),
            brand=cells.read("brand", partial(read_text, longest=80)),
            category=cells.read(
                "category", partial(read_choice, known=known.categories, what="category")
            ),
            status=cells.read(
                "status", partial(read_choice, known=Product.Status.values, what="status")
            ),
        )
        picture = cells.read("image", read_web_address)
        if picture:
            alt = cells.read("image_alt", partial(read_text, longest=200))
            draft.add_picture(ImportedPicture(picture, alt or ""))
        variant = _variant(
            cells, known=known, price_column=prices[0], currency=currency, picture=picture
        )
        if variant:
            draft.variants.append(variant)
        draft.errors += cells.errors
    return group(drafts, broken=table.errors, known=known, notes=notes)


def _currency_of(column: str) -> str | None:
    _price, _bar, code = column.partition("_")
    try:
        return read_currency(code) if code else None
    except BadValue as bad:
        raise FileRefused(f"The column {column} names no currency: {bad}.") from None


def _key(cells: Cells) -> str:
    key = cells.read("key", read_key)
    # A row without a usable name is a product of its own: it spoils no other.
    return key or re.sub(r"[^-\w]+", "-", cells.record.get("sku")) or f"line {cells.record.line}"


def _variant(
    cells: Cells, *, known: Known, price_column: str, currency: str | None, picture: str | None
) -> ImportedVariant | None:
    sku = cells.require("sku", partial(read_text, longest=64), missing="is missing")
    if currency and not cells.record.get("currency"):
        money: str | None = currency
    else:
        money = cells.require(
            "currency", read_currency, missing="is missing; name it here or with --currency"
        )
    if money is None:
        return None
    price = cells.require(price_column, partial(read_price, currency=money), missing="is missing")
    details: dict[str, Any] = {
        "cost": cells.read("cost", partial(read_amount, currency=money)),
        "barcode": cells.read("barcode", read_barcode),
        "weight_grams": cells.read("weight_grams", read_count),
        "hs_code": cells.read("hs_code", read_hs_code),
        "origin_country": cells.read("origin_country", read_country),
        "tax_category": cells.read(
            "tax_category", partial(read_choice, known=known.tax_categories, what="tax category")
        ),
        "stock": cells.read("stock", read_count),
    }
    options = read_options(
        cells, [(f"option{number}_name", f"option{number}_value") for number in (1, 2, 3)]
    )
    if cells.errors or sku is None or price is None:
        return None
    return ImportedVariant(
        line=cells.record.line,
        sku=sku,
        price=price,
        currency=money,
        options=options,
        picture=picture,
        **details,
    )
