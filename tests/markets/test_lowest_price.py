"""The lowest price before a reduction: the window's anchor, and what may be announced."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.lowest_price import (
    PriceSpan,
    find_reduction,
    find_reduction_start,
    prior_price,
)
from tests.factories import NOW

DAY = timedelta(days=1)


def on(day: float) -> datetime:
    return NOW + day * DAY


def timeline(*steps: tuple[float, str] | tuple[float, str, bool]) -> list[PriceSpan]:
    """Make a history of steps (day, amount, whether a reduction), each until the next."""
    ends: list[datetime | None] = [*(on(step[0]) for step in steps[1:]), None]
    return [
        PriceSpan(Decimal(step[1]), on(step[0]), end, len(step) > 2 and bool(step[2]))
        for step, end in zip(steps, ends, strict=True)
    ]


def announced(
    history: Sequence[PriceSpan], day: float, days: int = 30
) -> tuple[Decimal, int] | None:
    moment = on(day)
    amount = next(span.amount for span in history if span.holds_at(moment))
    found = find_reduction(history, amount, moment=moment, days=days)
    return (found.prior, found.percent) if found else None


def test_prior_price_is_the_lowest_of_the_window() -> None:
    history = timeline((-90, "80"), (-40, "100"), (-20, "95"), (-10, "110"), (0, "90", True))
    assert announced(history, 5) == (Decimal(95), 5)


def test_prior_price_counts_what_held_as_the_window_opened() -> None:
    history = timeline((-90, "80"), (-29, "100"), (0, "70", True))
    assert announced(history, 0) == (Decimal(80), 12)


@pytest.mark.parametrize(("ended", "prior"), [(-30, "100"), (-29.99, "80")])
def test_window_is_open_where_an_old_price_ended_at_its_very_start(
    ended: float, prior: str
) -> None:
    history = timeline((-90, "80"), (ended, "100"), (0, "70", True))
    assert announced(history, 1) == (Decimal(prior), 30 if prior == "100" else 12)


def test_window_stays_where_the_reduction_started() -> None:
    history = timeline((-90, "100"), (0, "90", True))
    assert announced(history, 200) == (Decimal(100), 10)


def test_growing_reduction_keeps_the_price_before_its_first_step() -> None:
    history = timeline((-90, "100"), (0, "90", True), (10, "80", True), (45, "60", True))
    assert [announced(history, day) for day in (5, 20, 60)] == [
        (Decimal(100), 10),
        (Decimal(100), 20),
        (Decimal(100), 40),
    ]


def test_interrupted_reduction_is_measured_by_the_one_before() -> None:
    history = timeline((-90, "100"), (0, "80", True), (10, "100"), (11, "80", True))
    assert announced(history, 12) is None
    assert announced(
        timeline((-90, "100"), (0, "80", True), (10, "100"), (11, "70", True)), 12
    ) == (
        Decimal(80),
        12,
    )


def test_reduction_that_shrinks_may_not_be_announced() -> None:
    history = timeline((-90, "100"), (0, "80", True), (10, "90", True))
    assert announced(history, 12) is None


def test_price_that_a_rate_lowered_before_counts() -> None:
    history = timeline((-90, "100"), (-15, "97"), (-12, "103"), (0, "99", True))
    assert announced(history, 1) is None


def test_price_lower_without_announcement_announces_nothing() -> None:
    assert announced(timeline((-90, "100"), (0, "80")), 1) is None


def test_goods_without_an_earlier_price_announce_nothing() -> None:
    assert announced(timeline((0, "80", True)), 1) is None


def test_goods_sold_for_fewer_days_are_measured_by_those() -> None:
    assert announced(timeline((-3, "100"), (0, "80", True)), 1) == (Decimal(100), 20)


def test_market_without_the_law_announces_nothing() -> None:
    assert announced(timeline((-90, "100"), (0, "80", True)), 1, days=0) is None


def test_percent_is_never_overstated() -> None:
    history = timeline((-90, "29.99"), (0, "19.99", True))  # 33.34 %
    assert announced(history, 1) == (Decimal("29.99"), 33)
    assert announced(timeline((-9, "100.00"), (0, "99.50", True)), 1) == (Decimal("100.00"), 0)


amounts = st.integers(1, 5000).map(lambda cents: Decimal(cents) / 100)
histories = st.lists(
    st.tuples(st.integers(1, 20), amounts, st.booleans()), min_size=1, max_size=12
).map(
    lambda steps: timeline(
        *(
            (-sum(step[0] for step in steps[i:]), str(amount), reduced)
            for i, (_days, amount, reduced) in enumerate(steps)
        )
    )
)


@given(histories, st.integers(1, 60))
def test_prior_price_is_the_lowest_shown_on_any_moment_of_the_window(
    history: list[PriceSpan], days: int
) -> None:
    start = find_reduction_start(history, moment=NOW)
    if start is None:
        assert not any(span.is_reduction and span.holds_at(NOW) for span in history)
        return
    hours = (start - timedelta(hours=hour) for hour in range(1, days * 24 + 1))
    shown = [span.amount for moment in hours for span in history if span.holds_at(moment)]
    assert prior_price(history, reduction_start=start, days=days) == min(shown, default=None)


@given(histories, st.integers(1, 60))
def test_announced_reduction_is_lower_than_every_price_of_its_window(
    history: list[PriceSpan], days: int
) -> None:
    amount = history[-1].amount
    found = find_reduction(history, amount, moment=NOW, days=days)
    if found is None:
        return
    opens = found.began_at - timedelta(days=days)
    before = [
        span.amount
        for span in history
        if span.valid_from < found.began_at and (span.valid_to is None or span.valid_to > opens)
    ]
    assert amount < found.prior == min(before)
    assert found.prior * (100 - found.percent) / 100 >= amount


@given(histories)
def test_reduction_starts_with_a_row_and_runs_without_a_gap(history: list[PriceSpan]) -> None:
    start = find_reduction_start(history, moment=NOW)
    if start is not None:
        since = [span for span in history if span.valid_from >= start]
        assert all(span.is_reduction for span in since)
        assert [s.amount for s in since] == sorted((s.amount for s in since), reverse=True)
