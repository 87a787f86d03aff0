from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.models import Variant
from fulfillment.models import StockMovement, Warehouse
from fulfillment.stock import receive_stock
from storefront.catalog_import.rows import ImportedProduct


@dataclass(frozen=True)
class Stocking:
    """Where imported goods are received, and how many of each whose rows do not say."""

    warehouse: Warehouse
    quantity: int = 0


@transaction.atomic
def book_opening_stock(
    products: Sequence[ImportedProduct], *, stocking: Stocking, now: datetime
) -> int:
    """Receive the goods of some products that were never received so; give the units.

    A variant has one opening receipt per warehouse, known by its reference, however often its
    file is imported.
    """
    quantities = {
        row.sku: stocking.quantity if row.stock is None else row.stock
        for product in products
        for row in product.variants
    }
    references = {f"opening {sku}": sku for sku, quantity in quantities.items() if quantity}
    done = StockMovement.objects.filter(
        warehouse=stocking.warehouse, reference__in=references
    ).values_list("reference", flat=True)
    missing = {references[reference] for reference in references.keys() - set(done)}
    # In the order in which stock rows are locked everywhere.
    variants = Variant.objects.filter(sku__in=missing).order_by("pk")
    for variant in variants:
        receive_stock(
            stocking.warehouse,
            variant,
            quantities[variant.sku],
            reference=f"opening {variant.sku}",
            now=now,
        )
    return sum(quantities[sku] for sku in missing)
