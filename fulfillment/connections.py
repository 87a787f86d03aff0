"""Lanes with all that decides about them: what they cost, when they arrive, how reliable they are.

A zone holds for many countries; a connection is a zone to one place. It is made once for each
reading of the reference tables.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.reference import Reference, keep, one_reference
from fulfillment.calendar import Days, Way
from fulfillment.freight import Tariff
from fulfillment.holidays import DaysOff, find_part, weekend_of
from fulfillment.lanes import closed_days, list_zones, make_desk, place_of
from fulfillment.models import LaneScore, Zone, ZoneBracket

keep(ZoneBracket)
keep(
    LaneScore,
    "id", "service_id", "warehouse_id", "country", "parcels", "on_time", "days_p90",
)  # fmt: skip

# From so many parcels on, what happened counts for more than what the carrier says.
ENOUGH_PARCELS = 30
_WORKING_WEEK = frozenset(range(5))
_EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Connection:
    """A zone to one place. `late_share` is that of its parcels in the last months, if known."""

    zone: Zone
    tariff: Tariff
    way: Way
    late_share: Decimal = Decimal(0)

    def is_down(self, now: datetime) -> bool:
        """Tell whether its carrier does not answer at the moment."""
        until = self.zone.service.carrier.down_until
        return until is not None and until > now


def list_connections(
    country: str,
    *,
    options: Collection[str] | None = None,
    region: str = "",
    postal_code: str = "",
) -> list[Connection]:
    """List the connections to a place in a fixed order; those of delivery option codes, or all."""
    part = find_part(country, region, postal_code)
    with one_reference() as read:
        found = read.derive(_connections, country, part)
    return [one for one in found if options is None or one.zone.service.option in options]


def _connections(read: Reference, country: str, part: str) -> list[Connection]:
    scores = {
        (score.service_id, score.warehouse_id): score
        for score in read.rows(LaneScore, country=country)
        if score.parcels >= ENOUGH_PARCELS
    }
    brackets = read.derive(_brackets)
    found = []
    for zone in list_zones(country):
        score = scores.get((zone.service_id, zone.warehouse_id))
        found.append(
            Connection(
                zone=zone,
                tariff=_tariff(zone, brackets.get(zone.pk, ())),
                way=_way(read, zone, (country, part), score),
                late_share=1 - Decimal(score.on_time) / score.parcels if score else Decimal(0),
            )
        )
    return found


def _brackets(read: Reference) -> dict[int, tuple[tuple[int, Decimal], ...]]:
    rows = defaultdict(list)
    for row in read.rows(ZoneBracket):
        rows[row.zone_id].append((row.up_to_grams, row.cost))
    return {zone_id: tuple(sorted(found)) for zone_id, found in rows.items()}


def _tariff(zone: Zone, brackets: tuple[tuple[int, Decimal], ...]) -> Tariff:
    return Tariff(
        base=zone.base_cost,
        per_kg=zone.cost_per_kg,
        max_grams=zone.max_weight_grams,
        brackets=brackets,
        fuel_percent=zone.service.fuel_percent,
        divisor=zone.service.volumetric_divisor,
        co2_grams_per_kg=zone.co2_grams_per_kg,
    )


def _way(read: Reference, zone: Zone, to: tuple[str, str], score: LaneScore | None) -> Way:
    warehouse, service = zone.warehouse, zone.service
    here, (country, _part) = place_of(warehouse), to
    desk = make_desk(read, warehouse)
    if zone.cutoff is not None and zone.cutoff < desk.cutoff:
        desk = replace(desk, cutoff=zone.cutoff)
    carrier = service.carrier_id
    closed_here = closed_days(read, country=warehouse.country, carrier_id=carrier)
    closed_there = closed_days(read, country=country, carrier_id=carrier)
    off_here, off_there = DaysOff((here,), closed_here), DaysOff((to,), closed_there)
    rest_here, rest_there = weekend_of(warehouse.country), weekend_of(country)
    delivery = _less_rest(service.delivery_days, rest_there)
    customs = DaysOff((here, to), closed_here | closed_there)
    return Way(
        desk=desk,
        pickup=Days(_less_rest(service.pickup_days, rest_here), off_here),
        # A parcel that is delivered on Saturdays travels on Saturdays too.
        transit=Days((_EVERY_DAY - rest_there) | delivery, off_there),
        customs=Days(_EVERY_DAY - rest_here - rest_there, customs),
        delivery=Days(delivery, off_there),
        transit_days=_transit_days(zone, score),
        customs_days=(zone.customs_days_min, zone.customs_days_max),
    )


def _less_rest(days: Iterable[int], rest: frozenset[int]) -> frozenset[int]:
    """Take the days of rest within the working week off; a service of no others keeps its own."""
    own = frozenset(days)
    return own - (rest & _WORKING_WEEK) or own


def _transit_days(zone: Zone, score: LaneScore | None) -> tuple[int, int]:
    """Give the fewest and the most transit days; what nine in ten parcels took is the most.

    What is measured has the days at customs in it, which are counted by themselves.
    """
    if score is None:
        return (zone.transit_days_min, zone.transit_days_max)
    taken = math.ceil(score.days_p90) - zone.customs_days_max
    return (zone.transit_days_min, max(zone.transit_days_min, taken))
