from markets.admin import groups, list_prices, market, prices, rates

__all__ = ["groups", "list_prices", "market", "prices", "rates"]
