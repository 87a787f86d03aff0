"""How an order's total comes about, as its shopper was shown it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.models import Order, OrderCharge, OrderDiscount, OrderLine


@dataclass(frozen=True)
class DiscountSum:
    """What one promotion took off in all; `code` is the coupon's, where there was one."""

    label: str
    code: str
    amount: Decimal


@dataclass(frozen=True)
class OrderSums:
    """Amounts before discounts, and the discounts, in the order's currency.

    With tax where the market's prices have it inside, else without: goods, charges and adjustment
    minus the discounts are the order's gross, or its net. The adjustment is what the place's tax,
    or none, made of prices with another's inside.
    """

    goods: Decimal
    discounts: Sequence[DiscountSum]
    charges: Sequence[tuple[str, Decimal]]
    adjustment: Decimal


def sum_order(
    order: Order, *, lines: Iterable[OrderLine], charges: Iterable[OrderCharge]
) -> OrderSums:
    """Add up an order's rows; reads its discounts, one query."""
    rows = list(order.discounts.all())
    off_delivery = sum((row.amount for row in rows if row.line_id is None), Decimal(0))
    goods = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
    shown = [
        (
            charge.label or str(charge.get_kind_display()),
            (charge.gross if order.prices_include_tax else charge.net)
            + (off_delivery if charge.kind == OrderCharge.Kind.SHIPPING else Decimal(0)),
        )
        for charge in charges
    ]
    off = sum((row.amount for row in rows), Decimal(0))
    parts = goods + sum((amount for _label, amount in shown), Decimal(0)) - off
    return OrderSums(
        goods=goods,
        discounts=sum_discounts(rows),
        charges=shown,
        adjustment=(order.gross if order.prices_include_tax else order.net) - parts,
    )


def sum_discounts(rows: Iterable[OrderDiscount]) -> list[DiscountSum]:
    """Add up discounts by promotion, in the order that they were taken off."""
    sums: dict[tuple[int, str, str], Decimal] = {}
    for row in rows:
        key = (row.promotion_version_id, row.label, row.coupon_code)
        sums[key] = sums.get(key, Decimal(0)) + row.amount
    return [DiscountSum(label, code, amount) for (_, label, code), amount in sums.items()]
