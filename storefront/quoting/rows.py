"""What quoting a cart reads of it: everything that decides about amounts, in one query."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from django.db import connection

from catalog.lineage import list_lineage
from catalog.models import Product
from fulfillment.stock.shelf import Shelf, read_ahead
from orders.models import Cart

# A row for each line and each warehouse that has ever had the variant.
_READ = """
SELECT line.variant_id, line.quantity, variant.product_id, product.category_id,
       variant.tax_category_id, variant.is_active AND product.status = %(active)s,
       variant.hs_code, variant.origin_country, variant.weight_grams, sellable.warehouse_id,
       sellable.units, sellable.preorder_limit, sellable.preordered, sellable.incoming
FROM orders_cartline AS line
JOIN catalog_variant AS variant ON variant.id = line.variant_id
JOIN catalog_product AS product ON product.id = variant.product_id
LEFT JOIN fulfillment_sellable AS sellable ON sellable.variant_id = variant.id
WHERE line.cart_id = %(cart)s
ORDER BY line.id
"""


@dataclass(frozen=True)
class CartRow:
    """A line of a cart or a basket; what is not for sale anywhere has no price in any market."""

    variant_id: int
    quantity: int
    product_id: int
    category_ids: frozenset[int]  # The product's category and all above it.
    tax_category: str
    is_for_sale: bool
    hs_code: str
    origin: str
    weight_grams: int


@dataclass(frozen=True)
class CartRows:
    """Lines in their order, and what is free of their variants where that is read already."""

    rows: tuple[CartRow, ...]
    shelf: Shelf | None = None

    def refusing(self, product_ids: Collection[int]) -> "CartRows":
        """Give the rows with these products not for sale."""
        if not product_ids:
            return self
        rows = (
            replace(row, is_for_sale=False) if row.product_id in product_ids else row
            for row in self.rows
        )
        return CartRows(tuple(rows), self.shelf)

    def __iter__(self) -> Iterator[CartRow]:
        return iter(self.rows)


def read_cart(cart: Cart) -> CartRows:
    """Read the lines of a cart with their stock, in one query where categories are known."""
    rows: dict[int, CartRow] = {}
    shelf = Shelf()
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"cart": cart.pk, "active": Product.Status.ACTIVE})
        found = cursor.fetchall()
    for variant_id, quantity, product_id, category_id, tax_category, sold, *rest in found:
        hs_code, origin, weight, warehouse_id, units, *coming = rest
        if variant_id not in rows:
            rows[variant_id] = CartRow(
                variant_id=variant_id,
                quantity=quantity,
                product_id=product_id,
                category_ids=list_lineage(category_id),
                tax_category=tax_category,
                is_for_sale=sold,
                hs_code=hs_code,
                origin=origin,
                weight_grams=weight,
            )
        shelf.put(
            variant_id,
            grams=weight,
            warehouse_id=warehouse_id,
            units=units,
            coming=read_ahead(*coming),
        )
    return CartRows(tuple(rows.values()), shelf)
