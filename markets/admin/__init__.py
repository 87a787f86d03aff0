from markets.admin import market, prices, rates

__all__ = ["market", "prices", "rates"]
