"""What search engines read: schema.org in JSON-LD."""

from typing import Any

from fulfillment.stock import StockKind
from storefront.pages.alternates import absolute
from storefront.pages.product_details import ProductDetails
from storefront.shops import Shop

_SCHEMA = "https://schema.org"
_AVAILABILITY = {
    StockKind.IN_STOCK: "InStock",
    StockKind.FEW: "LimitedAvailability",
    StockKind.AHEAD: "BackOrder",
    StockKind.OUT: "OutOfStock",
}


def product_data(product: ProductDetails, shop: Shop) -> dict[str, Any]:
    """Describe a product with its one offer: the price is the one on the page."""
    offer: dict[str, Any] = {
        "@type": "Offer",
        "url": absolute(product.variant_url),
        "price": f"{product.price.amount.normalize():f}",
        "priceCurrency": str(product.price.currency),
        "availability": f"{_SCHEMA}/{_AVAILABILITY[product.stock.kind]}",
        "itemCondition": f"{_SCHEMA}/NewCondition",
    }
    if product.promise:
        offer["shippingDetails"] = {
            "@type": "OfferShippingDetails",
            "shippingRate": {
                "@type": "MonetaryAmount",
                "value": f"{product.promise.price.amount.normalize():f}",
                "currency": str(product.promise.price.currency),
            },
            "shippingDestination": {
                "@type": "DefinedRegion",
                "addressCountry": product.promise.country,
            },
        }
    data: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Product",
        "name": product.title,
        "description": product.summary or product.title,
        "sku": product.sku,
        "image": [absolute(picture.url) for picture in product.pictures],
        "inLanguage": shop.tag,
        "offers": offer,
    }
    if product.brand:
        data["brand"] = {"@type": "Brand", "name": product.brand}
    if len(product.barcode) == 13 and product.barcode.isdigit():
        data["gtin13"] = product.barcode
    return data
