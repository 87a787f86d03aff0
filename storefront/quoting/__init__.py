"""What a cart costs: the one computation behind the cart page, checkout and the order."""

from storefront.quoting.cart import SHIPPING_TAX_CATEGORY, quote_cart
from storefront.quoting.quote import PROBLEMS, CartQuote, DiscountRow, QuoteLine

__all__ = [
    "PROBLEMS",
    "SHIPPING_TAX_CATEGORY",
    "CartQuote",
    "DiscountRow",
    "QuoteLine",
    "quote_cart",
]
