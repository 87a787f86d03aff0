from dataclasses import dataclass

from catalog.models import Category, TaxCategory, Variant


@dataclass(frozen=True)
class Known:
    """What rows of a file refer to and may collide with."""

    categories: frozenset[str]
    tax_categories: frozenset[str]
    owners: dict[str, str]  # SKU to the key of its product.

    @classmethod
    def load(cls) -> "Known":
        return cls(
            categories=frozenset(Category.objects.values_list("key", flat=True)),
            tax_categories=frozenset(TaxCategory.objects.values_list("code", flat=True)),
            owners=dict(Variant.objects.values_list("sku", "product__key")),
        )
