"""Prices: what a variant costs in a market, and how that comes about."""

from markets.pricing.base_prices import set_base_price
from markets.pricing.baskets import BasketAnswer, BasketLine, quote_basket, with_delivery
from markets.pricing.deriving import derive_prices
from markets.pricing.list_prices import PriceAlreadyPlanned, end_list_price, set_list_price
from markets.pricing.manual_prices import clear_manual_price, set_manual_price
from markets.pricing.proposals import approve_proposals, reject_proposals
from markets.pricing.quoting import PriceAnswer, PriceRequest, quote_price, quote_prices
from markets.pricing.reading import everybodys_prices, prices_in_force
from markets.pricing.reductions import list_reductions

__all__ = [
    "BasketAnswer",
    "BasketLine",
    "PriceAlreadyPlanned",
    "PriceAnswer",
    "PriceRequest",
    "approve_proposals",
    "clear_manual_price",
    "derive_prices",
    "end_list_price",
    "everybodys_prices",
    "list_reductions",
    "prices_in_force",
    "quote_basket",
    "quote_price",
    "quote_prices",
    "reject_proposals",
    "set_base_price",
    "set_list_price",
    "set_manual_price",
    "with_delivery",
]
