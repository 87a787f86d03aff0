from datetime import date

import pytest

from orders.tax_reports.periods import Period, parse_period, period_of


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_period_is_read_and_written_alike(text: str, first: date, last: date) -> None:
    period = parse_period(text)
    assert (period.first, period.last, str(period)) == (first, last, text)


@pytest.mark.parametrize("text", ["", "2026-Q5", "2026-13", "26", "2026-1", "x"])
def test_period_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        parse_period(text)


def test_period_of_a_day_has_the_day() -> None:
    quarter = period_of(date(2026, 3, 31), months=3)
    assert quarter == Period(date(2026, 1, 1), 3)
    assert date(2026, 3, 31) in quarter
    assert date(2026, 4, 1) not in quarter


def test_periods_follow_each_other_over_the_year() -> None:
    quarter = parse_period("2025-Q4")
    assert quarter.next() == parse_period("2026-Q1")
    assert quarter.next().previous() == quarter


def test_period_that_begins_askew_is_refused() -> None:
    with pytest.raises(ValueError, match="do not begin"):
        Period(date(2026, 2, 1), 3)
