"""Orders with their tax components, invoiced and credited, for tests of reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from markets.models import ExchangeRate, LegalEntity, Market, TaxPlaceRule
from orders.invoices import issue_credit_note, issue_invoice
from orders.models import Cart, Invoice, Order, OrderCharge, OrderLine, OrderTaxComponent
from orders.numbers import new_order_number
from tests.factories import make_address, make_cart, make_market, make_price, make_variant

LONG_AGO = date(2015, 1, 1)


@dataclass(frozen=True)
class Sold:
    """A line of an order, or its delivery where `kind` says so."""

    net: str
    tax: str
    percent: str = "19"
    kind: str = "goods"
    regime: str = "oss"
    jurisdiction: str = "DE"
    ship_from: str = "NL"
    tax_name: str = "MwSt."
    parts: tuple[dict[str, str], ...] = ()


def make_entity(name: str = "Entrepot BV", **fields: Any) -> LegalEntity:
    defaults = {
        "address": "Kade 1\n3011 Rotterdam",
        "country": "NL",
        "tax_id": "NL123456789B01",
        "invoice_prefix": name[:3].upper(),
    }
    return LegalEntity.objects.create(name=name, **{**defaults, **fields})


def make_seller(entity: LegalEntity | None = None, code: str = "de", **fields: Any) -> Market:
    return make_market(code, legal_entity=entity or make_entity(), **fields)


def make_union(*countries: str) -> None:
    for country in countries:
        TaxPlaceRule.objects.create(country=country, area="EU", valid_from=LONG_AGO)


def make_rate(quote: str, rate: str, on: date, provider: str = "ecb", base: str = "EUR") -> None:
    ExchangeRate.objects.create(
        provider=provider, base=base, quote=quote, rate=Decimal(rate), given=rate, as_of=on,
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip


def make_sold(market: Market, parts: Sequence[Sold], *, on: date, **fields: Any) -> Order:
    """Make an order of a day that is made of these parts, each a line or a charge."""
    noon = datetime.combine(on, time(12), UTC)
    net = sum((Decimal(part.net) for part in parts), Decimal(0))
    tax = sum((Decimal(part.tax) for part in parts), Decimal(0))
    address = make_address(market.countries.order_by("position")[0].country)
    defaults = {
        "number": new_order_number(),
        "cart": make_cart(market, status=Cart.Status.ORDERED),
        "language": "en",
        "locale": "en_GB",
        "currency": market.currency,
        "email": "ada@example.com",
        "shipping_address": address,
        "billing_address": address,
        "delivery_option": "standard",
        "prices_include_tax": market.prices_include_tax,
        "net": net,
        "tax": tax,
        "gross": net + tax,
        "placed_at": noon,
        "priced_at": noon,
        "legal_entity": market.legal_entity,
        "status": Order.Status.RELEASED,
    }
    order = Order.objects.create(market=market, **{**defaults, **fields})
    rows: list[OrderTaxComponent] = []
    for part in parts:
        if part.kind == "goods":
            variant = make_variant()
            line = OrderLine.objects.create(
                order=order, variant=variant, sku=variant.sku, title=variant.product.title,
                quantity=1, tax_percent=Decimal(part.percent),
                unit_price=_gross(part) if order.prices_include_tax else Decimal(part.net),
                tax_category_id=str(variant.tax_category_id), price=make_price(variant, market),
                **_amounts(part),
            )  # fmt: skip
            rows.append(_component(part, order=order, line=line, quantity=1))
        else:
            charge = OrderCharge.objects.create(
                order=order, kind=part.kind, label=part.kind, tax_percent=Decimal(part.percent),
                **_amounts(part),
            )  # fmt: skip
            rows.append(_component(part, order=order, charge=charge))
    OrderTaxComponent.objects.bulk_create(rows)
    return order


def invoice(order: Order, *, on: date) -> Invoice:
    return issue_invoice(order.pk, supplied_on=on, now=datetime.combine(on, time(12), UTC))


def credit(order: Order, amount: str | Decimal, *, on: date, key: str = "") -> Invoice:
    note = issue_credit_note(
        order.pk,
        Decimal(amount),
        operation_key=key or f"refund:{order.pk}:{on}:{amount}",
        now=datetime.combine(on, time(12), UTC),
    )
    assert note is not None
    return note


def _component(part: Sold, **fields: Any) -> OrderTaxComponent:
    return OrderTaxComponent(
        kind=part.kind, percent=Decimal(part.percent), tax_name=part.tax_name,
        parts=list(part.parts), regime=part.regime, jurisdiction=part.jurisdiction,
        ship_from=part.ship_from, parcel=0, **_amounts(part), **fields,
    )  # fmt: skip


def _amounts(part: Sold) -> dict[str, Decimal]:
    return {"net": Decimal(part.net), "tax": Decimal(part.tax), "gross": _gross(part)}


def _gross(part: Sold) -> Decimal:
    return Decimal(part.net) + Decimal(part.tax)
