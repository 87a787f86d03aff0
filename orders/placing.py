"""Freezing what was agreed: an order's rows, as they will stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError

from markets.models import Market
from orders.errors import CartNotOpen
from orders.events import record_event
from orders.models import (
    Address,
    Cart,
    Order,
    OrderCharge,
    OrderDiscount,
    OrderLine,
    OrderTaxComponent,
)
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
class TaxComponentDraft:
    """A part of the line of a variant, or of the charge of a kind, with the tax on it.

    A charge's part may be for the goods of a variant: a duty on them.
    """

    variant_id: int | None
    charge: OrderCharge.Kind | None
    kind: str
    label: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    percent: Decimal
    tax_name: str
    row: str
    parcel: int | None = None
    quantity: int = 0
    parts: Sequence[Mapping[str, Any]] = ()
    refundable: bool = True
    regime: str = ""
    jurisdiction: str = ""
    ship_from: str = ""
    registration_id: int | None = None
    hs_code: str = ""
    origin: str = ""
    terms: str = ""
    exchange_rate_id: int | None = None


@dataclass(frozen=True)
class TaxDraft:
    """What an order keeps of its taxes beside its amounts; all of it is JSON but the ids.

    The components of each line and each charge add up to it.
    """

    components: Sequence[TaxComponentDraft] = ()
    parcels: Sequence[Mapping[str, Any]] = ()
    due_on_delivery: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[Mapping[str, Any]] = ()
    legal_entity_id: int | None = None
    buyer_tax_id: str = ""
    buyer_company: str = ""
    tax_id_check_id: int | None = None


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
    taxes: TaxDraft = field(default_factory=TaxDraft)
    user: Any = None
    ip_address: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def freeze_order(draft: OrderDraft, *, now: datetime) -> Order:
    """Write an order with its lines, charges, taxes, discounts and addresses.

    Records `order_placed`, runs in the caller's transaction and ends the cart. Raises CartNotOpen
    if the cart was ordered already, and the database refuses rows that do not add up.
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
        legal_entity_id=draft.taxes.legal_entity_id,
        buyer_tax_id=draft.taxes.buyer_tax_id,
        buyer_company=draft.taxes.buyer_company,
        tax_id_check_id=draft.taxes.tax_id_check_id,
        tax_parcels=list(draft.taxes.parcels),
        due_on_delivery=list(draft.taxes.due_on_delivery),
        tax_notes=list(draft.taxes.notes),
    )
    lines = OrderLine.objects.bulk_create(
        OrderLine(order=order, **vars(line)) for line in draft.lines
    )
    charges = OrderCharge.objects.bulk_create(
        OrderCharge(order=order, **vars(charge)) for charge in draft.charges
    )
    _freeze_components(order, draft.taxes.components, lines=lines, charges=charges)
    _freeze_discounts(order, draft.discounts, lines=lines)
    record_event(order, "order_placed", now=now, **draft.facts)
    return order


def _freeze_components(
    order: Order,
    components: Sequence[TaxComponentDraft],
    *,
    lines: Sequence[OrderLine],
    charges: Sequence[OrderCharge],
) -> None:
    line_of = {line.variant_id: line for line in lines}
    charge_of = {charge.kind: charge for charge in charges}
    rows = []
    for component in components:
        columns = dict(vars(component))
        variant_id, charge = columns.pop("variant_id"), columns.pop("charge")
        line = None if variant_id is None else line_of[variant_id]
        rows.append(
            OrderTaxComponent(
                order=order,
                line=line if charge is None else None,
                goods_line=line if charge is not None else None,
                charge=None if charge is None else charge_of[charge],
                **{**columns, "parts": list(component.parts)},
            )
        )
    OrderTaxComponent.objects.bulk_create(rows)


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
