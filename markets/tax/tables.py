"""The dated rows of tax law as the engine reads them, from the process's reading of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Protocol, TypeVar

from catalog.reference import Reference, keep, reference
from markets.landed_cost.tables import load_duty_tables
from markets.models import (
    CategoryRule,
    LegalEntity,
    Market,
    SpecialTerritory,
    TaxPlaceRule,
    TaxRate,
    TaxRegistration,
    TaxThreshold,
)
from markets.tax.arithmetic import TaxRule
from markets.tax.rows import (
    OUTSIDE,
    CategoryExemption,
    PlaceRule,
    Registration,
    TaxTables,
    Territory,
    Threshold,
)

keep(TaxRate)
keep(TaxRegistration)
keep(TaxPlaceRule)
keep(TaxThreshold)
keep(SpecialTerritory)
keep(CategoryRule)
keep(Market, "id", "legal_entity_id")
keep(LegalEntity, "id", "area_turnover")


class _Dated(Protocol):
    pk: int
    valid_from: date
    valid_to: date | None


_D = TypeVar("_D", bound=_Dated)


def load_tables(
    ship_to_country: str, origins: Iterable[str], on: date, *, market_id: int | None = None
) -> TaxTables:
    """Give the rows in force on a day for a destination, with who sells in a market.

    The tax of all places comes along, so that the same reading serves any origins; only duties
    are the destination's. Costs no query while the kept reading is warm.
    """
    del origins  # A reading of all places has theirs.
    return reference().derive(_tables, ship_to_country, on, market_id)


def _tables(read: Reference, country: str, on: date, market_id: int | None) -> TaxTables:
    law = read.derive(_law, on)
    destinations = {country} | {
        row.treated_as
        for row in law.territories
        if row.country == country and row.treated_as != OUTSIDE
    }
    duties = {place: load_duty_tables(place, on=on, market_id=market_id) for place in destinations}
    markets = read.rows(Market, id=market_id)
    seller_id = markets[0].legal_entity_id if markets else None
    sellers = read.rows(LegalEntity, id=seller_id) if seller_id is not None else []
    tables = replace(
        law,
        duties=duties,
        legal_entity_id=seller_id,
        area_turnover=sellers[0].area_turnover if sellers else None,
    )
    # The lookups are made once for a day, and shared by all destinations.
    for name in ("rate_table", "place_table", "exemption_table", "known"):
        tables.__dict__[name] = getattr(law, name)
    return tables


def _law(read: Reference, on: date) -> TaxTables:
    rates = _in_force(read.rows(TaxRate), on)
    return TaxTables(
        on=on,
        rates=tuple(
            TaxRule(row.pk, row.country, row.region, row.category_id, row.percent, row.name)
            for row in rates
        ),
        adding=frozenset(row.pk for row in rates if row.adds_to_country),
        places=tuple(
            PlaceRule(
                country=row.country,
                region=row.region,
                area=row.area,
                domestic_with=row.domestic_with,
                is_sales_tax=row.is_sales_tax,
                shipping_taxable=row.shipping_taxable,
                shipping_follows_goods=row.shipping_follows_goods,
                origin_based=row.origin_based,
                reverse_charge=row.reverse_charge,
            )
            for row in _in_force(read.rows(TaxPlaceRule), on)
        ),
        registrations=tuple(
            Registration(
                row.pk, row.legal_entity_id, row.country, row.region, row.scheme, row.number,
                row.is_voluntary,
            )
            for row in _in_force(read.rows(TaxRegistration), on)
        ),
        territories=tuple(
            Territory(row.country, row.postal_from, row.postal_to, row.name, row.treated_as)
            for row in _in_force(read.rows(SpecialTerritory), on)
        ),
        thresholds=tuple(
            Threshold(
                row.pk, row.scheme, row.country, row.region, row.amount, row.currency,
                row.transactions, row.rule, row.period,
            )
            for row in _in_force(read.rows(TaxThreshold), on)
        ),
        exemptions=tuple(
            CategoryExemption(
                row.country, row.region, row.category_id, row.kind, row.amount, row.currency
            )
            for row in _in_force(read.rows(CategoryRule), on)
        ),
    )  # fmt: skip


def _in_force(rows: Iterable[_D], on: date) -> list[_D]:
    found = (
        row for row in rows if row.valid_from <= on and (row.valid_to is None or row.valid_to > on)
    )
    return sorted(found, key=lambda row: row.pk)
