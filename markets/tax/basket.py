"""What is to be taxed: goods in parcels from somewhere to somewhere, as the shopper sees them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

TaxMode = Literal["gross_fixed", "net_fixed"]
TaxRounding = Literal["line", "rate_group", "unit"]


@dataclass(frozen=True)
class Place:
    """Where a parcel starts or ends; region is the state's code without the country."""

    country: str
    region: str = ""
    postal_code: str = ""

    def __str__(self) -> str:
        return f"{self.country}-{self.region}" if self.region else self.country


@dataclass(frozen=True)
class Goods:
    """A part of a line that travels in one parcel.

    `amount` is as shown, after discounts, for all `quantity` units, in the basket's currency.
    """

    key: str
    amount: Decimal
    quantity: int
    category: str
    hs_code: str = ""
    origin: str = ""
    weight_grams: int = 0  # of all units


@dataclass(frozen=True)
class Parcel:
    ship_from: Place
    goods: tuple[Goods, ...]


@dataclass(frozen=True)
class Buyer:
    is_business: bool = False
    tax_id: str = ""
    tax_id_country: str = ""  # As in the number: EL for Greece, XI for Northern Ireland.
    tax_id_valid: bool = False


@dataclass(frozen=True)
class TaxBasket:
    """Everything that decides what a basket is taxed, and nothing else.

    `shipping` is as shown, of the whole order. Where prices include tax, `gross_fixed` keeps
    what is shown whatever the tax is (only where the buyer owes it to somebody else is it taken
    out), and `net_fixed` takes out the tax of `home` and adds the tax of the destination.
    `prices_include_tax` False is net whatever the mode. `area_turnover` is what the seller sold
    across the EU's borders this year or the last, in the threshold's currency; None is
    what the tables know of it, and where they know nothing it counts as below.
    """

    ship_to: Place
    parcels: tuple[Parcel, ...]
    shipping: Decimal
    currency: str
    prices_include_tax: bool
    tax_mode: TaxMode
    home: Place
    rounding: TaxRounding
    on: date
    buyer: Buyer = field(default_factory=Buyer)
    market_id: int | None = None
    area_turnover: Decimal | None = None
