"""On which day a warehouse has room for more parcels.

A full day moves a parcel to the next one with room, which may make it late, but never impossible.
The room is not locked: two orders that are routed at one moment may both see the last place.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count

from fulfillment.calendar import Desk
from fulfillment.models import Shipment, Warehouse
from orders.models import Order

_DAY = timedelta(days=1)
_LOOK_AHEAD = 60  # Days; what is booked beyond them is somebody's mistake.


class Room:
    """Parcels that the warehouses with a limit still have room for, by day."""

    def __init__(self, warehouses: Iterable[Warehouse], *, order: Order, now: datetime) -> None:
        self.limits = {
            row.pk: row.daily_parcels for row in warehouses if row.daily_parcels is not None
        }
        self.booked: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        if not self.limits:
            return
        zones = {row.pk: row.zone for row in warehouses}
        rows = (
            Shipment.objects.filter(warehouse__in=self.limits, ship_by__gte=now - _DAY)
            .exclude(status=Shipment.Status.CANCELLED)
            .exclude(order=order, status=Shipment.Status.PLANNED)
            .order_by()
            .values_list("warehouse_id", "ship_by")
            .annotate(parcels=Count("pk"))
        )
        for warehouse_id, ship_by, parcels in rows:
            day = ship_by.astimezone(zones[warehouse_id]).date()
            self.booked[warehouse_id][day] += parcels

    def first_day(self, warehouse_id: int, ready: date, *, desk: Desk) -> date:
        """Give the first working day from this one on that has room."""
        if not self.limits.get(warehouse_id):
            return ready
        day = ready
        for _ in range(_LOOK_AHEAD):
            if self.left(warehouse_id, day):
                return day
            day = desk.days.first(day + _DAY)
        return ready

    def left(self, warehouse_id: int, day: date) -> int | None:
        """Count the parcels that a day has room for; None for any number."""
        limit = self.limits.get(warehouse_id)
        return None if limit is None else max(0, limit - self.booked[warehouse_id][day])
