"""Taxes, duties and fees of a quote or of an order, added up as they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from orders.models import OrderCharge
from storefront.landed_words import cost_words

# What carriers take for clearing customs comes from the row that says who pays on a lane.
_CARRIERS_ROW = "incotermrule:"


class Component(Protocol):
    """A part of a quote's answer or of an order: what is read of it here."""

    @property
    def kind(self) -> str: ...
    @property
    def net(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def gross(self) -> Decimal: ...
    @property
    def percent(self) -> Decimal: ...
    @property
    def tax_name(self) -> str: ...
    @property
    def row(self) -> str: ...
    @property
    def parts(self) -> Sequence[Any]: ...


class Cost(Component, Protocol):
    """A part of a quote's answer, which says what it is of duties and fees."""

    @property
    def code(self) -> str: ...


@dataclass(frozen=True)
class TaxSum:
    """What one tax comes to; `name` as its law calls it."""

    name: str
    percent: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Extra:
    """A duty or a fee as it is shown: with its tax where prices have it inside."""

    kind: OrderCharge.Kind
    label: str
    amount: Decimal


def sum_taxes(components: Iterable[Component]) -> tuple[TaxSum, ...]:
    """Add taxes up by name and rate, the highest rate first; several on one part stay apart."""
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for component in components:
        for name, percent, tax in _taxes_of(component):
            key = (name, percent.normalize())
            sums[key] = sums.get(key, Decimal(0)) + tax
    return tuple(
        TaxSum(name, percent, tax)
        for (name, percent), tax in sorted(sums.items(), key=lambda row: -row[0][1])
        if tax
    )


def list_extras(components: Iterable[Cost], *, with_tax: bool) -> tuple[Extra, ...]:
    """List duties and fees in words, a row for each of them; parcels are added up."""
    sums: dict[tuple[OrderCharge.Kind, str], Decimal] = {}
    for component in components:
        kind = charge_kind(component)
        if kind is None or kind is OrderCharge.Kind.SHIPPING:
            continue
        key = (kind, cost_words(component.kind, component.code))
        amount = component.gross if with_tax else component.net
        sums[key] = sums.get(key, Decimal(0)) + amount
    return tuple(Extra(*key, amount) for key, amount in sums.items() if amount)


def charge_kind(component: Component) -> OrderCharge.Kind | None:
    """Tell the charge that a component is a part of; None where it is a part of a line."""
    if component.kind == "shipping":
        return OrderCharge.Kind.SHIPPING
    if component.kind == "duty":
        return OrderCharge.Kind.DUTY
    if component.kind == "fee":
        is_carriers = component.row.startswith(_CARRIERS_ROW)
        return OrderCharge.Kind.CLEARANCE if is_carriers else OrderCharge.Kind.IMPORT_FEE
    return None


def _taxes_of(component: Component) -> Iterable[tuple[str, Decimal, Decimal]]:
    if not component.parts:
        return [(component.tax_name, component.percent, component.tax)]
    return [
        (part["name"], Decimal(part["percent"]), Decimal(part["tax"]))
        if isinstance(part, Mapping)
        else (part.name, part.percent, part.tax)
        for part in component.parts
    ]
