"""Taxes, duties and fees of one order, and what carriers charged, for the page of the order."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.text import capfirst

from markets.tax import Note
from markets.tax.wording import note_words, regime_words
from orders.carrier_charges import compare_costs
from orders.models import CarrierCharge, Order
from storefront.wording import amount_text


@dataclass(frozen=True)
class ParcelWords:
    """Where a parcel comes from, and under which law and on which terms it was sold."""

    number: int
    ship_from: str
    regime: str
    jurisdiction: str
    terms: str


@dataclass(frozen=True)
class ComponentWords:
    kind: str
    label: str
    parcel: int | None
    net: str
    tax: str
    rate: str
    row: str


@dataclass(frozen=True)
class VarianceWords:
    """`field` is the kind's name in the form; what was not charged yet is empty."""

    field: str
    label: str
    estimated: str
    charged: str
    difference: str


@dataclass(frozen=True)
class BorderPage:
    parcels: Sequence[ParcelWords]
    components: Sequence[ComponentWords]
    costs: Sequence[VarianceWords]
    references: Sequence[str]
    notes: Sequence[str] = ()

    @property
    def crosses(self) -> bool:
        """Tell whether a carrier may ask for something."""
        return bool(self.costs)


class ChargeInvalid(Exception):
    """No invoice number, no amount, or one that is none."""


def load_border(order: Order) -> BorderPage:
    """Gather what an order owed to whom; three queries."""
    currency = order.currency
    return BorderPage(
        parcels=[
            ParcelWords(
                number=row["no"] + 1,
                ship_from=row["ship_from"],
                regime=capfirst(regime_words(row["regime"])),
                jurisdiction=row["jurisdiction"],
                terms=row["terms"].upper(),
            )
            for row in order.tax_parcels
        ],
        components=[
            ComponentWords(
                kind=row.get_kind_display(),
                label=row.line.sku if row.line else row.label,
                parcel=None if row.parcel is None else row.parcel + 1,
                net=amount_text(row.net, currency),
                tax=amount_text(row.tax, currency),
                rate=f"{row.percent.normalize():f} %" if row.tax else "",
                row=row.row,
            )
            for row in order.tax_components.select_related("line")
        ],
        costs=[
            VarianceWords(
                field=row.kind.value,
                label=str(row.kind.label),
                estimated=amount_text(row.estimated, currency),
                charged="" if row.charged is None else amount_text(row.charged, currency),
                difference="" if row.difference is None else amount_text(row.difference, currency),
            )
            for row in compare_costs(order)
        ],
        notes=[
            note_words(Note(row["code"], tuple(row["facts"].items()))) for row in order.tax_notes
        ],
        references=list(dict.fromkeys(row.reference for row in order.carrier_charges.all())),
    )


def read_charges(data: Any) -> tuple[str, list[tuple[CarrierCharge.Kind, Decimal]]]:
    """Read a carrier's invoice from a form: its number and an amount for each kind that has one.

    Raises ChargeInvalid.
    """
    reference = " ".join(str(data.get("reference", "")).split())[:80]
    amounts = []
    for kind in CarrierCharge.Kind:
        typed = str(data.get(kind.value, "")).strip().replace(",", ".")
        if not typed:
            continue
        try:
            amount = Decimal(typed)
        except InvalidOperation:
            raise ChargeInvalid(typed) from None
        if not amount.is_finite() or abs(amount) >= 10**10:
            raise ChargeInvalid(typed)
        amounts.append((kind, amount))
    if not reference or not amounts:
        raise ChargeInvalid(reference)
    return reference, amounts
