"""What waits for a decision beside the shelves: held orders, money to book, returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from fulfillment.models import Return
from fulfillment.selectors import list_awaiting_stock, list_short, list_unrouted
from orders.models import Order
from payments.models import Payment, PaymentMethod, Refund
from storefront.risk_words import risk_sentences
from storefront.staff.access import Rights
from storefront.staff.labelling import LabelTrouble, load_label_trouble
from storefront.staff.queue import Tab
from storefront.wording import country_text, day_text, full_moment_text, money_text

R = Return.Status
RETURN_STATES: dict[str, tuple[str | Promise, tuple[Return.Status, ...]]] = {
    "requested": (gettext_lazy("Requested"), (R.REQUESTED,)),
    "expected": (gettext_lazy("On the way"), (R.APPROVED, R.IN_TRANSIT)),
    "received": (gettext_lazy("To inspect"), (R.RECEIVED,)),
    "inspected": (gettext_lazy("To refund"), (R.INSPECTED,)),
    "done": (gettext_lazy("Done"), (R.REFUNDED, R.CLOSED, R.REJECTED)),
}
# Routing is a task of seconds; what waits longer has found no warehouse.
ROUTED_WITHIN = timedelta(minutes=10)
LIMIT = 100


@dataclass(frozen=True)
class HeldOrder:
    number: str
    placed: str
    market: str
    country: str
    total: str
    score: int | None
    reasons: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class AwaitedTransfer:
    order_number: str
    placed: str
    until: str
    amount: str


@dataclass(frozen=True)
class HandRefund:
    refund_id: int
    order_number: str
    amount: str
    method: str


@dataclass(frozen=True)
class Unrouted:
    number: str
    placed: str
    country: str


@dataclass(frozen=True)
class ShortOrder:
    """An order with units that no warehouse can send, by sku."""

    number: str
    country: str
    since: str
    units: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class AwaitingStock:
    number: str
    country: str
    units: int
    expected: str


@dataclass(frozen=True)
class Desk:
    held: Sequence[HeldOrder]
    transfers: Sequence[AwaitedTransfer]
    refunds: Sequence[HandRefund]
    unrouted: Sequence[Unrouted]
    short: Sequence[ShortOrder]
    awaiting: Sequence[AwaitingStock]
    trouble: LabelTrouble


def load_desk(rights: Rights, *, now: datetime) -> Desk:
    """Load what someone with these rights can decide; at most ten queries."""
    return Desk(
        held=_held(rights) if rights.sees_orders else [],
        transfers=_transfers() if rights.books_money else [],
        refunds=_hand_refunds() if rights.books_money else [],
        unrouted=_unrouted(now=now) if rights.sees_orders else [],
        short=_short() if rights.sees_orders else [],
        awaiting=_awaiting() if rights.sees_orders else [],
        trouble=load_label_trouble(now=now),
    )


def return_tabs(current: str = "") -> list[Tab]:
    """Count returns by state; one query."""
    counts = count_returns()
    url = reverse("staff:returns")
    return [
        Tab(
            label,
            f"{url}?state={state}",
            None if state == "done" else counts[state],
            state == current,
        )
        for state, (label, _statuses) in RETURN_STATES.items()
    ]


def count_returns() -> Mapping[str, int]:
    return Return.objects.aggregate(
        **{
            state: Count("pk", filter=Q(status__in=statuses))
            for state, (_label, statuses) in RETURN_STATES.items()
        }
    )


def _held(rights: Rights) -> list[HeldOrder]:
    orders = (
        Order.objects.filter(status=Order.Status.ON_HOLD)
        .select_related("market", "shipping_address", "risk")
        .order_by("placed_at", "id")[:LIMIT]
    )
    return [
        HeldOrder(
            number=order.number,
            placed=full_moment_text(order.placed_at, order.market.zone),
            market=order.market.name,
            country=country_text(order.shipping_address.country),
            total=money_text(order.total) if rights.sees_prices else "",
            score=order.risk.score if hasattr(order, "risk") else None,
            reasons=risk_sentences(order.risk.reasons) if hasattr(order, "risk") else [],
        )
        for order in orders
    ]


def _transfers() -> list[AwaitedTransfer]:
    payments = (
        Payment.objects.filter(
            method__gateway=PaymentMethod.Gateway.BANK_TRANSFER,
            status__in=[Payment.Status.REQUIRES_ACTION, Payment.Status.PROCESSING],
        )
        .exclude(order__status=Order.Status.CANCELLED)
        .select_related("order__market")
        .order_by("expires_at", "id")[:LIMIT]
    )
    return [
        AwaitedTransfer(
            order_number=payment.order.number,
            placed=full_moment_text(payment.order.placed_at, payment.order.market.zone),
            until=full_moment_text(payment.expires_at, payment.order.market.zone)
            if payment.expires_at
            else "",
            amount=money_text(payment.amount),
        )
        for payment in payments
    ]


def _hand_refunds() -> list[HandRefund]:
    refunds = (
        Refund.objects.filter(status=Refund.Status.PENDING, gateway_refund="")
        .select_related("payment__order", "payment__method")
        .order_by("id")[:LIMIT]
    )
    return [
        HandRefund(
            refund_id=refund.pk,
            order_number=refund.payment.order.number,
            amount=money_text(refund.amount),
            method=refund.payment.method.name,
        )
        for refund in refunds
    ]


def _unrouted(*, now: datetime) -> list[Unrouted]:
    return [
        Unrouted(
            number=order.number,
            placed=full_moment_text(order.placed_at, UTC),
            country=country_text(order.shipping_address.country),
        )
        for order in list_unrouted(before=now - ROUTED_WITHIN)[:LIMIT]
    ]


def _short() -> list[ShortOrder]:
    return [
        ShortOrder(
            number=decision.order.number,
            country=country_text(decision.order.shipping_address.country),
            since=full_moment_text(decision.decided_at, UTC),
            units=list(decision.plan["waiting"].items()),
        )
        for decision in list_short()[:LIMIT]
    ]


def _awaiting() -> list[AwaitingStock]:
    return [
        AwaitingStock(
            number=order.number,
            country=country_text(order.shipping_address.country),
            units=order.units,  # type: ignore[attr-defined]
            expected=day_text(order.expected_on) if order.expected_on else "",  # type: ignore[attr-defined]
        )
        for order in list_awaiting_stock()[:LIMIT]
    ]
