from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.rate_feeds.target_days import (
    business_days_between,
    is_business_day,
    last_published_day,
    previous_business_day,
    publication_moment,
)

DAYS = st.dates(date(2002, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25", "2025-12-26",
        "2024-03-29", "2024-04-01", "2025-04-18", "2025-04-21", "2038-04-23", "2026-11-21",
    ],
)  # fmt: skip
def test_target_is_closed(day: str) -> None:
    assert not is_business_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    # Whit Monday, Ascension Day, German unity, Boxing Day's eve of a weekend: days like others.
    "day",
    ["2026-05-25", "2026-05-14", "2025-10-03", "2026-12-24", "2026-12-28", "2026-12-31"],
)
def test_target_is_open(day: str) -> None:
    assert is_business_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-20", "2026-11-20", 0),
        ("2026-11-20", "2026-11-22", 0),  # Over a weekend nothing ages.
        ("2026-11-20", "2026-11-23", 1),
        ("2026-11-23", "2026-11-20", 0),
        ("2026-04-02", "2026-04-06", 0),  # Good Friday to Easter Monday.
        ("2026-04-02", "2026-04-07", 1),
        ("2026-12-24", "2026-12-28", 1),
        ("2025-12-31", "2026-01-02", 1),
        ("2025-12-31", "2026-12-31", 256),
    ],
)
def test_business_days_between(start: str, end: str, days: int) -> None:
    assert business_days_between(date.fromisoformat(start), date.fromisoformat(end)) == days


@given(DAYS, st.integers(0, 900))
def test_business_days_between_counts_open_days(start: date, length: int) -> None:
    counted = sum(is_business_day(start + timedelta(days=n)) for n in range(1, length + 1))
    assert business_days_between(start, start + timedelta(days=length)) == counted


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-24T14:59", "2026-11-23"),  # 15:59 there in winter.
        ("2026-11-24T15:00", "2026-11-24"),
        ("2026-07-07T13:59", "2026-07-06"),  # 15:59 there in summer.
        ("2026-07-07T14:00", "2026-07-07"),
        ("2026-11-22T20:00", "2026-11-20"),  # A Sunday.
        ("2026-04-06T20:00", "2026-04-02"),  # Easter Monday.
        ("2026-01-01T20:00", "2025-12-31"),
        ("2026-11-23T23:30", "2026-11-23"),  # Past midnight there.
    ],
)
def test_last_published_day(now: str, day: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert last_published_day(moment) == date.fromisoformat(day)


@given(DAYS)
def test_a_day_is_published_at_its_moment_and_not_before(day: date) -> None:
    if not is_business_day(day):
        day = previous_business_day(day)
    moment = publication_moment(day)
    assert last_published_day(moment) == day
    assert last_published_day(moment - timedelta(seconds=1)) == previous_business_day(day)
