"""What a cart costs: the one computation behind the cart page, checkout and the order."""

from storefront.quoting.cart import quote_cart
from storefront.quoting.quote import PROBLEMS, CartQuote, DiscountRow, QuoteLine, add_up

__all__ = [
    "PROBLEMS",
    "CartQuote",
    "DiscountRow",
    "QuoteLine",
    "add_up",
    "quote_cart",
]
