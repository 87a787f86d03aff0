"""The demo's goods: categories, products, variants, their pictures and base prices."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from djmoney.money import Money

from catalog.models import (
    Attribute,
    AttributeChoice,
    Category,
    Media,
    Option,
    OptionValue,
    Product,
    ProductAttribute,
    Variant,
    VariantOption,
)
from markets.pricing import set_base_price
from storefront.demo.illustrations import draw, draw_category
from storefront.demo.texts import read_data, read_texts, translated, upsert

# Option values and attribute choices by (axis or attribute, code).
Terms = dict[tuple[str, str], Any]


def load_goods(*, now: datetime) -> list[Variant]:
    values, choices = _load_options(), _load_attributes()
    categories = _load_categories()
    variants: list[Variant] = []
    for row in read_data("products")["products"]:
        product = _load_product(row, categories[row["category"]])
        _load_facts(product, row.get("attributes", {}), choices)
        for position, variant in enumerate(row["variants"]):
            variants.append(
                _load_variant(product, row, variant, values, position=position, now=now)
            )
    return variants


def _load_categories() -> dict[str, Category]:
    categories = {}
    for position, row in enumerate(read_data("categories")["categories"]):
        key = row["key"]
        texts = read_texts(key)["category"]
        categories[key] = upsert(
            Category,
            by={"key": key},
            to={
                **translated("name", texts, "name"),
                **translated("slug", texts, "slug"),
                **translated("description", texts, "description"),
                "image": _save(f"categories/{key}.svg", draw_category(key)),
                "position": position,
            },
        )
    return categories


def _load_options() -> Terms:
    terms = read_texts("terms")
    swatches = read_data("categories").get("colours", {})
    values: Terms = {}
    for code, names in terms["options"].items():
        option = upsert(Option, by={"code": code}, to=translated("name", names))
        for position, (value, words) in enumerate(terms["values"][code].items()):
            values[code, value] = upsert(
                OptionValue,
                by={"option": option, "code": value},
                to={
                    **translated("name", words),
                    "swatch": swatches.get(value, "") if code == "colour" else "",
                    "position": position,
                },
            )
    return values


def _load_attributes() -> Terms:
    terms = read_texts("terms")
    choices: Terms = {}
    for position, (code, names) in enumerate(terms["attributes"].items()):
        attribute = upsert(
            Attribute,
            by={"code": code},
            to={**translated("name", names), "position": position},
        )
        choices[code, ""] = attribute
        for choice, words in terms["attribute_values"].get(code, {}).items():
            choices[code, choice] = upsert(
                AttributeChoice,
                by={"attribute": attribute, "code": choice},
                to=translated("name", words),
            )
    return choices


def _load_product(row: dict[str, Any], category: Category) -> Product:
    texts = read_texts(row["category"])["products"][row["key"]]
    fields = {
        name: value
        for field in ("title", "slug", "summary", "description")
        for name, value in translated(field, texts, field).items()
    }
    for name, value in fields.items():
        if name.startswith("description_"):
            fields[name] = "".join(f"<p>{part}</p>" for part in value.split("\n\n"))
    return upsert(
        Product,
        by={"key": row["key"]},
        to={
            **fields,
            "category": category,
            "brand": row.get("brand", ""),
            "status": Product.Status.ACTIVE,
        },
    )


def _load_facts(product: Product, facts: dict[str, Any], choices: Terms) -> None:
    for code, value in facts.items():
        choice = choices.get((code, str(value)))
        upsert(
            ProductAttribute,
            by={"product": product, "attribute": choices[code, ""]},
            to={"choice": choice, "text": "" if choice else str(value)},
        )


def _load_variant(
    product: Product,
    row: dict[str, Any],
    data: dict[str, Any],
    values: Terms,
    *,
    position: int,
    now: datetime,
) -> Variant:
    texts = read_texts(row["category"])["products"][row["key"]]
    variant = upsert(
        Variant,
        by={"sku": data["sku"]},
        to={
            "product": product,
            "barcode": data["barcode"],
            **{key: data[key] for key in ("weight_grams", "length_mm", "width_mm", "height_mm")},
            "hs_code": row["hs_code"],
            "origin_country": row["origin"],
            "customs_description": texts["en"].get("customs_description", ""),
            "tax_category_id": row["tax_category"],
            "position": position,
        },
    )
    options = data.get("options", {})
    for axis, code in options.items():
        value = values[axis, code]
        upsert(
            VariantOption,
            by={"variant": variant, "option": value.option},
            to={"value": value},
        )
    picture = draw(row["key"], colour=options.get("colour"), size=options.get("size"))
    name = "-".join([row["key"], *options.values()])
    labels = {
        language: " · ".join(
            [
                text["title"],
                *(_name(values[axis, code], language) for axis, code in options.items()),
            ]
        )
        for language, text in texts.items()
    }
    upsert(
        Media,
        by={"product": product, "variant": variant},
        to={
            "file": _save(f"products/{name}.svg", picture),
            "position": position,
            **translated("alt", labels),
        },
    )
    set_base_price(
        variant.pk,
        Money(data["price_eur"], "EUR"),
        cost=Decimal(data["cost_eur"]),
        now=now,
    )
    return variant


def _name(value: OptionValue, language: str) -> str:
    return str(getattr(value, f"name_{language.replace('-', '_')}"))


def _save(name: str, svg: str) -> str:
    """Store a picture under its name; one that is there and the same is left alone."""
    if default_storage.exists(name):
        with default_storage.open(name) as stored:
            if stored.read() == svg.encode():
                return name
        default_storage.delete(name)
    return default_storage.save(name, ContentFile(svg.encode()))
