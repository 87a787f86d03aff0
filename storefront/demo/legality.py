"""Who makes the demo's goods, what they contain and warn of, and where they may not be sent."""

from decimal import Decimal
from typing import Any

from catalog.models import (
    Manufacturer,
    Product,
    ProductAttribute,
    ProductSafety,
    ResponsiblePerson,
    TaxCategory,
    Variant,
)
from markets.legality.loading import load_publishing_rules, load_unit_price_rules
from markets.models import ProductRestriction
from storefront.demo.texts import read_data, read_texts, translated, upsert

_CONTACT = ("address", "country", "email")
# The attributes of food that tell its content, and their unit.
_CONTENTS = {"weight_g": "g", "capacity_ml": "ml"}


def load_legality() -> None:
    """Load the rules of unit prices and safety facts, and the facts of the demo's goods.

    Its goods have to be there.
    """
    load_publishing_rules()
    load_unit_price_rules()
    data = read_data("safety")
    makers = {
        name: upsert(Manufacturer, by={"name": name}, to={key: row[key] for key in _CONTACT})
        for name, row in data["manufacturers"].items()
    }
    persons = [
        upsert(ResponsiblePerson, by={"name": row["name"]}, to={key: row[key] for key in _CONTACT})
        for row in data["responsible_persons"]
    ]
    products = {row.key: row for row in Product.objects.filter(brand__in=makers)}
    for product in products.values():
        _load_safety(product, makers[product.brand], persons, data)
    for key, hazards in data["hazards"].items():
        Variant.objects.filter(product__key=key).exclude(hazards=hazards).update(hazards=hazards)
    _load_contents()
    for row in data["restrictions"]:
        _load_restriction(row, products)


def _load_safety(
    product: Product, maker: Manufacturer, persons: list[ResponsiblePerson], data: dict[str, Any]
) -> None:
    kind = data["warnings"].get(product.key)
    texts = read_texts("safety")["warnings"][kind] if kind else {}
    safety = upsert(
        ProductSafety,
        by={"product": product},
        to={
            "manufacturer": maker,
            "needs_no_warnings": kind is None,
            **translated("warnings", texts),
        },
    )
    safety.responsible_persons.set(persons)


def _load_contents() -> None:
    """State how much is in each food, by the attribute that tells it."""
    facts = ProductAttribute.objects.filter(
        attribute__code__in=_CONTENTS, product__variants__tax_category=TaxCategory(code="food")
    )
    for product_id, code, text in facts.values_list("product_id", "attribute__code", "text"):
        amount, unit = Decimal(text), _CONTENTS[code]
        variants = Variant.objects.filter(product_id=product_id)
        variants.exclude(content_amount=amount, content_unit=unit).update(
            content_amount=amount, content_unit=unit
        )


def _load_restriction(row: dict[str, Any], products: dict[str, Product]) -> None:
    upsert(
        ProductRestriction,
        by={
            "country": row["country"],
            "product": products[row["product"]] if "product" in row else None,
            "hazard": row.get("hazard", ""),
            "valid_from": row["valid_from"],
        },
        to={key: row[key] for key in ("effect", "reason", "source")},
    )
