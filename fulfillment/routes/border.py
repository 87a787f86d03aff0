"""What a border costs us when an order goes another way than it was priced for.

The shopper's total is frozen. Duty of the ways that the order was priced for is in it, or was
announced as due on delivery; what another way owes beyond that is ours. Duty is assessed on all
goods of the order as one parcel from that country, so that a threshold of law that a smaller part
would keep below counts as passed: never too little.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from catalog.reference import Reference
from markets.derivation import NoRate
from markets.landed_cost import CostKind, CustomsGoods, CustomsParcel, assess_duties
from markets.landed_cost.tables import load_duty_tables
from markets.landed_cost.terms import DutyKind, DutyTables
from markets.tax import Place
from markets.tax.providers import convert_on
from orders.models import Order, OrderLine, OrderTaxComponent

logger = logging.getLogger(__name__)
_EUR = "EUR"
_NONE = Decimal(0)


@dataclass(frozen=True)
class BorderCost:
    """What we bear on the way from a country, in EUR: for a unit, a line, and the entry."""

    per_unit: Mapping[int, Decimal] = field(default_factory=dict)
    per_line: Mapping[int, Decimal] = field(default_factory=dict)
    per_entry: Decimal = _NONE


FREE = BorderCost()


def border_costs(
    order: Order, lines: Sequence[OrderLine], *, origins: Iterable[str], on: date, read: Reference
) -> dict[str, BorderCost]:
    """Give what we bear on the way from each country.

    No query where nothing crosses a customs border, else two. What cannot be converted counts as
    nothing, and is logged: an order is not kept back for want of an exchange rate.
    """
    target = order.shipping_address.country
    tables = load_duty_tables(target, on=on, market_id=order.market_id, read=read)
    abroad = {origin for origin in origins if tables.is_import(origin, target)}
    costs = dict.fromkeys(origins, FREE)
    if not abroad:
        return costs
    agreed = _Agreed(order, lines)
    for origin in sorted(abroad):
        try:
            costs[origin] = _assess(lines, agreed, origin=origin, tables=tables)
        except NoRate as error:
            logger.warning("Order %s from %s is weighed without duty: %s", order, origin, error)
    return costs


class _Agreed:
    """What the order was priced for: who sends what from where, and what is paid for borders."""

    def __init__(self, order: Order, lines: Sequence[OrderLine]) -> None:
        self.order = order
        self.sent_from: dict[int, set[str]] = defaultdict(set)
        self.paid: dict[int, Decimal] = defaultdict(Decimal)
        for part in order.tax_components.all():
            if part.line_id and part.kind == OrderTaxComponent.Kind.GOODS:
                self.sent_from[part.line_id].add(part.ship_from.split("-")[0])
            elif part.goods_line_id:
                self.paid[part.goods_line_id] += part.net
        announced = sum((Decimal(row["net"]) for row in order.due_on_delivery), _NONE)
        worth = sum((line.net for line in lines), _NONE)
        for line in lines if worth else ():
            self.paid[line.pk] += announced * line.net / worth

    def covers(self, line: OrderLine, origin: str) -> bool:
        return origin in self.sent_from[line.pk]


def _assess(
    lines: Sequence[OrderLine], agreed: _Agreed, *, origin: str, tables: DutyTables
) -> BorderCost:
    open_lines = [line for line in lines if not agreed.covers(line, origin)]
    if not open_lines:
        return FREE
    currency, on = agreed.order.currency, tables.on

    def convert(amount: Decimal, source: str, to: str) -> Decimal:
        return convert_on(amount, source, to, on=on)

    parcel = CustomsParcel(
        ship_from=Place(origin),
        ship_to=Place(tables.destination),
        goods=tuple(_goods(line) for line in lines),
        currency=currency,
        on=on,
    )
    answer = assess_duties(parcel, tables=tables, convert=convert)
    by_heading = {row.row for row in tables.layers if row.kind is DutyKind.PER_HEADING}
    by_key = {str(line.pk): line for line in open_lines}
    owed: dict[int, Decimal] = defaultdict(Decimal)
    fixed: dict[int, Decimal] = defaultdict(Decimal)
    entry = _NONE
    for part in answer.components:
        if part.kind is CostKind.CLEARANCE or not part.shares:
            entry += part.amount
            continue
        for key, amount in part.shares:
            line = by_key.get(key)
            if line is None:
                continue
            # Import tax is due on the duty too; that on the goods is in the order's own tax.
            with_tax = amount * (1 + line.tax_percent / 100 if part.taxable_base else 1)
            is_fixed = part.kind is CostKind.FEE or part.row in by_heading
            (fixed if is_fixed else owed)[line.pk] += with_tax
    per_unit, per_line = {}, {}
    for line in open_lines:
        paid = agreed.paid[line.pk]
        duty = max(_NONE, owed[line.pk] - paid)
        rest = max(_NONE, paid - owed[line.pk])
        per_unit[line.variant_id] = convert(duty, currency, _EUR) / line.quantity
        per_line[line.variant_id] = convert(max(_NONE, fixed[line.pk] - rest), currency, _EUR)
    return BorderCost(per_unit, per_line, convert(entry, currency, _EUR))


def _goods(line: OrderLine) -> CustomsGoods:
    variant = line.variant
    return CustomsGoods(
        key=str(line.pk),
        amount=line.net,
        quantity=line.quantity,
        hs_code=variant.hs_code,
        origin=variant.origin_country,
        weight_grams=variant.weight_grams * line.quantity,
    )
