"""The dated rows of tax law in force on one day, as the engine reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from markets.landed_cost.terms import DutyTables
from markets.tax.arithmetic import TaxRule

OUTSIDE = "outside"


@dataclass(frozen=True)
class PlaceRule:
    """How a place taxes; the defaults are those of a place without a row."""

    country: str
    region: str = ""
    area: str = ""
    domestic_with: str = ""
    is_sales_tax: bool = False
    shipping_taxable: bool = True
    shipping_follows_goods: bool = True
    origin_based: bool = False
    reverse_charge: bool = False


@dataclass(frozen=True)
class Registration:
    id: int
    legal_entity_id: int
    country: str
    region: str
    scheme: str
    number: str = ""
    is_voluntary: bool = True


@dataclass(frozen=True)
class Threshold:
    """A limit that includes its amount, or a turnover that has to pass it, by `period`."""

    id: int
    scheme: str
    country: str
    region: str
    amount: Decimal
    currency: str
    transactions: int | None
    rule: str
    period: str


@dataclass(frozen=True)
class Territory:
    """A part of a country by the beginnings of its postal codes; "" is the whole of it."""

    country: str
    postal_from: str
    postal_to: str
    name: str
    treated_as: str

    def holds(self, code: str) -> bool:
        """Tell whether a postal code, in capitals and digits alone, lies in it."""
        first, last = self.postal_from, self.postal_to or self.postal_from
        return first <= code[: len(first)] and code[: len(last)] <= last


@dataclass(frozen=True)
class CategoryExemption:
    """What is left untaxed; `kind` is exempt, exempt_below, exempt_up_to or above_only."""

    country: str
    region: str
    category: str
    kind: str
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True)
class TaxTables:
    """The rows in force on `on` for a destination and its origins.

    `adding` names the rates that come on top of their country's. `legal_entity_id` is who
    sells; None collects as if it were registered everywhere. `area_turnover` is what the company
    sold across the EU's borders, in the threshold's currency.
    """

    on: date
    rates: tuple[TaxRule, ...] = ()
    adding: frozenset[int] = frozenset()
    places: tuple[PlaceRule, ...] = ()
    registrations: tuple[Registration, ...] = ()
    territories: tuple[Territory, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    exemptions: tuple[CategoryExemption, ...] = ()
    duties: Mapping[str, DutyTables] = field(default_factory=dict)  # By destination.
    legal_entity_id: int | None = None
    area_turnover: Decimal | None = None
    # What was looked up before, by place and category; the rows never change.
    known: dict[tuple[str, str, str], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def rate_table(self) -> Mapping[tuple[str, str, str], TaxRule]:
        return {(rate.country, rate.region, rate.category): rate for rate in self.rates}

    @cached_property
    def place_table(self) -> Mapping[tuple[str, str], PlaceRule]:
        return {(rule.country, rule.region): rule for rule in self.places}

    @cached_property
    def exemption_table(self) -> Mapping[tuple[str, str, str], CategoryExemption]:
        return {(rule.country, rule.region, rule.category): rule for rule in self.exemptions}
