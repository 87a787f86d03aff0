"""Duty and fees of one parcel at one border: pure, in Decimals, each amount with its row.

The terms, guarantees and worked tables are in docs/algorithms/landed-cost.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from markets.landed_cost.fees import clearance, fees_on, lane_of
from markets.landed_cost.formulas import flat_duty, holds, is_free_of_duty, is_simplified
from markets.landed_cost.layers import TARIFF, Convert, ParcelLayers, duties_of
from markets.landed_cost.parts import by_value, rounded
from markets.landed_cost.terms import (
    Basis,
    CustomsGoods,
    CustomsParcel,
    DutyAnswer,
    DutyComponent,
    DutyNote,
    DutyTables,
    Formula,
    ImportTerms,
    LaneTerms,
    Shares,
)
from markets.money import quantise

__all__ = ["Convert", "assess_duties", "find_import_rule"]

# Where no rule is known, the fuller base: an estimate that errs does so on the shopper's side.
_UNKNOWN = ImportTerms(
    row="",
    destination="",
    origins=frozenset(),
    basis=Basis.CIF,
    tax_basis=Basis.CIF,
    formula=Formula.STANDARD,
    currency="",
)


def assess_duties(parcel: CustomsParcel, *, tables: DutyTables, convert: Convert) -> DutyAnswer:
    """Return what the parcel owes at the border beside the import tax, in its currency.

    Duty is never negative, and rounds half up once for each row. A limit frees a parcel that is
    worth exactly as much. Goods from inside the customs territory owe nothing. Raises ValueError
    for goods of negative value, without a unit or with another's key, and what `convert` raises.
    """
    if len({line.key for line in parcel.goods}) < len(parcel.goods):
        raise ValueError("goods of a parcel need keys of their own")
    for line in parcel.goods:
        if line.amount < 0 or line.quantity < 1:
            raise ValueError(f"goods {line.key!r}: {line.quantity} for {line.amount}")
    if not tables.is_import(parcel.ship_from.country, parcel.ship_to.country):
        return _inside(parcel)
    rule = find_import_rule(parcel, tables=tables)
    return _Assessment(parcel, rule or _UNKNOWN, tables, convert).answer()


def find_import_rule(parcel: CustomsParcel, *, tables: DutyTables) -> ImportTerms | None:
    """Find the rule for where the parcel is sent from, else the one for everywhere else."""
    sent_from = parcel.ship_from.country
    fitting = [
        rule
        for rule in tables.rules
        if not rule.origins or rule.origins & {sent_from, tables.territory(sent_from)}
    ]
    own = parcel.ship_to.country
    return max(
        fitting, key=lambda rule: (bool(rule.origins), rule.destination == own), default=None
    )


@dataclass(frozen=True)
class _Assessment:
    parcel: CustomsParcel
    rule: ImportTerms
    tables: DutyTables
    convert: Convert

    def answer(self) -> DutyAnswer:
        parcel, rule = self.parcel, self.rule
        values = self._values(rule.basis)
        customs_value = quantise(sum(values, Fraction(0)), parcel.currency)
        simplified = is_simplified(rule) and holds(rule, customs_value, parcel, self.convert)
        measured = customs_value if rule.limits_on_customs_value else parcel.value
        within_duty = self._is_within(measured, rule.duty_free_to)
        within_tax = self._is_within(measured, rule.tax_free_to)
        dutiable = [
            (line, value)
            for line, value in zip(parcel.goods, values, strict=True)
            if not within_duty or line.hs_code.startswith(rule.never_free)
        ]
        never_free = any(line.hs_code.startswith(rule.never_free) for line in parcel.goods)
        notes = self._notes(simplified=simplified)
        duties: list[DutyComponent] = []
        if dutiable and simplified:
            if not is_free_of_duty(rule):
                duties = flat_duty(rule, dutiable, currency=parcel.currency, convert=self.convert)
        elif dutiable:
            duties, unrated = self._layered(dutiable)
            if unrated:
                notes.append(DutyNote.NO_RATE)
        covers_tax = simplified and rule.factors.covers_tax
        tax_free = (within_tax and not never_free) or covers_tax
        lane = lane_of(parcel, self.tables)
        duties = _refunded_by(lane, duties)
        components = [*duties, *fees_on(parcel, tables=self.tables, convert=self.convert)]
        owes = any(part.amount for part in components) or not (tax_free or parcel.scheme)
        if lane is not None and lane.clearance_fee and owes and parcel.goods:
            components.append(clearance(lane, parcel, convert=self.convert))
        additions = sum((part.taxable_base for part in components), Decimal(0))
        same = rule.basis is rule.tax_basis
        base, shares = self._tax_base(components, values if same else self._values(rule.tax_basis))
        return DutyAnswer(
            customs_value=customs_value,
            components=tuple(components),
            tax_base_additions=additions,
            tax_base=base,
            tax_base_shares=shares,
            duty_free=DutyNote.NO_RATE not in notes and not any(part.amount for part in duties),
            tax_free=tax_free,
            formula=rule.formula,
            rule=rule.row,
            tax_factor=rule.factors.tax_factor if simplified else Decimal(1),
            tax_inside=rule.factors.tax_inside,
            lane=lane,
            notes=tuple(notes),
        )

    def _values(self, basis: Basis) -> list[Fraction]:
        """Value the goods, with freight and insurance shared out by value if they count."""
        parcel, factor = self.parcel, Fraction(self.rule.factors.value_factor)
        own = [Fraction(line.amount) for line in parcel.goods]
        if factor != 1:
            own = [value * factor for value in own]
        carried = parcel.freight + parcel.insurance
        if basis is Basis.FOB or not carried:
            return own
        carriage = by_value(carried, parcel.goods)
        return [value + part for value, part in zip(own, carriage, strict=True)]

    def _is_within(self, measured: Decimal, limit: Decimal | None) -> bool:
        if limit is None:
            return False
        return self.convert(measured, self.parcel.currency, self.rule.currency) <= limit

    def _layered(
        self, dutiable: list[tuple[CustomsGoods, Fraction]]
    ) -> tuple[list[DutyComponent], bool]:
        layers = ParcelLayers(self.parcel, self.tables, self.convert)
        found = [(line, value, layers.on(line)) for line, value in dutiable]
        unrated = any(
            not any(layer.group == TARIFF or layer.alone for layer in layers)
            for _line, _value, layers in found
        )
        duties = duties_of(
            found,
            currency=self.parcel.currency,
            convert=self.convert,
            refundable=self.rule.refundable,
        )
        return duties, unrated

    def _notes(self, *, simplified: bool) -> list[DutyNote]:
        notes = [] if self.rule.row else [DutyNote.NO_RULE]
        if is_simplified(self.rule) and not simplified:
            notes.append(DutyNote.ABOVE_FORMULA)
        if not all(line.hs_code for line in self.parcel.goods):
            notes.append(DutyNote.NO_HS_CODE)
        if self.tables.asks_for_origin and not all(line.origin for line in self.parcel.goods):
            notes.append(DutyNote.NO_ORIGIN)
        return notes

    def _tax_base(
        self, components: list[DutyComponent], values: list[Fraction]
    ) -> tuple[Decimal, Shares]:
        base, shares = rounded(values, self.parcel.goods, self.parcel.currency)
        sums = dict(shares)
        for part in components:
            if part.taxable_base:
                base += part.taxable_base
                for key, share in part.shares:
                    sums[key] += share
        return base, tuple(sums.items())


def _refunded_by(lane: LaneTerms | None, duties: Sequence[DutyComponent]) -> list[DutyComponent]:
    """Apply the lane's policy on returns to duties; without one each row's own flag stands."""
    if lane is None or lane.duty_refund == "by_row":
        return list(duties)
    comes_back = lane.duty_refund != "never"
    return [replace(part, refundable=comes_back) for part in duties]


def _inside(parcel: CustomsParcel) -> DutyAnswer:
    carriage = by_value(parcel.freight, parcel.goods)
    base, shares = rounded(
        [Fraction(line.amount) + part for line, part in zip(parcel.goods, carriage, strict=True)],
        parcel.goods,
        parcel.currency,
    )
    return DutyAnswer(
        customs_value=parcel.value,
        components=(),
        tax_base_additions=Decimal(0),
        tax_base=base,
        tax_base_shares=shares,
        duty_free=True,
        tax_free=False,
        formula=Formula.STANDARD,
        rule="",
    )
