"""Working days and the dates that follow from them, without a database.

A parcel goes through these steps, each on days of its own:

1. An order is *accepted* on a working day of the warehouse: today until the cut-off, in the
   warehouse's time zone, else the next one. Where the carrier comes earlier, its hour counts.
2. It is *ready* after the warehouse's handling days; units that are still to come are handled
   from the day they are expected on.
3. The carrier *picks it up* on its next pick-up day there.
4. It *travels* for the lane's transit days, counted in working days of the destination.
5. At a border it waits for customs, counted in days on which both ends work.
6. It is *delivered* on the service's next delivery day.

Every argument is explicit: nothing here asks for the time or reads a table.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY_TO_FRIDAY = frozenset(range(5))
NO_DAYS: frozenset[date] = frozenset()
_DAY = timedelta(days=1)
_END_OF_DAY = time(23, 59)
_LOOK_AHEAD = 10  # Working days that an order may wait before its date is called independent.


@dataclass(frozen=True, slots=True)
class Days:
    """The days that count at one place: some weekdays, 0 for Monday, less the days off."""

    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    off: Container[date] = NO_DAYS

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.off

    def first(self, day: date) -> date:
        """Give the first such day from this one on."""
        while day not in self:
            day += _DAY
        return day

    def after(self, day: date, count: int) -> date:
        """Go that many such days on; with 0, to the first one from this day on."""
        day = self.first(day)
        for _ in range(count):
            day = self.first(day + _DAY)
        return day

    def count(self, first: date, last: date) -> int:
        """Count the such days after the first day, up to and with the last."""
        days = range(1, (last - first).days + 1)
        return sum(first + timedelta(days=passed) in self for passed in days)


@dataclass(frozen=True, slots=True)
class Desk:
    """When a warehouse works: its zone, its cut-off there, its days and how many of them it needs.

    The cut-off itself is still in time.
    """

    zone: ZoneInfo
    cutoff: time
    handling_days: int
    days: Days = Days()


@dataclass(frozen=True, slots=True)
class Way:
    """The calendar of one lane: who works on which days, and how many of them it takes.

    Spans are the fewest and the most days. `customs` are days on which both ends work.
    """

    desk: Desk
    pickup: Days
    transit: Days
    customs: Days
    delivery: Days
    transit_days: tuple[int, int]
    customs_days: tuple[int, int] = (0, 0)

    @property
    def most_days(self) -> int:
        return self.transit_days[1] + self.customs_days[1]


def accepted_on(now: datetime, *, desk: Desk) -> date:
    """Give the working day, at the warehouse, to which an order of this moment belongs.

    The cut-off itself is still in time. `now` must be aware.
    """
    local = now.astimezone(desk.zone)
    day = local.date()
    if local.time() > desk.cutoff:
        day += _DAY
    return desk.days.first(day)


def ships_on(now: datetime, *, desk: Desk, stock_on: date | None = None) -> date:
    """Give the day on which an order of this moment is ready at the latest.

    `stock_on` is the day on which the last of its units is expected, if they are not here.
    """
    return _ready_on(accepted_on(now, desk=desk), desk, stock_on)


def ship_by(now: datetime, *, desk: Desk, stock_on: date | None = None) -> datetime:
    """Give the moment by which an order of this moment leaves: the end of its day, there."""
    day = ships_on(now, desk=desk, stock_on=stock_on)
    return datetime.combine(day, _END_OF_DAY, tzinfo=desk.zone)


def arrives_between(way: Way, now: datetime, *, stock_on: date | None = None) -> tuple[date, date]:
    """Give the first and the last day on which an order of this moment may arrive."""
    return arrival_from(way, ships_on(now, desk=way.desk, stock_on=stock_on))


def arrival_from(way: Way, ready: date) -> tuple[date, date]:
    """Give the first and the last day of arrival of a parcel that is ready on a day."""
    picked = way.pickup.first(ready)
    return _delivered_on(way, picked, 0), _delivered_on(way, picked, 1)


def order_by(
    way: Way, now: datetime, *, keeps: tuple[date, date], stock_on: date | None = None
) -> datetime | None:
    """Give the last moment at which an order still arrives by these days, first and last.

    None where that is not in sight: what decides is then not when it is ordered, but when units
    come or a carrier does. It is in the warehouse's zone; `now` must keep the days.
    """
    day, kept = accepted_on(now, desk=way.desk), None
    for _ in range(_LOOK_AHEAD):
        first, last = arrival_from(way, _ready_on(day, way.desk, stock_on))
        if first > keeps[0] or last > keeps[1]:
            break
        kept, day = day, way.desk.days.first(day + _DAY)
    else:
        return None
    if kept is None:
        return None
    return datetime.combine(kept, way.desk.cutoff, tzinfo=way.desk.zone)


def _ready_on(accepted: date, desk: Desk, stock_on: date | None) -> date:
    return desk.days.after(max(accepted, stock_on or accepted), desk.handling_days)


def _delivered_on(way: Way, picked: date, most: int) -> date:
    day = way.transit.after(picked, way.transit_days[most])
    if way.customs_days[most]:
        day = way.customs.after(day, way.customs_days[most])
    return way.delivery.first(day)
