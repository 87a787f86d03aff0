"""Orders that do not go on by themselves, and why: a fixed number of queries."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Max, Min, OuterRef, QuerySet, Subquery, Sum

from fulfillment.carriers.finding import list_down, list_label_trouble
from fulfillment.errors import NoRoute
from fulfillment.models import (
    Carrier,
    IncomingStock,
    Reservation,
    ReservationLine,
    Shipment,
    ShipmentLabel,
)
from fulfillment.reasons import describe_reason
from fulfillment.selectors import list_short, list_unrouted
from orders.models import EventDelivery, Order

# Routing is a task of seconds; what waits longer has found no warehouse.
ROUTED_WITHIN = timedelta(minutes=10)
MOST = 50
_ROUTING = "fulfillment.tasks.route_order"
_PAIR = re.compile(r"([\w-]+): (\w+)")


@dataclass(frozen=True)
class AwaitsStock:
    """An order that holds units ahead: until when, as far as deliveries have a date."""

    order_id: int
    number: str
    units: int
    until: date | None
    is_overdue: bool


@dataclass(frozen=True)
class NotRouted:
    order: Order
    why: str


@dataclass(frozen=True)
class Waiting:
    """What waits, at most `MOST` rows of a kind."""

    stock: Sequence[AwaitsStock]
    unrouted: Sequence[NotRouted]
    labels: Sequence[ShipmentLabel]
    exceptions: Sequence[Shipment]
    down: Sequence[Carrier]

    def __bool__(self) -> bool:
        return any((self.stock, self.unrouted, self.labels, self.exceptions, self.down))


def list_waiting(*, now: datetime) -> Waiting:
    """List the orders and parcels that wait for stock, a way, a label or a decision."""
    return Waiting(
        stock=_stock(now=now),
        unrouted=_unrouted(now=now),
        labels=list(list_label_trouble().select_related("shipment__order")[:MOST]),
        exceptions=list(list_exceptions().select_related("order", "service__carrier")[:MOST]),
        down=list(list_down(now=now)),
    )


def list_exceptions() -> QuerySet[Shipment]:
    """List the parcels that were lost or damaged on their way and that nobody has settled yet."""
    return Shipment.objects.filter(status=Shipment.Status.EXCEPTION, resolution="").order_by(
        "ship_by", "id"
    )


def _stock(*, now: datetime) -> list[AwaitsStock]:
    expected = (
        IncomingStock.objects.filter(
            variant=OuterRef("variant"), warehouse=OuterRef("warehouse"), closed_at=None
        )
        .order_by()
        .values("variant")
        .annotate(first=Min("expected_on"))
        .values("first")
    )
    rows = (
        ReservationLine.objects.filter(ahead__gt=0, reservation__status=Reservation.Status.ACTIVE)
        .annotate(first=Subquery(expected))
        .values("reservation__order", number=F("reservation__order__number"))
        .annotate(units=Sum("ahead"), until=Max("first"))
        .order_by(F("until").asc(nulls_first=True), "reservation__order")[:MOST]
    )
    today = now.date()
    return [
        AwaitsStock(
            order_id=row["reservation__order"],
            number=row["number"],
            units=row["units"],
            until=row["until"],
            is_overdue=row["until"] is None or row["until"] < today,
        )
        for row in rows
    ]


def _unrouted(*, now: datetime) -> list[NotRouted]:
    """Name orders that have no way at all, then those that some units of have none."""
    orders = list(list_unrouted(before=now - ROUTED_WITHIN)[:MOST])
    errors = dict(
        EventDelivery.objects.filter(subscriber=_ROUTING, event__order__in=orders)
        .exclude(error="")
        .order_by("id")
        .values_list("event__order", "error")
    )
    return [
        *(NotRouted(order, _reasons(errors.get(order.pk, ""))) for order in orders),
        *(
            NotRouted(decision.order, _lacking(decision.plan["waiting"]))
            for decision in list_short()[:MOST]
        ),
    ]


def _lacking(units: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {sku}" for sku, count in sorted(units.items()))


def _reasons(error: str) -> str:
    """Word what routing failed by, warehouse by warehouse; any other failure is named as it is."""
    name, _sep, said = error.partition(": ")
    if name != NoRoute.__name__:
        return error[:300]
    pairs = _PAIR.findall(said)
    return "; ".join(f"{code}: {describe_reason(reason)}" for code, reason in pairs) or said
