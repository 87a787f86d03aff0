"""Orders with taxes, ready to be invoiced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from markets.models import LegalEntity, Market, TaxPlaceRule
from orders.invoices import list_invoices
from orders.models import Order, OrderCharge
from tests.factories import make_market, make_order, make_tax_components, make_variant

D = Decimal
SUPPLIED = date(2026, 11, 24)


@dataclass(frozen=True)
class Part:
    """A line or a charge of an order: net and tax, and how it came to be taxed so."""

    net: str
    tax: str
    percent: str = "19"
    quantity: int = 1
    kind: str = "goods"
    label: str = "Teapot"
    tax_name: str = "MwSt"
    discount: str = "0"

    @property
    def gross(self) -> Decimal:
        return D(self.net) + D(self.tax)


TEAPOT = Part("84.03", "15.97", quantity=2)
TEA = Part("9.35", "0.65", percent="7", quantity=3, label="Sencha", discount="2.00")
DELIVERY = Part("4.12", "0.78", kind="shipping", label="Standard delivery")


def make_entity(**fields: Any) -> LegalEntity:
    return LegalEntity.objects.get_or_create(
        name=fields.pop("name", "Entrepot Handel B.V."),
        defaults={
            "address": "Boompjes 40\n3011 XB Rotterdam\nNederland",
            "country": "NL",
            "tax_id": "NL123456782B12",
            "email": "invoices@entrepot.example",
            "invoice_prefix": "NL",
            **fields,
        },
    )[0]


def make_eu(*countries: str) -> None:
    for country in countries:
        TaxPlaceRule.objects.create(country=country, area="EU", valid_from=date(2020, 1, 1))


def make_taxed_order(
    parts: Sequence[Part] = (TEAPOT, TEA, DELIVERY),
    *,
    market: Market | None = None,
    component: dict[str, Any] | None = None,
    **fields: Any,
) -> Order:
    """Make an order of some parts, `component` being what all of its tax components have."""
    market = market or make_market(legal_entity=make_entity())
    goods = [part for part in parts if part.kind == "goods"]
    order = make_order(
        market,
        {make_variant(): part.quantity for part in goods},
        net=sum(D(part.net) for part in parts),
        tax=sum(D(part.tax) for part in parts),
        gross=sum(part.gross for part in parts),
        **fields,
    )
    for line, part in zip(order.lines.order_by("id"), goods, strict=True):
        shown = part.gross if market.prices_include_tax else D(part.net)
        line.discount = D(part.discount)
        line.unit_price = (shown + line.discount) / part.quantity
        line.title, line.net, line.tax, line.gross = (
            part.label,
            D(part.net),
            D(part.tax),
            part.gross,
        )
        line.tax_percent, line.tax_name = D(part.percent), part.tax_name
        line.save()
    for part in parts:
        if part.kind != "goods":
            OrderCharge.objects.create(
                order=order, kind=part.kind, label=part.label, net=D(part.net), tax=D(part.tax),
                gross=part.gross, tax_percent=D(part.percent),
            )  # fmt: skip
    make_tax_components(order, **(component or {}))
    return order


def kept_of_order(order: Order) -> Decimal:
    """Give what was invoiced and not credited, in the order's currency, tax included."""
    return sum(
        (-row.gross if row.is_credit_note else row.gross for row in list_invoices(order)),
        Decimal(0),
    )
