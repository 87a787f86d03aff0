from markets.models.base_prices import BasePrice
from markets.models.codes import country_code, currency_code
from markets.models.duties import (
    CustomsTerritory,
    DutyRate,
    HsCode,
    ImportFee,
    ImportRule,
    IncotermRule,
)
from markets.models.groups import CustomerGroup
from markets.models.legality import ProductRestriction, PublishingRule, UnitPriceRule
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
from markets.models.tax_ids import TaxIdCheck
from markets.models.taxes import (
    CategoryRule,
    LegalEntity,
    Scheme,
    SpecialTerritory,
    TaxPlaceRule,
    TaxRate,
    TaxRegistration,
    TaxThreshold,
)

__all__ = [
    "BasePrice",
    "CategoryRule",
    "Coupon",
    "CustomerGroup",
    "CustomsTerritory",
    "DutyRate",
    "ExchangeRate",
    "HsCode",
    "ImportFee",
    "ImportRule",
    "IncotermRule",
    "LegalEntity",
    "ListPrice",
    "Market",
    "MarketCountry",
    "MarketLanguage",
    "Price",
    "PriceProposal",
    "PricingRule",
    "ProductRestriction",
    "Promotion",
    "PromotionAmount",
    "PromotionCustomer",
    "PromotionVersion",
    "PublishingRule",
    "RateAlarm",
    "RateProblem",
    "Scheme",
    "SpecialTerritory",
    "TaxIdCheck",
    "TaxPlaceRule",
    "TaxRate",
    "TaxRegistration",
    "TaxThreshold",
    "UnitPriceRule",
    "country_code",
    "currency_code",
    "known_time_zone",
]
