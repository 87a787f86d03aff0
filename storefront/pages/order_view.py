"""An order as its shopper sees it: what was agreed, what is paid, where the parcels are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from fulfillment.models import Shipment
from fulfillment.promises import Promise as Arrival
from fulfillment.promises import promise_of
from fulfillment.returns.quantities import returnable_lines
from fulfillment.stock.expiry import REASON as NOT_PAID_IN_TIME
from orders.addresses import format_address
from orders.models import Order, OrderLine
from payments.methods import day_in, list_methods
from payments.models import Payment, PaymentMethod
from storefront.documents.links import DocumentLink, list_documents
from storefront.order_sums import sum_order
from storefront.pages.costs import ShownCosts, show_order_costs
from storefront.pages.discount_words import ShownDiscount
from storefront.pages.pictures import Picture, pictures_of_variant
from storefront.pages.return_window import last_day_to_return
from storefront.tax_sums import sum_taxes

P = Order.PaymentStatus
S = Shipment.Status
PARCEL_STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("planned", _("Being prepared")),
    ("packed", _("Packed")),
    ("dispatched", _("On its way")),
    ("delivered", _("Delivered")),
)
_GIVEN_UP = ("cancelled", "lapsed")
_REACHED = {
    S.PLANNED: 0,
    S.PICKING: 0,
    S.EXCEPTION: 0,
    S.PACKED: 1,
    S.DISPATCHED: 2,
    S.DELIVERED: 3,
}


@dataclass(frozen=True)
class OrderedLine:
    line_id: int
    title: str
    options: str
    quantity: int
    unit_price: Money
    total: Money
    picture: Picture | None


@dataclass(frozen=True)
class Step:
    name: str | Promise
    at: datetime | None
    reached: bool
    current: bool


@dataclass(frozen=True)
class Parcel:
    number: str
    carrier: str
    tracking_number: str
    tracking_url: str
    promise: Arrival | None
    delivered_at: datetime | None
    steps: tuple[Step, ...]
    contents: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class ReturnLink:
    number: str
    url: str
    state: str


@dataclass(frozen=True)
class Instructions:
    """How to pay what is still open, by voucher or transfer."""

    kind: str
    url: str
    number: str
    payee: str
    reference: str
    until: datetime | None


@dataclass(frozen=True)
class OrderView:
    """`situation` is the one thing to say first: paid, authorised, pending, at_door, open,
    failed, held, cancelled, lapsed (not paid while the goods were kept) or refunded."""

    number: str
    token: str
    email: str
    placed_at: datetime
    situation: str
    method: str
    lines: tuple[OrderedLine, ...]
    charges: tuple[tuple[str, Money], ...]
    discounts: tuple[ShownDiscount, ...]
    costs: ShownCosts
    taxes: tuple[tuple[str, Decimal, Money], ...]
    includes_tax: bool
    goods: Money
    total: Money
    refunded: Money | None
    address: tuple[str, ...]
    billing_address: tuple[str, ...]
    promise: Arrival | None
    parcels: tuple[Parcel, ...]
    instructions: Instructions | None
    continue_url: str
    methods: tuple[PaymentMethod, ...]
    returns: tuple[ReturnLink, ...]
    documents: Sequence[DocumentLink]
    can_return: bool
    return_by: date | None
    is_waiting: bool


def view_order(order: Order, *, now: datetime) -> OrderView:
    """Gather everything that the order's page shows, in a constant number of queries."""
    currency = order.currency
    lines = list(
        order.lines.select_related("variant__product").prefetch_related("variant__product__media")
    )
    charges = list(order.charges.all())
    sums = sum_order(order, lines=lines, charges=charges)
    payments = list(order.payments.select_related("method"))
    situation = _situation(order, payments)
    return_by = last_day_to_return(order)
    today = day_in(order.market, now=now)
    is_payable = situation in ("open", "failed")
    parcels = _parcels(order, now=now)
    return OrderView(
        number=order.number,
        token=order.token,
        email=order.email,
        placed_at=order.placed_at,
        situation=situation,
        method=payments[0].method.name if payments else "",
        lines=tuple(_line(line, currency) for line in lines),
        charges=tuple((label, Money(price, currency)) for label, price in sums.charges),
        discounts=tuple(
            ShownDiscount(row.label, Money(-row.amount, currency)) for row in sums.discounts
        ),
        costs=show_order_costs(order, sums),
        taxes=tuple(
            (row.name, row.percent, Money(row.tax, currency))
            for row in sum_taxes(order.tax_components.all())
        ),
        includes_tax=order.prices_include_tax,
        goods=Money(sums.goods, currency),
        total=Money(order.gross, currency),
        refunded=_refunded(payments, currency),
        address=tuple(format_address(order.shipping_address, locale=order.locale)),
        billing_address=()
        if order.billing_address_id == order.shipping_address_id
        else tuple(format_address(order.billing_address, locale=order.locale)),
        promise=None if parcels or situation in _GIVEN_UP else promise_of(order, now=now),
        parcels=parcels,
        instructions=_instructions(order) if situation == "pending" else None,
        continue_url=_continue(payments, now=now) if is_payable else "",
        methods=tuple(payable_methods(order, now=now)) if is_payable else (),
        returns=tuple(
            ReturnLink(
                row.number, reverse("shop:return", args=[row.token]), str(row.get_status_display())
            )
            for row in order.returns.order_by("id")
        ),
        documents=list_documents(order),
        can_return=(return_by is None or today <= return_by)
        and any(row.returnable > 0 for row in returnable_lines(order)),
        return_by=return_by,
        is_waiting=situation == "open"
        and bool(payments)
        and payments[0].status in (Payment.Status.CREATED, Payment.Status.PROCESSING),
    )


