"""What waits at the console: shipments by state, orders to look at, money to book, returns.

The number of queries never depends on how much waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fulfillment.models import Shipment, Warehouse
from storefront.wording import country_text, moment_text, zone_text

S = Shipment.Status
GONE = (S.DISPATCHED, S.DELIVERED)
LIMIT = 200
STATES: dict[str, str | Promise] = {
    "to_pick": gettext_lazy("To pick"),
    "packed": gettext_lazy("Packed"),
    "dispatched": gettext_lazy("Dispatched today"),
    "exception": gettext_lazy("Needs attention"),
}
_STATUSES = {"to_pick": (S.PLANNED, S.PICKING), "packed": (S.PACKED,), "exception": (S.EXCEPTION,)}


@dataclass(frozen=True)
class Place:
    """Where in the queue someone works: a state and, if chosen, a warehouse's code."""

    state: str = "to_pick"
    warehouse: str = ""

    def query(self, **changes: str) -> str:
        fields = {"state": self.state, "warehouse": self.warehouse, **changes}
        return urlencode({name: value for name, value in fields.items() if value})


def place_from(query: Mapping[str, str]) -> Place:
    state = query.get("state", "")
    return Place(state if state in STATES else "to_pick", query.get("warehouse", ""))


@dataclass(frozen=True)
class Tab:
    label: str | Promise
    url: str
    count: int | None
    is_current: bool


@dataclass(frozen=True)
class Row:
    number: str
    url: str
    order_number: str
    status: str
    status_label: str
    warehouse: str
    carrier: str
    service: str
    country: str
    units: int
    moment: str
    zone: str
    is_overdue: bool
    is_current: bool
    tracking_number: str


@dataclass(frozen=True)
class Queue:
    place: Place
    heading: str | Promise
    tabs: Sequence[Tab]
    warehouses: Sequence[Tab]
    rows: Sequence[Row]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.rows)


def load_queue(place: Place, *, now: datetime, limit: int = LIMIT, current: str = "") -> Queue:
    """Load the queue of a place in three queries; `current` is the shipment being worked on."""
    warehouses = list(Warehouse.objects.filter(is_active=True).order_by("code"))
    today = _today(warehouses, now=now)
    counts = _count(place.warehouse, today=today)
    shipments = _shipments(place, today=today)[:limit]
    url = reverse("staff:queue")
    tabs = [
        Tab(label, f"{url}?{place.query(state=state)}", counts[state], state == place.state)
        for state, label in STATES.items()
    ]
    choices = [Tab(_("All"), f"{url}?{place.query(warehouse='')}", None, not place.warehouse)]
    choices += [
        Tab(row.name, f"{url}?{place.query(warehouse=row.code)}", None, row.code == place.warehouse)
        for row in warehouses
    ]
    return Queue(
        place=place,
        heading=STATES[place.state],
        tabs=tabs,
        warehouses=choices,
        rows=[_row(shipment, place, now=now, current=current) for shipment in shipments],
        total=counts[place.state],
    )


def _today(warehouses: Sequence[Warehouse], *, now: datetime) -> Q:
    """Match what left today, which is another day in each warehouse."""
    today = Q(pk__in=[])
    for warehouse in warehouses:
        local = now.astimezone(warehouse.zone)
        midnight = datetime.combine(local.date(), time(), tzinfo=warehouse.zone)
        today |= Q(warehouse=warehouse, dispatched_at__gte=midnight)
    return today & Q(status__in=GONE)


def _count(warehouse: str, *, today: Q) -> dict[str, int]:
    shipments = (
        Shipment.objects.filter(warehouse__code=warehouse)
        if warehouse
        else (Shipment.objects.all())
    )
    return shipments.aggregate(
        dispatched=Count("pk", filter=today),
        **{
            state: Count("pk", filter=Q(status__in=statuses, resolution=""))
            for state, statuses in _STATUSES.items()
        },
    )


def _shipments(place: Place, *, today: Q) -> QuerySet[Shipment]:
    if place.state == "dispatched":
        shipments = Shipment.objects.filter(today).order_by("-dispatched_at", "-id")
    else:
        shipments = Shipment.objects.filter(
            status__in=_STATUSES[place.state], resolution=""
        ).order_by("ship_by", "service__carrier__name", "id")
    if place.warehouse:
        shipments = shipments.filter(warehouse__code=place.warehouse)
    return shipments.select_related(
        "order__shipping_address", "warehouse", "service__carrier"
    ).annotate(units=Sum("lines__quantity"))


def _row(shipment: Shipment, place: Place, *, now: datetime, current: str) -> Row:
    is_gone = shipment.status in GONE
    moment = shipment.dispatched_at if is_gone else shipment.ship_by
    assert moment is not None  # noqa: S101 - what is gone has its moment
    zone = shipment.warehouse.zone
    url = reverse("staff:shipment", args=[shipment.number])
    return Row(
        number=shipment.number,
        url=f"{url}?{place.query()}",
        order_number=shipment.order.number,
        status=shipment.status,
        status_label=shipment.get_status_display(),
        warehouse=shipment.warehouse.name,
        carrier=shipment.service.carrier.name,
        service=shipment.service.name,
        country=country_text(shipment.order.shipping_address.country),
        units=shipment.units,  # type: ignore[attr-defined]
        moment=moment_text(moment, zone),
        zone=zone_text(moment, zone),
        is_overdue=not is_gone and shipment.ship_by < now,
        is_current=shipment.number == current,
        tracking_number=shipment.tracking_number,
    )
