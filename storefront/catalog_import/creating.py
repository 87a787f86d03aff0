"""New rows in a handful of statements per batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from djmoney.money import Money

from catalog.models import Media, Product, Variant, VariantOption
from markets.models import BasePrice
from storefront.catalog_import.options import Options
from storefront.catalog_import.rows import ImportedPicture, ImportedProduct, ImportedVariant


def variant_fields(imported: ImportedVariant) -> dict[str, Any]:
    """Give the columns of a variant that its file speaks of."""
    fields = {
        "barcode": imported.barcode,
        "weight_grams": imported.weight_grams,
        "hs_code": imported.hs_code,
        "origin_country": imported.origin_country,
        "tax_category_id": imported.tax_category,
    }
    return {name: value for name, value in fields.items() if value is not None}


def create_variants(
    rows: Sequence[tuple[Product, int, ImportedVariant]], *, options: Options, now: datetime
) -> list[Variant]:
    """Create variants at a position of their product, with options and base prices."""
    variants = Variant.objects.bulk_create(
        Variant(product=product, sku=row.sku, position=position, **variant_fields(row))
        for product, position, row in rows
    )
    VariantOption.objects.bulk_create(
        chosen
        for variant, (_product, _position, row) in zip(variants, rows, strict=True)
        for chosen in chosen_options(variant, row, options=options)
    )
    # They are seen by nobody yet, so that nothing has to be locked or closed.
    BasePrice.objects.bulk_create(
        BasePrice(variant=variant, valid_from=now, **_price_fields(row))
        for variant, (_product, _position, row) in zip(variants, rows, strict=True)
    )
    return variants


def _price_fields(imported: ImportedVariant) -> dict[str, Any]:
    return {"amount": Money(imported.price, imported.currency), "cost": imported.cost}


def chosen_options(
    variant: Variant, imported: ImportedVariant, *, options: Options
) -> list[VariantOption]:
    values = [options.value(axis, value) for axis, value in imported.options]
    return [VariantOption(variant=variant, option=row.option, value=row) for row in values]


def new_picture(
    product: Product,
    picture: ImportedPicture,
    *,
    position: int,
    imported: ImportedProduct,
    variants: dict[str, Variant],
) -> Media:
    """Make a picture's row; it is a variant's where exactly one of them names it."""
    named_by = [row.sku for row in imported.variants if row.picture == picture.url]
    return Media(
        product=product,
        variant=variants[named_by[0]]
        if len(named_by) == 1 and len(imported.variants) > 1
        else None,
        source_url=picture.url,
        alt=picture.alt,
        alt_en=picture.alt,
        position=position,
    )
