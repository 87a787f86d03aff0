from catalog.models.contents import ContentUnit, Hazard
from catalog.models.goods import (
    Attribute,
    AttributeChoice,
    Category,
    Media,
    Option,
    OptionValue,
    Product,
    ProductAttribute,
    SearchDocument,
    TaxCategory,
    Variant,
    VariantOption,
    unicode_slug,
)
from catalog.models.safety import Manufacturer, ProductSafety, ResponsiblePerson

__all__ = [
    "Attribute",
    "AttributeChoice",
    "Category",
    "ContentUnit",
    "Hazard",
    "Manufacturer",
    "Media",
    "Option",
    "OptionValue",
    "Product",
    "ProductAttribute",
    "ProductSafety",
    "ResponsiblePerson",
    "SearchDocument",
    "TaxCategory",
    "Variant",
    "VariantOption",
    "unicode_slug",
]
