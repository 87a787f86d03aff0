"""Freezing what was agreed: an order's rows, as they will stay."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError

from markets.models import Market
from orders.errors import CartNotOpen
from orders.events import record_event
from orders.models import Address, Cart, Order, OrderCharge, OrderDiscount, OrderLine
from orders.numbers import new_order_number


@dataclass(frozen=True)
class LineDraft:
    """A line to freeze; amounts in the market's currency, price and tax rate by id.

    `discount` is off all units together, as shown; net, tax and gross are after it.
    """

    variant_id: int
    sku: str
    title: str
    options: str
    quantity: int
    unit_price: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    tax_percent: Decimal
    tax_name: str
    tax_category_id: str
    tax_rate_id: int | None
    price_id: int
    exchange_rate_id: int | None = None
    pricing_rule_id: int | None = None
    discount: Decimal = Decimal(0)


@dataclass(frozen=True)
class DiscountDraft:
    """What a promotion took off the line of a variant, or off delivery where that is None."""

    variant_id: int | None
    promotion_version_id: int
    coupon_id: int | None
    coupon_code: str
    label: str
    amount: Decimal


@dataclass(frozen=True)
class ChargeDraft:
    kind: OrderCharge.Kind
    label: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    tax_percent: Decimal
    tax_rate_id: int | None


@dataclass(frozen=True)
class OrderDraft:
    """Everything that an order keeps, decided by the caller."""

    cart: Cart
    market: Market
    language: str
    locale: str
    email: str
    shipping_address: dict[str, str]
    billing_address: dict[str, str] | None
    delivery_option: str
    promised_from: date | None
    promised_to: date | None
    lines: Sequence[LineDraft]
    charges: Sequence[ChargeDraft]
    priced_at: datetime
    discounts: Sequence[DiscountDraft] = ()
    user: Any = None
    ip_address: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def freeze_order(draft: OrderDraft, *, now: datetime) -> Order:
    """Write an order with its lines, charges, discounts and addresses and record `order_placed`.

    Runs in the caller's transaction and ends the cart. Raises CartNotOpen if the cart was
    ordered already, and the database refuses rows that do not add up.
    """
    if not Cart.objects.filter(pk=draft.cart.pk, status=Cart.Status.OPEN).update(
        status=Cart.Status.ORDERED
    ):
        raise CartNotOpen(f"Cart {draft.cart.pk} was ordered already.")
    shipping = Address.objects.create(**draft.shipping_address)
    billing = Address.objects.create(**draft.billing_address) if draft.billing_address else shipping
    parts: list[LineDraft | ChargeDraft] = [*draft.lines, *draft.charges]
    order = _create_numbered(
        cart=draft.cart,
        market=draft.market,
        user=draft.user,
        language=draft.language,
        locale=draft.locale,
        currency=draft.market.currency,
        email=draft.email,
        ip_address=draft.ip_address,
        shipping_address=shipping,
        billing_address=billing,
        delivery_option=draft.delivery_option,
        promised_from=draft.promised_from,
        promised_to=draft.promised_to,
        prices_include_tax=draft.market.prices_include_tax,
        net=sum((part.net for part in parts), Decimal(0)),
        tax=sum((part.tax for part in parts), Decimal(0)),
        gross=sum((part.gross for part in parts), Decimal(0)),
        placed_at=now,
        priced_at=draft.priced_at,
    )
    lines = OrderLine.objects.bulk_create(
        OrderLine(order=order, **vars(line)) for line in draft.lines
    )
    OrderCharge.objects.bulk_create(
        OrderCharge(order=order, **vars(charge)) for charge in draft.charges
    )
    _freeze_discounts(order, draft.discounts, lines=lines)
    record_event(order, "order_placed", now=now, **draft.facts)
    return order


def _freeze_discounts(
    order: Order, discounts: Sequence[DiscountDraft], *, lines: Sequence[OrderLine]
) -> None:
    line_of = {line.variant_id: line for line in lines}
    OrderDiscount.objects.bulk_create(
        OrderDiscount(
            order=order,
            line=None if row.variant_id is None else line_of[row.variant_id],
            promotion_version_id=row.promotion_version_id,
            coupon_id=row.coupon_id,
            coupon_code=row.coupon_code,
            label=row.label,
            amount=row.amount,
        )
        for row in discounts
    )


def _create_numbered(**fields: Any) -> Order:
    number = new_order_number()
    while Order.objects.filter(number=number).exists():
        number = new_order_number()
    try:
        return Order.objects.create(number=number, **fields)
    except IntegrityError as error:
        if "cart_id" in str(error):
            raise CartNotOpen("The cart was ordered already.") from error
        raise
