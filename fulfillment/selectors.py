"""What the ops console and the order pages read. Row counts never change the query counts."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, Prefetch, QuerySet, Subquery, Sum

from fulfillment.models import (
    IncomingStock,
    Reservation,
    ReservationLine,
    Return,
    ReturnLine,
    RoutingDecision,
    Shipment,
    ShipmentLine,
    StockLevel,
    Warehouse,
)
from orders.models import Order

TO_SEND = (Shipment.Status.PLANNED, Shipment.Status.PICKING, Shipment.Status.PACKED)
OPEN_RETURNS = (
    Return.Status.REQUESTED,
    Return.Status.APPROVED,
    Return.Status.IN_TRANSIT,
    Return.Status.RECEIVED,
    Return.Status.INSPECTED,
)


def list_shipments(
    *,
    warehouse: Warehouse | None = None,
    statuses: Collection[Shipment.Status] = TO_SEND,
) -> QuerySet[Shipment]:
    """List shipments, the most urgent first, with order, address, service and lines: 2 queries."""
    shipments = (
        Shipment.objects.filter(status__in=statuses)
        .select_related("order__shipping_address", "order__market", "warehouse", "service__carrier")
        .prefetch_related(Prefetch("lines", queryset=_shipment_lines()))
        .order_by("ship_by", "id")
    )
    return shipments.filter(warehouse=warehouse) if warehouse else shipments


def get_shipment(number: str) -> Shipment:
    """Get a shipment by its number with all a packing page shows; Shipment.DoesNotExist."""
    return list_shipments(statuses=list(Shipment.Status)).get(number=number)


def shipments_of(order: Order) -> QuerySet[Shipment]:
    """List an order's shipments in the order they were made, cancelled ones left out: 2 queries."""
    return (
        list_shipments(statuses=[s for s in Shipment.Status if s != Shipment.Status.CANCELLED])
        .filter(order=order)
        .order_by("id")
    )


def list_returns(
    *,
    warehouse: Warehouse | None = None,
    statuses: Collection[Return.Status] = OPEN_RETURNS,
) -> QuerySet[Return]:
    """List returns, the longest waiting first, with order, hub, refund and lines: 2 queries."""
    returns = (
        Return.objects.filter(status__in=statuses)
        .select_related("order__market", "order__shipping_address", "warehouse", "refund")
        .prefetch_related(
            Prefetch(
                "lines",
                queryset=ReturnLine.objects.select_related("order_line__variant").order_by("id"),
            )
        )
        .order_by("requested_at", "id")
    )
    return returns.filter(warehouse=warehouse) if warehouse else returns


def get_return(number: str) -> Return:
    """Get a return by its number with all a hub's page shows; Return.DoesNotExist."""
    return list_returns(statuses=list(Return.Status)).get(number=number)


def list_hubs() -> QuerySet[Warehouse]:
    """List the warehouses that take returns."""
    return Warehouse.objects.filter(receives_returns=True, is_active=True).order_by("code")


def list_unrouted(*, before: datetime) -> QuerySet[Order]:
    """List orders, the oldest first, that were placed before a moment, released and not planned.

    They want a person: no warehouse can send them as things stand. Those that wait for units that
    are to come are not among them.
    """
    return (
        Order.objects.filter(
            ~Exists(_lines_ahead()),
            status=Order.Status.RELEASED,
            routings__isnull=True,
            placed_at__lt=before,
        )
        .select_related("market", "shipping_address")
        .order_by("placed_at", "id")
    )


def list_short() -> QuerySet[RoutingDecision]:
    """List the decisions in force that left units of their order without a way, oldest first."""
    return (
        RoutingDecision.objects.filter(
            is_current=True, plan__has_key="waiting", order__status=Order.Status.RELEASED
        )
        .select_related("order__shipping_address", "order__market")
        .order_by("decided_at", "id")
    )


def list_awaiting_stock() -> QuerySet[Order]:
    """List released orders that wait for units to come, with how many, and when they are expected.

    `units` counts them; `expected_on` is the latest of the first days on which each is announced,
    None where none is.
    """
    announced = (
        IncomingStock.objects.filter(
            warehouse=OuterRef("warehouse"),
            variant=OuterRef("variant"),
            closed_at__isnull=True,
            quantity__gt=F("received"),
        )
        .order_by("expected_on")
        .values("expected_on")[:1]
    )
    lines = _lines_ahead().order_by().values("reservation__order")
    return (
        Order.objects.filter(Exists(_lines_ahead()), status=Order.Status.RELEASED)
        .annotate(
            units=Subquery(lines.annotate(n=Sum("ahead")).values("n")),
            expected_on=Subquery(
                lines.annotate(on=Subquery(announced)).annotate(day=Max("on")).values("day")
            ),
        )
        .select_related("market", "shipping_address")
        .order_by("placed_at", "id")
    )


def stock_of_variant(variant_id: int) -> QuerySet[StockLevel]:
    """List what lies where of a variant, by warehouse code: 1 query."""
    return (
        StockLevel.objects.filter(variant_id=variant_id)
        .select_related("warehouse")
        .order_by("warehouse__code")
    )


def _lines_ahead() -> QuerySet[ReservationLine]:
    """Give an outer order's lines of units that are to come."""
    return ReservationLine.objects.filter(
        reservation__order=OuterRef("pk"),
        reservation__status=Reservation.Status.ACTIVE,
        ahead__gt=0,
    )


def _shipment_lines() -> QuerySet[ShipmentLine]:
    return ShipmentLine.objects.select_related("order_line__variant").order_by("id")
