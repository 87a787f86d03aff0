from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from fulfillment.calendar import (
    Days,
    Desk,
    Way,
    accepted_on,
    arrives_between,
    order_by,
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


def _way(desk: Desk = AMSTERDAM, **changes: object) -> Way:
    week = Days()
    fields = {
        "pickup": week, "transit": week, "customs": week, "delivery": week,
        "transit_days": (1, 3), **changes,
    }  # fmt: skip
    return Way(desk=desk, **fields)  # type: ignore[arg-type]


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
def test_days_go_over_weekends(day: date, days: int, expected: date) -> None:
    assert Days().after(day, days) == expected


def test_days_go_over_days_off_and_count_back() -> None:
    days = Days(off={date(2026, 12, 25), date(2026, 12, 28)})

    assert date(2026, 12, 25) not in days
    assert days.after(date(2026, 12, 24), 1) == date(2026, 12, 29)
    assert days.count(date(2026, 12, 24), date(2026, 12, 29)) == 1
    assert days.count(TUESDAY, TUESDAY) == 0


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


def test_arrives_between_adds_transit_to_the_day_it_leaves() -> None:
    now = _at(WEDNESDAY, "10:00")

    assert arrives_between(_way(), now) == (FRIDAY, date(2026, 12, 1))
    friday_off = _way(transit=Days(off={FRIDAY}))
    assert arrives_between(friday_off, now)[0] == MONDAY


def test_arrives_between_waits_for_the_carrier_and_for_its_delivery_day() -> None:
    # Ready on Thursday; collected on Fridays alone, delivered on Tuesdays alone.
    way = _way(pickup=Days(frozenset({4})), delivery=Days(frozenset({1})), transit_days=(1, 1))

    assert arrives_between(way, _at(WEDNESDAY, "10:00")) == (date(2026, 12, 1),) * 2


def test_arrives_between_counts_customs_where_both_ends_work() -> None:
    way = _way(customs=Days(off={FRIDAY}), transit_days=(1, 1), customs_days=(0, 1))

    # Ready on Wednesday, at the border on Thursday; Friday is a holiday at one end.
    assert arrives_between(way, _at(TUESDAY, "10:00")) == (THURSDAY, MONDAY)


def test_arrives_between_handles_units_from_the_day_they_come() -> None:
    way = _way(transit_days=(1, 1))
    assert arrives_between(way, _at(TUESDAY, "10:00"), stock_on=SATURDAY) == (
        date(2026, 12, 2),
        date(2026, 12, 2),
    )
    assert arrives_between(way, _at(TUESDAY, "10:00"), stock_on=date(2026, 11, 2)) == (
        THURSDAY,
        THURSDAY,
    )


def test_order_by_is_the_next_cut_off_that_keeps_the_days() -> None:
    way = _way()
    now = _at(TUESDAY, "12:47")
    limit = order_by(way, now, keeps=arrives_between(way, now))

    assert limit == _at(TUESDAY, "15:00")
    assert arrives_between(way, limit) == arrives_between(way, now)
    assert arrives_between(way, limit + timedelta(minutes=1)) != arrives_between(way, now)
    # After the cut-off of Friday it is Monday's.
    late = _at(FRIDAY, "15:01")
    assert order_by(way, late, keeps=arrives_between(way, late)) == _at(MONDAY, "15:00")


def test_order_by_looks_past_cut_offs_that_change_nothing() -> None:
    way = _way(pickup=Days(frozenset({4})))
    now = _at(MONDAY, "09:00")

    # Collected on Fridays alone: until Thursday afternoon nothing is lost.
    assert order_by(way, now, keeps=arrives_between(way, now)) == _at(date(2026, 12, 3), "15:00")


def test_order_by_is_open_while_units_are_awaited() -> None:
    way, now, coming = _way(), _at(TUESDAY, "09:00"), date(2027, 2, 1)
    keeps = arrives_between(way, now, stock_on=coming)

    assert order_by(way, now, keeps=keeps, stock_on=coming) is None


def test_order_by_follows_the_clock_change() -> None:
    # Europe goes to summer time on 29 March 2026: Monday's 15:00 is an hour earlier in UTC.
    way, now = _way(), datetime(2026, 3, 27, 14, 1, tzinfo=UTC)

    assert order_by(way, now, keeps=arrives_between(way, now)) == datetime(
        2026, 3, 30, 13, 0, tzinfo=UTC
    )
