from markets.admin import (
    duties,
    groups,
    legality,
    list_prices,
    market,
    prices,
    promotions,
    rates,
    tax_ids,
    taxes,
)

__all__ = [
    "duties",
    "groups",
    "legality",
    "list_prices",
    "market",
    "prices",
    "promotions",
    "rates",
    "tax_ids",
    "taxes",
]