def payable_methods(order: Order, *, now: datetime) -> list[PaymentMethod]:
    """List the methods by which an order can still be paid."""
    return list_methods(
        order.market,
        country=order.billing_address.country,
        amount=Money(order.gross, order.currency),
        today=day_in(order.market, now=now),
    )


def picture_of_line(line: OrderLine) -> Picture | None:
    return next(iter(pictures_of_variant(line.variant, line.variant.product)), None)


def _line(line: OrderLine, currency: str) -> OrderedLine:
    return OrderedLine(
        line_id=line.pk,
        title=line.title,
        options=line.options,
        quantity=line.quantity,
        unit_price=Money(line.unit_price, currency),
        total=Money(line.unit_price * line.quantity, currency),
        picture=picture_of_line(line),
    )


def _situation(order: Order, payments: Sequence[Payment]) -> str:
    if order.status == Order.Status.CANCELLED:
        return "lapsed" if _lapsed(order) else "cancelled"
    if order.payment_status in (P.REFUNDED, P.PART_REFUNDED):
        return "refunded"
    if order.status == Order.Status.ON_HOLD:
        return "held"
    if order.payment_status == P.PAID:
        return "paid"
    if payments and payments[0].method.gateway == PaymentMethod.Gateway.CASH_ON_DELIVERY:
        return "at_door"
    return {
        P.AUTHORISED: "authorised",
        P.PENDING: "pending",
        P.FAILED: "failed",
        P.VOIDED: "failed",
    }.get(P(order.payment_status), "open")


def _lapsed(order: Order) -> bool:
    event = order.events.filter(kind="order_cancelled").first()
    return event is not None and event.data.get("reason") == NOT_PAID_IN_TIME


def _refunded(payments: Sequence[Payment], currency: str) -> Money | None:
    total = sum((payment.refunded for payment in payments), Decimal(0))
    return Money(total, currency) if total else None


def _parcels(order: Order, *, now: datetime) -> tuple[Parcel, ...]:
    rows = (
        order.shipments.exclude(status=S.CANCELLED)
        .select_related("service__carrier")
        .prefetch_related("lines__order_line")
        .order_by("id")
    )
    return tuple(_parcel(row, now=now) for row in rows)


def _parcel(row: Shipment, *, now: datetime) -> Parcel:
    template, number = row.service.tracking_url, row.tracking_number
    reached = _REACHED.get(S(row.status), 0)
    times = {1: row.packed_at, 2: row.dispatched_at, 3: row.delivered_at}
    return Parcel(
        number=row.number,
        carrier=row.service.carrier.name,
        tracking_number=number,
        tracking_url=template.replace("{number}", number) if template and number else "",
        promise=None if row.delivered_at else promise_of(row, now=now),
        delivered_at=row.delivered_at,
        steps=tuple(
            Step(name, times.get(place), reached=place <= reached, current=place == reached)
            for place, (_key, name) in enumerate(PARCEL_STEPS)
        ),
        contents=tuple((line.quantity, _name(line.order_line)) for line in row.lines.all()),
    )


def _name(line: OrderLine) -> str:
    return f"{line.title}, {line.options}" if line.options else line.title


def _instructions(order: Order) -> Instructions | None:
    event = order.events.filter(kind="payment_pending").order_by("-occurred_at").first()
    data = event.data.get("instructions") if event else None
    if not data:
        return None
    until = data.get("expires_at")
    return Instructions(
        kind=data.get("kind", ""),
        url=data.get("url", "") if str(data.get("url", "")).startswith("http") else "",
        number=data.get("number", ""),
        payee=data.get("payee", ""),
        reference=data.get("reference", ""),
        until=datetime.fromisoformat(until) if until else None,
    )


def _continue(payments: Sequence[Payment], *, now: datetime) -> str:
    """Give the payment page that is still open, if there is one."""
    if not payments:
        return ""
    last = payments[0]
    is_open = last.status == Payment.Status.REQUIRES_ACTION and last.void_requested_at is None
    if not is_open or (last.expires_at and last.expires_at <= now):
        return ""
    return last.redirect_url
