"""What an order stored of its amounts and taxes, as the lines of a document, computing nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orders.models import Order, OrderCharge, OrderLine, OrderTaxComponent


@dataclass(frozen=True)
class DocumentPart:
    """A line of a document to be written; amounts in the order's currency, never negative."""

    component_id: int
    kind: str
    label: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    percent: Decimal
    tax_name: str = ""
    sku: str = ""
    quantity: int | None = None
    unit_price: Decimal | None = None
    discount: Decimal | None = None
    order_line_id: int | None = None
    charge_id: int | None = None
    credits_id: int | None = None
    regime: str = ""
    jurisdiction: str = ""
    registration_id: int | None = None
    terms: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)


def parts_of_order(order: Order) -> list[DocumentPart]:
    """Read the parts that an order's invoice consists of, goods first; a few queries."""
    lines = {line.pk: line for line in order.lines.order_by("id")}
    charges = {charge.pk: charge for charge in order.charges.order_by("id")}
    components = list(order.tax_components.order_by("id"))
    shown = {pk: _leads_to(line, _of(components, pk), order) for pk, line in lines.items()}
    goods = [row for row in components if row.line_id is not None]
    others = [row for row in components if row.line_id is None]
    return [
        *(
            _of_component(row, order, line=lines[row.line_id], shown=shown[row.line_id])
            for row in goods
            if row.line_id is not None
        ),
        *(
            _of_component(row, order, charge=charges[row.charge_id])
            for row in others
            if row.charge_id is not None
        ),
    ]


def _of(components: Iterable[OrderTaxComponent], line_id: int) -> list[OrderTaxComponent]:
    return [row for row in components if row.line_id == line_id]


def _leads_to(line: OrderLine, rows: Sequence[OrderTaxComponent], order: Order) -> bool:
    """Tell whether the price that was shown leads to the amounts: not where tax fell away."""
    total = sum((_as_shown(row, order) for row in rows), Decimal(0))
    return line.unit_price * line.quantity - line.discount == total


def _as_shown(row: OrderTaxComponent, order: Order) -> Decimal:
    return row.gross if order.prices_include_tax else row.net


def _of_component(
    row: OrderTaxComponent,
    order: Order,
    *,
    line: OrderLine | None = None,
    charge: OrderCharge | None = None,
    shown: bool = False,
) -> DocumentPart:
    discount = None
    if line is not None and shown and row.quantity:
        off = line.unit_price * row.quantity - _as_shown(row, order)
        discount = off if off >= 0 else None
    return DocumentPart(
        component_id=row.pk,
        kind=row.kind,
        label=_title(line) if line else _name(charge, row.label),
        net=row.net,
        tax=row.tax,
        gross=row.gross,
        percent=row.percent,
        tax_name=row.tax_name,
        sku=line.sku if line else "",
        quantity=(row.quantity or None) if line else None,
        unit_price=line.unit_price if line and discount is not None else None,
        discount=discount,
        order_line_id=row.line_id,
        charge_id=row.charge_id,
        regime=row.regime,
        jurisdiction=row.jurisdiction,
        registration_id=row.registration_id,
        terms=row.terms,
        parts=row.parts,
    )


def _title(line: OrderLine) -> str:
    return f"{line.title}, {line.options}" if line.options else line.title


def _name(charge: OrderCharge | None, label: str) -> str:
    return (charge.label or str(charge.get_kind_display())) if charge else label
