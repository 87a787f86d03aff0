"""How lanes keep what was promised: made anew every night from what happened, and then promised.

A parcel counts that was handed over in the last 90 days and has either arrived, or been lost or
damaged, or should have arrived by now: those that never come are not forgotten. Its days are
working days of the destination from the day it left to the day it came, customs among them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from catalog.reference import forget, one_reference
from fulfillment.calendar import Days
from fulfillment.connections import list_connections
from fulfillment.models import LaneScore

WINDOW = timedelta(days=90)
RECENT = timedelta(days=30)
_CENT = Decimal("0.01")

# Parcels alike in all that counts, together. Days are those of the place where they end or begin.
_READ = """
SELECT shipment.service_id, shipment.warehouse_id, address.country,
       (shipment.dispatched_at AT TIME ZONE warehouse.time_zone)::date AS left_on,
       (shipment.delivered_at AT TIME ZONE market.time_zone)::date AS came_on,
       shipment.promised_to,
       shipment.status = 'exception' OR EXISTS (
           SELECT FROM fulfillment_carrierevent AS event
           WHERE event.carrier_id = service.carrier_id AND shipment.tracking_number <> ''
               AND event.tracking_number = shipment.tracking_number
               AND event.kind IN ('lost', 'damaged')
       ) AS harmed,
       count(*), sum(shipment.cost)
FROM fulfillment_shipment AS shipment
JOIN fulfillment_warehouse AS warehouse ON warehouse.id = shipment.warehouse_id
JOIN fulfillment_carrierservice AS service ON service.id = shipment.service_id
JOIN orders_order AS "order" ON "order".id = shipment.order_id
JOIN orders_address AS address ON address.id = "order".shipping_address_id
JOIN markets_market AS market ON market.id = "order".market_id
WHERE shipment.dispatched_at >= %(since)s AND shipment.dispatched_at <= %(now)s
    AND shipment.status IN ('dispatched', 'delivered', 'exception')
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""

LaneKey = tuple[int, int, str]


@dataclass
class _Tally:
    """What is known of one lane's parcels; `days` counts them by the days they took."""

    parcels: int = 0
    on_time: int = 0
    recent_parcels: int = 0
    recent_on_time: int = 0
    damaged: int = 0
    cost: Decimal = Decimal(0)
    days: Counter[int] = field(default_factory=Counter)


@transaction.atomic(durable=True)
def score_lanes(now: datetime) -> int:
    """Make the scores of all lanes anew and give how many there are."""
    tallies = _tally(now)
    scores = [_score(lane, tally, now=now) for lane, tally in sorted(tallies.items())]
    LaneScore.objects.bulk_create(
        scores,
        update_conflicts=True,
        unique_fields=["service", "warehouse", "country"],
        update_fields=[
            "parcels", "on_time", "recent_parcels", "recent_on_time", "damaged", "days_median",
            "days_p90", "cost", "computed_at",
        ],
    )  # fmt: skip
    LaneScore.objects.exclude(computed_at=now).delete()
    transaction.on_commit(forget)
    return len(scores)


def percentile(counts: Mapping[int, int], share: Decimal) -> int:
    """Give the smallest value that at least this share of what was counted does not exceed."""
    wanted, seen = share * sum(counts.values()), 0
    for value, count in sorted(counts.items()):
        seen += count
        if seen >= wanted:
            return value
    raise ValueError("Nothing was counted.")


def _tally(now: datetime) -> dict[LaneKey, _Tally]:
    today, recently = now.astimezone(UTC).date(), (now - RECENT).astimezone(UTC).date()
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"since": now - WINDOW, "now": now})
        rows = cursor.fetchall()
    days = _working_days({(row[0], row[1], row[2]) for row in rows})
    tallies: dict[LaneKey, _Tally] = defaultdict(_Tally)
    for service, warehouse, country, left_on, came_on, promised_to, harmed, count, cost in rows:
        if came_on is None and not harmed and promised_to >= today:
            continue
        lane = (service, warehouse, country)
        tally = tallies[lane]
        on_time = count if came_on is not None and came_on <= promised_to else 0
        tally.parcels += count
        tally.on_time += on_time
        if left_on >= recently:
            tally.recent_parcels += count
            tally.recent_on_time += on_time
        tally.damaged += count if harmed else 0
        tally.cost += cost
        # What has not come yet takes this long at least.
        tally.days[days[lane].count(left_on, came_on or today)] += count
    return tallies


def _working_days(lanes: set[LaneKey]) -> dict[LaneKey, Days]:
    """Give the days that count on each lane; of one that is no more, Monday to Friday."""
    days = dict.fromkeys(lanes, Days())
    with one_reference():
        for country in {country for _, _, country in lanes}:
            for one in list_connections(country):
                lane = (one.zone.service_id, one.zone.warehouse_id, country)
                if lane in days:
                    days[lane] = one.way.transit
    return days


def _score(lane: LaneKey, tally: _Tally, *, now: datetime) -> LaneScore:
    service_id, warehouse_id, country = lane
    return LaneScore(
        service_id=service_id,
        warehouse_id=warehouse_id,
        country=country,
        parcels=tally.parcels,
        on_time=tally.on_time,
        recent_parcels=tally.recent_parcels,
        recent_on_time=tally.recent_on_time,
        damaged=tally.damaged,
        days_median=Decimal(percentile(tally.days, Decimal("0.5"))),
        days_p90=Decimal(percentile(tally.days, Decimal("0.9"))),
        cost=(tally.cost / tally.parcels).quantize(_CENT),
        computed_at=now,
    )
