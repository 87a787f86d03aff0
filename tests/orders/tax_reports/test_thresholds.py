from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from orders.tax_reports.thresholds import (
    DaySales,
    Level,
    Span,
    Standing,
    ThresholdTerms,
    Window,
    oldest_day,
    spans,
    stand,
)

TODAY = date(2026, 9, 15)


def terms(**fields: Any) -> ThresholdTerms:
    defaults = {
        "id": 1,
        "scheme": "sales_tax",
        "country": "US",
        "region": "NY",
        "amount": Decimal(500_000),
        "currency": "USD",
        "transactions": None,
        "needs_both": False,
        "window": Window.CALENDAR_YEAR,
    }
    return ThresholdTerms(**{**defaults, **fields})


def sold(net: str, orders: int = 1, **fields: Any) -> DaySales:
    defaults = {
        "on": date(2026, 3, 1),
        "country": "US",
        "region": "NY",
        "regime": "no_nexus",
        "currency": "USD",
    }
    return DaySales(net=Decimal(net), orders=orders, **{**defaults, **fields})


def at_par(amount: Decimal, source: str, target: str, on: date) -> Decimal:
    return amount


def standing(threshold: ThresholdTerms, *sales: DaySales) -> Standing:
    return stand(threshold, sales, on=TODAY, convert=at_par)


@pytest.mark.parametrize(
    ("net", "level"),
    [
        ("399999.99", Level.QUIET),
        ("400000.00", Level.NEAR),
        ("499999.99", Level.NEAR),
        ("500000.00", Level.PASSED),
    ],
)
def test_threshold_alarms_at_80_and_at_100_percent(net: str, level: Level) -> None:
    assert standing(terms(), sold(net)).level is level


def test_threshold_of_either_is_passed_by_the_number_of_sales() -> None:
    either = terms(amount=Decimal(100_000), transactions=200)
    found = standing(either, sold("900.00", orders=200))
    assert found.orders_share == Decimal(1)
    assert found.level is Level.PASSED


def test_threshold_of_both_waits_for_both() -> None:
    both = terms(transactions=100, needs_both=True)
    assert standing(both, sold("600000.00", orders=79)).level is Level.QUIET
    assert standing(both, sold("600000.00", orders=80)).level is Level.NEAR
    assert standing(both, sold("600000.00", orders=100)).level is Level.PASSED


def test_sales_of_other_places_do_not_count() -> None:
    found = standing(
        terms(), sold("500000.00", region="CA"), sold("7.00"), sold("9.00", country="CA")
    )
    assert found.amount == Decimal("7.00")


def test_threshold_of_a_country_counts_all_its_regions() -> None:
    canada = terms(country="CA", region="", currency="CAD", amount=Decimal(30_000))
    found = standing(canada, sold("1.00", country="CA", region="ON"),
                     sold("2.00", country="CA", region="QC"))  # fmt: skip
    assert found.amount == Decimal("3.00")


def test_union_threshold_counts_sales_across_its_borders_wherever_declared() -> None:
    union = terms(scheme="union_oss", country="", region="", amount=Decimal(10_000), currency="EUR")
    found = standing(
        union,
        sold("5000.00", country="DE", region="", regime="origin"),
        sold("3000.00", country="FR", region="", regime="oss"),
        sold("9000.00", country="NL", region="", regime="domestic"),
        sold("9000.00", country="US"),
    )
    assert (found.amount, found.level) == (Decimal("8000.00"), Level.NEAR)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window.CALENDAR_YEAR, [Span(date(2026, 1, 1), TODAY)]),
        (Window.PREVIOUS_YEAR, [Span(date(2025, 1, 1), date(2025, 12, 31))]),
        (
            Window.CURRENT_OR_PREVIOUS_YEAR,
            [Span(date(2026, 1, 1), TODAY), Span(date(2025, 1, 1), date(2025, 12, 31))],
        ),
        (Window.ROLLING_12_MONTHS, [Span(date(2025, 9, 16), TODAY)]),
    ],
)
def test_window_counts_its_days(window: Window, expected: list[Span]) -> None:
    assert list(spans(window, on=TODAY)) == expected


def test_leap_day_looks_back_on_a_year_that_has_none() -> None:
    (span,) = spans(Window.ROLLING_12_MONTHS, on=date(2028, 2, 29))
    assert span.first == date(2027, 3, 1)


def test_year_that_sold_more_decides_where_either_counts() -> None:
    either_year = terms(window=Window.CURRENT_OR_PREVIOUS_YEAR)
    found = standing(either_year, sold("450000.00", on=date(2025, 6, 1)), sold("10.00"))
    assert (found.span.first, found.level) == (date(2025, 1, 1), Level.NEAR)


def test_sales_are_converted_by_the_rate_of_their_day() -> None:
    days: list[date] = []

    def convert(amount: Decimal, source: str, target: str, on: date) -> Decimal:
        days.append(on)
        return amount * 2 if source == "EUR" else amount

    found = stand(terms(), [sold("10.00", currency="EUR")], on=TODAY, convert=convert)
    assert (found.amount, days) == (Decimal("20.00"), [date(2026, 3, 1)])


def test_oldest_day_reaches_back_as_far_as_any_window() -> None:
    assert oldest_day([Window.CALENDAR_YEAR, Window.ROLLING_12_MONTHS], on=TODAY) == date(
        2025, 9, 16
    )
    assert oldest_day([], on=TODAY) == TODAY
