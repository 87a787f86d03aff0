"""Working days and the dates that follow from them, without a database.

Days run Monday to Friday. Holidays are an argument everywhere: a set of dates that are no
working days at the place in question.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKEND = frozenset({5, 6})
NO_HOLIDAYS: frozenset[date] = frozenset()
_END_OF_DAY = time(23, 59)


@dataclass(frozen=True)
class Desk:
    """When a warehouse works: its zone, its cut-off there, and the working days it needs."""

    zone: ZoneInfo
    cutoff: time
    handling_days: int
    holidays: frozenset[date] = NO_HOLIDAYS


def is_working_day(day: date, *, holidays: AbstractSet[date] = NO_HOLIDAYS) -> bool:
    """Tell whether goods move on a day."""
    return day.weekday() not in WEEKEND and day not in holidays


def add_working_days(day: date, days: int, *, holidays: AbstractSet[date] = NO_HOLIDAYS) -> date:
    """Go that many working days on; with 0, to the first working day from this one."""
    while not is_working_day(day, holidays=holidays):
        day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=1)
        while not is_working_day(day, holidays=holidays):
            day += timedelta(days=1)
    return day


def accepted_on(now: datetime, *, desk: Desk) -> date:
    """Give the working day, at the warehouse, to which an order of this moment belongs.

    The cut-off itself is still in time. `now` must be aware.
    """
    local = now.astimezone(desk.zone)
    day = local.date()
    if is_working_day(day, holidays=desk.holidays) and local.time() > desk.cutoff:
        day += timedelta(days=1)
    return add_working_days(day, 0, holidays=desk.holidays)


def ships_on(now: datetime, *, desk: Desk) -> date:
    """Give the day on which an order of this moment leaves the warehouse at the latest."""
    accepted = accepted_on(now, desk=desk)
    return add_working_days(accepted, desk.handling_days, holidays=desk.holidays)


def ship_by(now: datetime, *, desk: Desk) -> datetime:
    """Give the moment by which an order of this moment leaves: the end of its day, there."""
    return datetime.combine(ships_on(now, desk=desk), _END_OF_DAY, tzinfo=desk.zone)


def arrives_on(
    now: datetime, transit_days: int, *, desk: Desk, holidays: AbstractSet[date] = NO_HOLIDAYS
) -> date:
    """Give the day on which an order of this moment arrives; `holidays` are the destination's."""
    shipped = ships_on(now, desk=desk)
    return add_working_days(shipped, transit_days, holidays=holidays)
