"""Tax and what else a basket owes on its way: pure, from dated rows that are passed in."""

from markets.tax.answer import (
    ComponentKind,
    Note,
    ParcelAnswer,
    Regime,
    TaxAnswer,
    TaxComponent,
    TaxPart,
    TaxStep,
)
from markets.tax.arithmetic import (
    STANDARD,
    Balanced,
    ConflictingTaxRules,
    NoDutyRate,
    NoTaxRate,
    RateTotal,
    TaxRule,
    UnbalancedTax,
    find_rule,
)
from markets.tax.basket import Buyer, Goods, Parcel, Place, TaxBasket, TaxMode, TaxRounding
from markets.tax.engine import SHIPPING_KEY, quote_taxes
from markets.tax.rows import (
    CategoryExemption,
    PlaceRule,
    Registration,
    TaxTables,
    Territory,
    Threshold,
)

__all__ = [
    "SHIPPING_KEY",
    "STANDARD",
    "Balanced",
    "Buyer",
    "CategoryExemption",
    "ComponentKind",
    "ConflictingTaxRules",
    "Goods",
    "NoDutyRate",
    "NoTaxRate",
    "Note",
    "Parcel",
    "ParcelAnswer",
    "Place",
    "PlaceRule",
    "RateTotal",
    "Regime",
    "Registration",
    "TaxAnswer",
    "TaxBasket",
    "TaxComponent",
    "TaxMode",
    "TaxPart",
    "TaxRounding",
    "TaxRule",
    "TaxStep",
    "TaxTables",
    "Territory",
    "Threshold",
    "UnbalancedTax",
    "find_rule",
    "quote_taxes",
]
