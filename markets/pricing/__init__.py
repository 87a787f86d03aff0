"""Prices: what a variant costs in a market, and how that comes about."""

from markets.pricing.base_prices import set_base_price
from markets.pricing.deriving import derive_prices
from markets.pricing.manual_prices import clear_manual_price, set_manual_price
from markets.pricing.reading import prices_in_force

__all__ = [
    "clear_manual_price",
    "derive_prices",
    "prices_in_force",
    "set_base_price",
    "set_manual_price",
]
