from markets.admin import groups, list_prices, market, prices, promotions, rates

__all__ = ["groups", "list_prices", "market", "prices", "promotions", "rates"]
