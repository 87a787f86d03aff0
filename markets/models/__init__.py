from markets.models.base_prices import BasePrice
from markets.models.codes import country_code, currency_code
from markets.models.groups import CustomerGroup
from markets.models.market import Market, MarketCountry, MarketLanguage, known_time_zone
from markets.models.prices import ListPrice, Price, PriceProposal, PricingRule
from markets.models.promotions import (
    Coupon,
    Promotion,
    PromotionAmount,
    PromotionCustomer,
    PromotionVersion,
)
from markets.models.rates import ExchangeRate, RateAlarm, RateProblem
from markets.models.taxes import TaxRate

__all__ = [
    "BasePrice",
    "Coupon",
    "CustomerGroup",
    "ExchangeRate",
    "ListPrice",
    "Market",
    "MarketCountry",
    "MarketLanguage",
    "Price",
    "PriceProposal",
    "PricingRule",
    "Promotion",
    "PromotionAmount",
    "PromotionCustomer",
    "PromotionVersion",
    "RateAlarm",
    "RateProblem",
    "TaxRate",
    "country_code",
    "currency_code",
    "known_time_zone",
]
