from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from fulfillment.calendar import (
    Desk,
    accepted_on,
    add_working_days,
    arrives_on,
    is_working_day,
    ship_by,
    ships_on,
)

AMSTERDAM = Desk(zone=ZoneInfo("Europe/Amsterdam"), cutoff=time(15, 0), handling_days=1)
OSAKA = Desk(zone=ZoneInfo("Asia/Tokyo"), cutoff=time(13, 0), handling_days=0)
NEWARK = Desk(zone=ZoneInfo("America/New_York"), cutoff=time(15, 0), handling_days=0)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY, MONDAY = (
    date(2026, 11, day) for day in range(24, 31)
)


def _at(day: date, clock: str, desk: Desk = AMSTERDAM) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=desk.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        (TUESDAY, 0, TUESDAY),
        (TUESDAY, 1, WEDNESDAY),
        (FRIDAY, 1, MONDAY),
        (SATURDAY, 0, MONDAY),
        (SUNDAY, 1, date(2026, 12, 1)),
        (TUESDAY, 5, date(2026, 12, 1)),
    ],
)
def test_add_working_days_goes_over_weekends(day: date, days: int, expected: date) -> None:
    assert add_working_days(day, days) == expected


def test_add_working_days_goes_over_holidays() -> None:
    holidays = {date(2026, 12, 25), date(2026, 12, 28)}
    assert not is_working_day(date(2026, 12, 25), holidays=holidays)
    assert add_working_days(date(2026, 12, 24), 1, holidays=holidays) == date(2026, 12, 29)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("14:59", TUESDAY), ("15:00", TUESDAY), ("15:00:01", WEDNESDAY), ("15:01", WEDNESDAY)],
)
def test_accepted_on_turns_at_the_cut_off(clock: str, expected: date) -> None:
    assert accepted_on(_at(TUESDAY, clock), desk=AMSTERDAM) == expected


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (FRIDAY, "14:59", MONDAY),
        (FRIDAY, "15:01", date(2026, 12, 1)),
        (SATURDAY, "10:00", date(2026, 12, 1)),
        (SUNDAY, "23:59", date(2026, 12, 1)),
        (MONDAY, "00:00", date(2026, 12, 1)),
    ],
)
def test_ships_on_waits_for_the_working_week(day: date, clock: str, expected: date) -> None:
    assert ships_on(_at(day, clock), desk=AMSTERDAM) == expected


def test_ships_on_counts_in_the_warehouse_zone() -> None:
    # Monday 23:30 in London is Tuesday 08:30 in Osaka and Monday 18:30 in Newark.
    now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    assert ships_on(now, desk=OSAKA) == TUESDAY
    assert ships_on(now, desk=NEWARK) == TUESDAY
    assert ships_on(_at(MONDAY, "14:59", NEWARK), desk=NEWARK) == MONDAY
    # Friday evening in Newark is Saturday in Osaka.
    friday_evening = _at(FRIDAY, "14:00", NEWARK)
    assert ships_on(friday_evening, desk=NEWARK) == FRIDAY
    assert ships_on(friday_evening, desk=OSAKA) == MONDAY


def test_ships_on_follows_the_clock_change() -> None:
    # 13:30 UTC is before the cut-off of 15:00 in winter and after it in summer.
    assert accepted_on(datetime(2026, 3, 27, 13, 30, tzinfo=UTC), desk=AMSTERDAM) == date(
        2026, 3, 27
    )
    assert accepted_on(datetime(2026, 3, 30, 13, 30, tzinfo=UTC), desk=AMSTERDAM) == date(
        2026, 3, 31
    )


def test_ship_by_is_the_end_of_the_day_there() -> None:
    moment = ship_by(_at(TUESDAY, "09:00", OSAKA), desk=OSAKA)
    assert moment == datetime(2026, 11, 24, 14, 59, tzinfo=UTC)


def test_arrives_on_adds_transit_to_the_day_it_leaves() -> None:
    now = _at(WEDNESDAY, "10:00")
    assert arrives_on(now, 1, desk=AMSTERDAM) == FRIDAY
    assert arrives_on(now, 3, desk=AMSTERDAM) == date(2026, 12, 1)
    assert arrives_on(now, 1, desk=AMSTERDAM, holidays={FRIDAY}) == MONDAY
