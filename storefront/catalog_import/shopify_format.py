"""Shopify's product CSV: rows of one product share a handle; some rows are only a picture.

Newer exports spell some headers otherwise; both spellings are read. A row names an option only
in the first row of its product. Rows without a SKU get one from their handle and options, the
same at every import.
"""

import re
from collections import defaultdict
from functools import partial
from typing import Any

from django.utils.text import slugify

from catalog.html import clean_html
from catalog.models import Product
from storefront.catalog_import.cells import Cells, read_options
from storefront.catalog_import.grouping import Draft, group
from storefront.catalog_import.known import Known
from storefront.catalog_import.rows import ImportedPicture, ImportedVariant, Parsed
from storefront.catalog_import.table import Record, Table
from storefront.catalog_import.values import (
    read_amount,
    read_barcode,
    read_choice,
    read_count,
    read_country,
    read_hs_code,
    read_key,
    read_price,
    read_text,
    read_web_address,
)

# Newer spelling to older one.
_SPELLINGS = {
    "url handle": "handle",
    "description": "body (html)",
    "published on online store": "published",
    "sku": "variant sku",
    "barcode": "variant barcode",
    "price": "variant price",
    "weight value (grams)": "variant grams",
    "inventory quantity": "variant inventory qty",
    "product image url": "image src",
    "variant image url": "variant image",
    "hs code": "variant hs code",
    "country of origin": "variant country of origin",
}
# What tells a row of a variant from one that is only a picture.
_OF_VARIANTS = ("variant sku", "variant price", "option1 value", "variant barcode")
_DEFAULT_OPTION = ("title", "default title")


def is_shopify(columns: tuple[str, ...]) -> bool:
    names = {_SPELLINGS.get(column, column) for column in columns}
    return {"handle", "title", "variant price"} <= names


def parse_shopify(table: Table, *, known: Known, currency: str) -> Parsed:
    """Understand a Shopify file, whose prices are in `currency`: it names none."""
    drafts: dict[str, Draft] = defaultdict(Draft)
    options: dict[str, dict[str, str]] = defaultdict(dict)
    positions: dict[str, list[tuple[int, ImportedPicture]]] = defaultdict(list)
    for row in table.records:
        record = Record(row.line, {_SPELLINGS.get(k, k): v for k, v in row.cells.items()})
        cells = Cells(record)
        handle = cells.require("handle", read_key, missing="is missing")
        key = handle or f"line {record.line}"
        draft = drafts[key]
        draft.lines.append(record.line)
        _describe(draft, cells, known=known)
        _read_picture(cells, positions[key])
        if any(record.get(column) for column in _OF_VARIANTS):
            named = Cells(_with_option_names(record, options[key]), cells.errors)
            variant = _variant(named, handle=key, currency=currency, number=len(draft.variants))
            if variant:
                draft.variants.append(variant)
                if variant.picture:
                    positions[key].append((10_000, ImportedPicture(variant.picture)))
        draft.errors += cells.errors
    for key, pictures in positions.items():
        for _position, picture in sorted(pictures, key=lambda entry: entry[0]):
            drafts[key].add_picture(picture)
    return group(drafts, broken=table.errors, known=known)


def _describe(draft: Draft, cells: Cells, *, known: Known) -> None:
    draft.describe(
        title=cells.read("title", partial(read_text, longest=200)),
        description=cells.read("body (html)", clean_html),
        brand=cells.read("vendor", partial(read_text, longest=80)),
        category=_category(cells.record, known=known),
        status=_status(cells),
    )


def _category(record: Record, *, known: Known) -> str | None:
    """A type that is spelt as one of the catalogue's keys is that category; others are not kept."""
    key = slugify(record.get("type"))
    return key if key in known.categories else None


def _status(cells: Cells) -> str | None:
    status = cells.read("status", partial(read_choice, known=Product.Status.values, what="status"))
    if status is None and cells.record.get("published").lower() == "false":
        return Product.Status.DRAFT
    return status


def _read_picture(cells: Cells, pictures: list[tuple[int, ImportedPicture]]) -> None:
    address = cells.read("image src", read_web_address)
    position = cells.read("image position", read_count)
    alt = cells.read("image alt text", partial(read_text, longest=200))
    if address:
        last = pictures[-1][0] if pictures else 0
        pictures.append(
            (last if position is None else position, ImportedPicture(address, alt or ""))
        )


def _with_option_names(record: Record, names: dict[str, str]) -> Record:
    """Give a row the names of its options, which only a product's first row states."""
    cells = dict(record.cells)
    for number in (1, 2, 3):
        column = f"option{number} name"
        if record.get(column):
            names.setdefault(column, record.get(column))
        if record.get(f"option{number} value"):
            cells[column] = names.get(column, "")
        else:
            cells[column] = ""
    if (cells["option1 name"].lower(), record.get("option1 value").lower()) == _DEFAULT_OPTION:
        cells["option1 name"] = cells["option1 value"] = ""
    return Record(record.line, cells)


def _variant(cells: Cells, *, handle: str, currency: str, number: int) -> ImportedVariant | None:
    options = read_options(
        cells, [(f"option{place} name", f"option{place} value") for place in (1, 2, 3)]
    )
    sku = cells.read("variant sku", _read_sku) or _made_up_sku(handle, options)
    price = cells.require(
        "variant price", partial(read_price, currency=currency), missing="is missing"
    )
    details: dict[str, Any] = {
        "cost": cells.read("cost per item", partial(read_amount, currency=currency)),
        "barcode": cells.read("variant barcode", read_barcode),
        "weight_grams": cells.read("variant grams", read_count),
        "hs_code": cells.read("variant hs code", read_hs_code),
        "origin_country": cells.read("variant country of origin", read_country),
        "picture": cells.read("variant image", read_web_address),
        "stock": cells.read("variant inventory qty", _read_stock),
    }
    if cells.errors or price is None:
        return None
    return ImportedVariant(
        line=cells.record.line,
        sku=sku,
        price=price,
        currency=currency,
        options=options,
        **details,
    )


def _read_sku(cell: str) -> str:
    # The apostrophe keeps spreadsheets from taking a SKU of digits for a number.
    return read_text(cell.removeprefix("'"), longest=64)


def _read_stock(cell: str) -> int:
    """Shopify counts below zero what it sold without having it."""
    return 0 if re.fullmatch(r"-\d+", cell) else read_count(cell)


def _made_up_sku(handle: str, options: tuple[tuple[str, str], ...]) -> str:
    words = [handle, *(slugify(value, allow_unicode=True) or "-" for _name, value in options)]
    return "-".join(words)[:64]
