"""The calendar of TARGET, the payment system by whose days the ECB publishes: pure."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_FRANKFURT = ZoneInfo("Europe/Berlin")
_PUBLISHED_AT = time(16)  # Of the clock there, summer and winter.


def is_business_day(day: date) -> bool:
    """Tell whether TARGET is open: not on weekends and its six closing days, as since 2002."""
    return day.weekday() < 5 and day not in _closing_days(day.year)


def business_days_between(start: date, end: date) -> int:
    """Count the business days after `start` up to and with `end`; 0 where end is not later."""
    if end <= start:
        return 0
    closed = (
        day
        for year in range(start.year, end.year + 1)
        for day in _closing_days(year)
        if start < day <= end and day.weekday() < 5
    )
    return _weekdays_before(end) - _weekdays_before(start) - sum(1 for _ in closed)


def previous_business_day(day: date) -> date:
    """Give the last business day before a day."""
    day -= timedelta(days=1)
    while not is_business_day(day):
        day -= timedelta(days=1)
    return day


def last_published_day(now: datetime) -> date:
    """Give the day of the newest reference rates that should be out: at 16:00 in Frankfurt."""
    there = now.astimezone(_FRANKFURT)
    if is_business_day(there.date()) and there.time() >= _PUBLISHED_AT:
        return there.date()
    return previous_business_day(there.date())


def publication_moment(day: date) -> datetime:
    """Give the moment, in UTC, from which a day's reference rates are out."""
    return datetime.combine(day, _PUBLISHED_AT, _FRANKFURT).astimezone(UTC)


@lru_cache(maxsize=128)
def _closing_days(year: int) -> frozenset[date]:
    easter = _easter_sunday(year)
    return frozenset({
        date(year, 1, 1),
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        date(year, 5, 1),
        date(year, 12, 25),
        date(year, 12, 26),
    })  # fmt: skip


def _easter_sunday(year: int) -> date:
    """Compute Easter of the Gregorian calendar, by the method of Meeus, Jones and Butcher."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    correction = (8 * century + 13) // 25
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _weekdays_before(day: date) -> int:
    """Count Mondays to Fridays from the first of all days up to and with a day."""
    weeks, rest = divmod(day.toordinal(), 7)  # Ordinal 1 was a Monday.
    return weeks * 5 + min(rest, 5)
