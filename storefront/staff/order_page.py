"""All that the page of one order shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from fulfillment.models import Return, Shipment
from fulfillment.promises import promise_of
from fulfillment.routes import LaneOffer, list_offers, waits_for_stock
from orders.models import Order
from payments.models import Payment, RiskAssessment
from storefront.order_sums import sum_discounts
from storefront.order_words import Happening, timeline_of
from storefront.risk_words import risk_sentences
from storefront.routing_words import RoutingWords, routing_history
from storefront.staff.access import Rights
from storefront.staff.border import BorderPage, load_border
from storefront.staff.shipment_page import AddressWords, address_words
from storefront.wording import amount_text, day_text, full_moment_text, money_text


@dataclass(frozen=True)
class LineWords:
    sku: str
    title: str
    options: str
    quantity: int
    unit_price: str
    discount: str
    gross: str


@dataclass(frozen=True)
class MoneyRow:
    label: str
    amount: str


@dataclass(frozen=True)
class RefundWords:
    amount: str
    status: str
    failure: str


@dataclass(frozen=True)
class PaymentWords:
    method: str
    amount: str
    status: str
    failure: str
    refunds: Sequence[RefundWords]


@dataclass(frozen=True)
class Choices:
    """The open lines of an order and the lanes that staff may send them by."""

    lines: Sequence[tuple[int, str, Sequence[LaneOffer]]]
    all_lines: Sequence[LaneOffer]


@dataclass(frozen=True)
class OrderPage:
    order: Order
    placed: str
    lines: Sequence[LineWords]
    totals: Sequence[MoneyRow]
    discounts: Sequence[MoneyRow]
    payments: Sequence[PaymentWords]
    shipments: Sequence[Shipment]
    returns: Sequence[Return]
    address: AddressWords
    risk: RiskAssessment | None
    reasons: Sequence[tuple[str, int]]
    timeline: Sequence[Happening]
    transfer_due: str
    border: BorderPage | None
    routing: RoutingWords | None
    former: Sequence[RoutingWords]
    choices: Choices | None
    waits: str


def find_order(number: str) -> Order:
    """Get an order with its market and addresses; raise Order.DoesNotExist."""
    return Order.objects.select_related("market", "shipping_address", "risk").get(number=number)


def load_order_page(order: Order, rights: Rights, *, now: datetime) -> OrderPage:
    zone = order.market.zone
    routing, former = routing_history(order, shows_costs=rights.sees_prices, zone=zone)
    risk = order.risk if hasattr(order, "risk") else None
    payments = list(
        order.payments.select_related("method").prefetch_related("refunds").order_by("id")
    )
    return OrderPage(
        order=order,
        placed=full_moment_text(order.placed_at, zone),
        lines=_lines(order, rights),
        totals=_totals(order) if rights.sees_prices else [],
        discounts=_discounts(order) if rights.sees_prices else [],
        payments=[_payment(payment) for payment in payments] if rights.sees_prices else [],
        shipments=list(
            order.shipments.select_related("warehouse", "service__carrier").order_by("id")
        ),
        returns=list(order.returns.order_by("id")),
        address=address_words(order.shipping_address),
        risk=risk,
        reasons=risk_sentences(risk.reasons) if risk else [],
        timeline=timeline_of(order, zone=zone, shows_amounts=rights.sees_prices),
        transfer_due=_transfer_due(order, payments) if rights.books_money else "",
        border=load_border(order) if rights.sees_prices else None,
        routing=routing,
        former=former,
        choices=_choices(order, now=now) if rights.ships else None,
        waits=_waits(order, now=now),
    )


def _waits(order: Order, *, now: datetime) -> str:
    """Say that an order waits for units to come, and until when as far as is known."""
    if order.status != Order.Status.RELEASED or not waits_for_stock(order):
        return ""
    expected = promise_of(order, now=now)
    if expected is None or expected.waits_until is None:
        return _("Waits for stock; no day is announced for it.")
    return _("Waits for stock until %(day)s.") % {"day": day_text(expected.waits_until)}


def _choices(order: Order, *, now: datetime) -> Choices | None:
    """List what staff may choose from; None where nothing is open any more."""
    if order.status != Order.Status.RELEASED:
        return None
    offers = list_offers(order, now=now)
    open_ids = {pk for offer in offers for pk in offer.lines}
    if not open_ids:
        return None
    return Choices(
        lines=[
            (line.pk, line.sku, [offer for offer in offers if line.pk in offer.lines])
            for line in order.lines.order_by("id")
            if line.pk in open_ids
        ],
        all_lines=[offer for offer in offers if offer.lines == open_ids],
    )


def _lines(order: Order, rights: Rights) -> list[LineWords]:
    return [
        LineWords(
            sku=line.sku,
            title=line.title,
            options=line.options,
            quantity=line.quantity,
            unit_price=amount_text(line.unit_price, order.currency) if rights.sees_prices else "",
            discount=amount_text(-line.discount, order.currency)
            if rights.sees_prices and line.discount
            else "",
            gross=amount_text(line.gross, order.currency) if rights.sees_prices else "",
        )
        for line in order.lines.order_by("id")
    ]


def _totals(order: Order) -> list[MoneyRow]:
    rows = [
        MoneyRow(charge.label, amount_text(charge.gross, order.currency))
        for charge in order.charges.order_by("id")
    ]
    # Lines and charges are shown with tax, whatever the shopper saw.
    rows.append(MoneyRow(_("Tax included"), amount_text(order.tax, order.currency)))
    rows.append(MoneyRow(_("Total"), money_text(order.total)))
    return rows


def _discounts(order: Order) -> list[MoneyRow]:
    """List what promotions took off; the lines and charges are what was left."""
    return [
        MoneyRow(
            f"{row.label} · {row.code}" if row.code else row.label,
            amount_text(-row.amount, order.currency),
        )
        for row in sum_discounts(order.discounts.all())
    ]


def _payment(payment: Payment) -> PaymentWords:
    return PaymentWords(
        method=payment.method.name,
        amount=money_text(payment.amount),
        status=payment.get_status_display(),
        failure=payment.failure,
        refunds=[
            RefundWords(money_text(row.amount), row.get_status_display(), row.failure)
            for row in payment.refunds.all()
        ],
    )


def _transfer_due(order: Order, payments: Sequence[Payment]) -> str:
    if order.status == Order.Status.CANCELLED:
        return ""
    waiting = [
        payment
        for payment in payments
        if payment.method.gateway == "bank_transfer"
        and payment.status in (Payment.Status.REQUIRES_ACTION, Payment.Status.PROCESSING)
    ]
    return money_text(waiting[-1].amount) if waiting else ""
