"""Bringing the catalogue to what a file says, and writing only what differs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from djmoney.money import Money

from catalog.models import Category, Media, Product, Variant, VariantOption
from markets.models import BasePrice
from markets.pricing import set_base_price
from markets.ranges import in_force
from storefront.catalog_import.creating import (
    chosen_options,
    create_variants,
    new_picture,
    variant_fields,
)
from storefront.catalog_import.options import Options
from storefront.catalog_import.rows import ImportedProduct, ImportedVariant
from storefront.catalog_import.slugs import Slugs


@dataclass
class Outcome:
    """What an import did; `priced` are the variants whose base price is new."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    priced: set[int] = field(default_factory=set)

    @property
    def products(self) -> int:
        return self.added + self.changed + self.unchanged


class Saver:
    """Saves batches of one file; `category` is for new products whose rows name none."""

    def __init__(self, *, category: Category, now: datetime) -> None:
        self.outcome = Outcome()
        self._category = category
        self._now = now
        self._slugs = Slugs()
        self._options = Options()
        self._categories = {row.key: row for row in Category.objects.all()}

    @transaction.atomic
    def save(self, batch: Sequence[ImportedProduct]) -> None:
        """Save some products, all of them or none; locks those that exist."""
        existing = _lock_products([imported.key for imported in batch])
        self._create([imported for imported in batch if imported.key not in existing])
        prices = _prices_in_force(existing, now=self._now)
        for imported in batch:
            if imported.key not in existing:
                continue
            if self._update(existing[imported.key], imported, prices=prices):
                self.outcome.changed += 1
            else:
                self.outcome.unchanged += 1

    def _create(self, batch: Sequence[ImportedProduct]) -> None:
        products = Product.objects.bulk_create(
            Product(
                key=imported.key,
                slug=self._slugs.make(imported.title, key=imported.key),
                **{"category": self._category, "status": Product.Status.ACTIVE}
                | self._fields(imported),
            )
            for imported in batch
        )
        variants = create_variants(
            [
                (product, position, row)
                for product, imported in zip(products, batch, strict=True)
                for position, row in enumerate(imported.variants)
            ],
            options=self._options,
            now=self._now,
        )
        by_sku = {variant.sku: variant for variant in variants}
        Media.objects.bulk_create(
            new_picture(product, picture, position=position, imported=imported, variants=by_sku)
            for product, imported in zip(products, batch, strict=True)
            for position, picture in enumerate(imported.pictures)
        )
        self.outcome.added += len(products)
        self.outcome.priced |= {variant.pk for variant in variants}

    def _update(
        self, product: Product, imported: ImportedProduct, *, prices: dict[int, BasePrice]
    ) -> bool:
        """Change what differs and tell whether anything did; what a file leaves out stays."""
        seen_by_shoppers = _differs(product, self._fields(imported))
        variants = {variant.sku: variant for variant in product.variants.all()}
        repriced = False
        for row in imported.variants:
            if row.sku in variants:
                variant = variants[row.sku]
                seen_by_shoppers |= self._update_variant(variant, row)
                repriced |= self._update_price(variant, row, known=prices.get(variant.pk))
        position = 1 + max((variant.position for variant in variants.values()), default=-1)
        added = create_variants(
            [
                (product, position + place, row)
                for place, row in enumerate(imported.variants)
                if row.sku not in variants
            ],
            options=self._options,
            now=self._now,
        )
        self.outcome.priced |= {variant.pk for variant in added}
        variants |= {variant.sku: variant for variant in added}
        seen_by_shoppers |= bool(added)
        seen_by_shoppers |= _update_pictures(product, imported, variants=variants)
        if seen_by_shoppers:
            product.save()
        return seen_by_shoppers or repriced

    def _fields(self, imported: ImportedProduct) -> dict[str, Any]:
        fields = {
            "title_en": imported.title,
            "description_en": imported.description,
            "brand": imported.brand,
            "category": self._categories[imported.category] if imported.category else None,
            "status": imported.status,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def _update_variant(self, variant: Variant, row: ImportedVariant) -> bool:
        changed = _differs(variant, variant_fields(row))
        if row.options:
            wanted = chosen_options(variant, row, options=self._options)
            known = {(chosen.option_id, chosen.value_id) for chosen in variant.options.all()}
            if known != {(chosen.option_id, chosen.value_id) for chosen in wanted}:
                variant.options.all().delete()
                VariantOption.objects.bulk_create(wanted)
                changed = True
        if changed:
            variant.save()
        return changed

    def _update_price(
        self, variant: Variant, row: ImportedVariant, *, known: BasePrice | None
    ) -> bool:
        amount = Money(row.price, row.currency)
        cost = row.cost if row.cost is not None or known is None else known.cost
        if known and (known.amount, known.cost) == (amount, cost):
            return False
        set_base_price(variant.pk, amount, cost=cost, now=self._now)
        self.outcome.priced.add(variant.pk)
        return True


def _lock_products(keys: list[str]) -> dict[str, Product]:
    rows = (
        Product.objects.select_for_update(no_key=True)
        .filter(key__in=keys)
        .order_by("pk")
        .prefetch_related("variants__options", "media")
    )
    return {product.key: product for product in rows}


def _prices_in_force(products: dict[str, Product], *, now: datetime) -> dict[int, BasePrice]:
    rows = BasePrice.objects.filter(in_force(now), variant__product__in=products.values())
    return {row.variant_id: row for row in rows}


def _update_pictures(
    product: Product, imported: ImportedProduct, *, variants: dict[str, Variant]
) -> bool:
    known = {picture.source_url: picture for picture in product.media.all()}
    changed = False
    for place, picture in enumerate(imported.pictures):
        if picture.url not in known:
            new_picture(
                product,
                picture,
                position=len(known) + place,
                imported=imported,
                variants=variants,
            ).save()
            changed = True
        elif picture.alt and _differs(known[picture.url], {"alt_en": picture.alt}):
            known[picture.url].save()
            changed = True
    return changed


def _differs(row: Model, fields: dict[str, Any]) -> bool:
    """Set the fields that are not as wanted and tell whether there was one."""
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
