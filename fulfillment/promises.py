"""What a shopper is told of an order's dates after it is placed: what was promised, or what became
of it.

Before an order is placed, the dates come from `fulfillment.delivery`, by the same calendar.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import overload

from catalog.reference import one_reference
from fulfillment.calendar import Way, accepted_on, arrival_from, arrives_between
from fulfillment.connections import Connection, list_connections
from fulfillment.models import IncomingStock, ReservationLine, Shipment
from orders.models import Order

S = Shipment.Status
_IN_HOUSE = {S.PLANNED, S.PICKING, S.PACKED}
# So long an order counts as of the moment it was placed: paying may take it past a cut-off.
_TIME_TO_PAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """The days between which something arrives, and whether they are later than was promised.

    `waits_until` is the day on which units that it waits for are expected.
    """

    arrives_from: date
    arrives_to: date
    is_moved: bool = False
    waits_until: date | None = None


@overload
def promise_of(thing: Shipment, *, now: datetime) -> Promise: ...
@overload
def promise_of(thing: Order, *, now: datetime) -> Promise | None: ...
def promise_of(thing: Order | Shipment, *, now: datetime) -> Promise | None:
    """Give the dates of an order, over all its parcels, or of a shipment; None if it has none.

    What was promised stands until it cannot be kept any more; then the calendar of the lane says
    what is to be expected, or the carrier where it has named a day. A shipment costs no query
    if its order, market and address are read; an order costs two, and two more if it waits for
    units.
    """
    if isinstance(thing, Shipment):
        return _of_shipment(thing, now=now)
    if thing.promised_from is None or thing.promised_to is None:
        return None
    # What was lost and sent again comes with another parcel.
    shipments = list(
        thing.shipments.exclude(status=S.CANCELLED).exclude(resolution=Shipment.Resolution.RESENT)
    )
    if shipments:
        return _over([_of_shipment(shipment, now=now) for shipment in shipments])
    return _of_order(thing, Promise(thing.promised_from, thing.promised_to), now=now)


def _over(promises: Sequence[Promise]) -> Promise:
    return Promise(
        min(promise.arrives_from for promise in promises),
        max(promise.arrives_to for promise in promises),
        is_moved=any(promise.is_moved for promise in promises),
    )


def _of_shipment(shipment: Shipment, *, now: datetime) -> Promise:
    promised = Promise(shipment.promised_from, shipment.promised_to)
    if shipment.status not in _IN_HOUSE | {S.DISPATCHED}:
        return promised
    if shipment.expected_on and shipment.expected_on > promised.arrives_to:
        return Promise(shipment.expected_on, shipment.expected_on, is_moved=True)
    way = _way_of(shipment)
    if way is None:
        return promised
    if shipment.status == S.DISPATCHED:
        left_on = (shipment.dispatched_at or now).astimezone(way.desk.zone).date()
        first, last = arrival_from(way, left_on)
    elif now > shipment.ship_by:
        first, last = arrival_from(way, accepted_on(now, desk=way.desk))
    else:
        first, last = promised.arrives_from, promised.arrives_to
    today = now.astimezone(shipment.order.market.zone).date()
    return _not_past(_later(promised, first, last), way, today=today)


def _of_order(order: Order, promised: Promise, *, now: datetime) -> Promise:
    lines = list(
        ReservationLine.objects.filter(reservation__order=order, reservation__status="active")
        .select_related("reservation")
        .order_by("id")
    )
    waits = _stock_days(lines)
    if None in waits.values():
        return promised
    moment = order.placed_at if now - order.placed_at <= _TIME_TO_PAY else now
    ways = {
        connection.zone.warehouse_id: connection.way for connection in reversed(_connections(order))
    }
    first, last = promised.arrives_from, promised.arrives_to
    for warehouse_id in {line.warehouse_id for line in lines} & ways.keys():
        stock_on = waits.get(warehouse_id)
        arrives = arrives_between(ways[warehouse_id], moment, stock_on=stock_on)
        first, last = max(first, arrives[0]), max(last, arrives[1])
    until = max(filter(None, waits.values()), default=None)
    return _later(promised, first, last, waits_until=until)


def _later(
    promised: Promise, first: date, last: date, *, waits_until: date | None = None
) -> Promise:
    """Keep a promise unless what is expected now is later."""
    if last <= promised.arrives_to:
        return Promise(promised.arrives_from, promised.arrives_to, waits_until=waits_until)
    return Promise(max(first, promised.arrives_from), last, is_moved=True, waits_until=waits_until)


def _not_past(promise: Promise, way: Way, *, today: date) -> Promise:
    """Move dates that have passed to the next ones, as wide as the lane's own."""
    if today <= promise.arrives_to:
        return promise
    first = way.delivery.first(today)
    slack = way.most_days - way.transit_days[0] - way.customs_days[0]
    return Promise(first, way.delivery.after(first, slack), is_moved=True)


def _way_of(shipment: Shipment) -> Way | None:
    for connection in _connections(shipment.order):
        zone = connection.zone
        if (zone.service_id, zone.warehouse_id) == (shipment.service_id, shipment.warehouse_id):
            return connection.way
    return None


def _connections(order: Order) -> list[Connection]:
    """List the connections to an order's address by its delivery option, the quickest first.

    A promise cannot be kept any more when no service can keep it.
    """
    address = order.shipping_address
    with one_reference():
        found = list_connections(
            address.country,
            options=[order.delivery_option],
            region=address.country_area,
            postal_code=address.postal_code,
        )
    return sorted(found, key=lambda one: (one.way.most_days, one.zone.pk))


def _stock_days(lines: Iterable[ReservationLine]) -> dict[int, date | None]:
    """Give for each warehouse the day on which the last unit that lines wait for is expected.

    None where what is on its way does not suffice. Orders are served in the order in which they
    reserved.
    """
    waiting = [line for line in lines if line.ahead]
    if not waiting:
        return {}
    levels = {(line.warehouse_id, line.variant_id) for line in waiting}
    warehouses, variants = {place for place, _ in levels}, {variant for _, variant in levels}
    before: dict[tuple[int, int], int] = defaultdict(int)
    newest = waiting[0].reservation_id
    for place, variant, units in ReservationLine.objects.filter(
        warehouse__in=warehouses, variant__in=variants, ahead__gt=0, reservation__lt=newest
    ).values_list("warehouse", "variant", "ahead"):
        before[place, variant] += units
    coming: dict[tuple[int, int], list[tuple[date, int]]] = defaultdict(list)
    for place, variant, due_on, units, received in (
        IncomingStock.objects.filter(
            warehouse__in=warehouses, variant__in=variants, closed_at__isnull=True
        )
        .order_by("expected_on", "id")
        .values_list("warehouse", "variant", "expected_on", "quantity", "received")
    ):
        coming[place, variant].append((due_on, units - received))
    days: dict[int, date | None] = {}
    for line in waiting:
        level = (line.warehouse_id, line.variant_id)
        on = _covered_on(coming[level], before[level] + line.ahead)
        known = days.get(line.warehouse_id, on)
        days[line.warehouse_id] = None if on is None or known is None else max(on, known)
    return days


def _covered_on(coming: Iterable[tuple[date, int]], wanted: int) -> date | None:
    for on, units in coming:
        wanted -= units
        if wanted <= 0:
            return on
    return None
