"""The dated rows of landed cost as the engine reads them, from the process's reading of them."""

from datetime import date
from typing import TypeVar

from catalog.reference import Reference, keep, reference
from markets.landed_cost.factors import read_factors
from markets.landed_cost.terms import (
    Basis,
    DutyKind,
    DutyLayer,
    DutyTables,
    Fee,
    FeePer,
    Formula,
    ImportTerms,
    LaneTerms,
)
from markets.models.dated import Dated
from markets.models.duties import (
    CustomsTerritory,
    DutyRate,
    ImportFee,
    ImportRule,
    IncotermRule,
)

# Where a row was read is for people: a quote goes without, and a tariff has thousands of rows.
for _model in (CustomsTerritory, ImportRule, DutyRate, ImportFee, IncotermRule):
    _columns = [field.attname for field in _model._meta.concrete_fields]
    keep(_model, *(column for column in _columns if column != "source"))

_D = TypeVar("_D", bound=Dated)


def load_duty_tables(
    destination: str, *, on: date, market_id: int | None = None, read: Reference | None = None
) -> DutyTables:
    """Give the rows in force on a day for a country and its customs union.

    Delivery terms are the market's; without one nobody has said who pays. Costs no query while
    the kept reading is warm, or with a reading that the caller has.
    """
    return (read or reference()).derive(_tables, destination, on, market_id)


def _tables(read: Reference, destination: str, on: date, market_id: int | None) -> DutyTables:
    territories = read.derive(_territories, on)
    places = sorted({destination, territories.get(destination, destination)})
    return DutyTables(
        destination=destination,
        on=on,
        rules=tuple(
            _rule(row) for place in places for row in _of(read, ImportRule, on, destination=place)
        ),
        layers=tuple(layer for place in places for layer in read.derive(_layers, place, on)),
        fees=tuple(
            _fee(row)
            for place in places
            for row in _of(read, ImportFee, on, destination=place, is_in_use=True)
        ),
        lanes=tuple(_lane(row) for row in _of(read, IncotermRule, on, market_id=market_id)),
        territories=territories,
    )


def _layers(read: Reference, place: str, on: date) -> list[DutyLayer]:
    """Give a country's or a union's layers; all its countries and markets share them."""
    return [_layer(row) for row in _of(read, DutyRate, on, destination=place)]


def _territories(read: Reference, on: date) -> dict[str, str]:
    return {row.country: row.territory for row in _of(read, CustomsTerritory, on)}


def _of(read: Reference, model: type[_D], on: date, **where: object) -> list[_D]:
    """Give the rows in force on a day that have these values, in the order they were made."""
    found = (
        row
        for row in read.rows(model, **where)
        if row.valid_from <= on and (row.valid_to is None or row.valid_to > on)
    )
    return sorted(found, key=lambda row: row.pk)


def _rule(row: ImportRule) -> ImportTerms:
    formula = Formula(row.formula)
    return ImportTerms(
        row=f"importrule:{row.pk}",
        destination=row.destination,
        origins=frozenset(row.origin_group.split()),
        basis=Basis(row.basis),
        tax_basis=Basis(row.tax_basis),
        formula=formula,
        currency=row.currency,
        duty_free_to=row.duty_free_to,
        tax_free_to=row.tax_free_to,
        limits_on_customs_value=row.limits_on_customs_value,
        never_free=tuple(row.never_free.split()),
        refundable=row.is_refundable,
        factors=read_factors(row.factors, formula=formula),
    )


def _layer(row: DutyRate) -> DutyLayer:
    return DutyLayer(
        row=f"dutyrate:{row.pk}",
        destination=row.destination,
        label=row.label,
        kind=DutyKind(row.kind),
        group=row.stack_group,
        hs_prefix=row.hs_prefix,
        origin=row.origin,
        percent=row.percent,
        amount=row.amount,
        currency=row.currency,
        no_stack_with=frozenset(row.no_stack_with.split()),
        alone=row.stands_alone,
        value_to=row.value_to,
        scheme=row.scheme,
    )


def _fee(row: ImportFee) -> Fee:
    return Fee(
        row=f"importfee:{row.pk}",
        destination=row.destination,
        kind=row.kind,
        label=row.label,
        per=FeePer(row.per),
        amount=row.amount,
        currency=row.currency,
        taxable=row.is_taxable,
        value_to=row.value_to,
        value_currency=row.value_currency,
        refundable=row.is_refundable,
        gives_way=row.gives_way,
    )


def _lane(row: IncotermRule) -> LaneTerms:
    return LaneTerms(
        row=f"incotermrule:{row.pk}",
        terms=row.terms,
        origin=row.origin,
        destination=row.destination,
        clearance_fee=row.clearance_fee,
        currency=row.currency,
        clearance_taxable=row.is_clearance_taxable,
        unknown_duty=row.unknown_duty,
        duty_refund=row.duty_refund,
        duty_refund_days=row.duty_refund_days,
    )
