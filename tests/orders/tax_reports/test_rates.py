from datetime import date
from decimal import Decimal

import pytest

from markets.models import ExchangeRate
from orders.tax_reports.conversion import DayRate, ReportRateMissing
from orders.tax_reports.rates import RateHistory, rates_of_day
from tests.orders.tax_reports.rows import make_rate

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 5, 31)


def test_rate_of_a_day_without_publication_is_that_of_the_next() -> None:
    make_rate("SEK", "11.10", date(2026, 5, 29))
    make_rate("SEK", "11.20", date(2026, 6, 1))
    make_rate("SEK", "11.30", date(2026, 6, 2))
    rates = rates_of_day(SUNDAY, {"SEK", "EUR"})
    assert rates.per_euro == {"SEK": DayRate(Decimal("11.20000000"), date(2026, 6, 1))}
    assert rates.is_provisional("SEK") is False


def test_rate_that_is_not_out_yet_is_the_last_one_and_provisional() -> None:
    make_rate("SEK", "11.10", date(2026, 5, 29))
    rates = rates_of_day(SUNDAY, {"SEK"})
    assert rates.per_euro["SEK"].as_of == date(2026, 5, 29)
    assert rates.is_provisional("SEK") is True


def test_rate_in_quarantine_or_replaced_does_not_count() -> None:
    make_rate("SEK", "99", SUNDAY)
    ExchangeRate.objects.update(status=ExchangeRate.Status.QUARANTINED)
    assert rates_of_day(SUNDAY, {"SEK"}).per_euro == {}


def test_currency_of_another_provider_goes_through_its_base() -> None:
    make_rate("USD", "1.25", date(2026, 6, 1))
    make_rate("ARS", "1000", date(2026, 5, 30), provider="oxr", base="USD")
    rates = rates_of_day(SUNDAY, {"ARS"})
    assert rates.convert(Decimal("1250.00"), "ARS", "EUR") == Decimal("1.00")
    assert rates.per_euro["ARS"].provider == "oxr"


def test_history_converts_by_the_newest_rate_of_each_day() -> None:
    for day, rate in ((1, "2"), (4, "4"), (9, "8")):
        make_rate("USD", rate, date(2026, 5, day))
    history = RateHistory.read({"USD", "EUR"}, since=date(2026, 5, 2), until=SUNDAY)
    converted = [
        history.convert(Decimal("1.00"), "EUR", "USD", date(2026, 5, day)) for day in (3, 4, 8, 20)
    ]
    assert converted == [Decimal("2.00"), Decimal("4.00"), Decimal("4.00"), Decimal("8.00")]
    with pytest.raises(ReportRateMissing):
        history.convert(Decimal("1.00"), "EUR", "KWD", SUNDAY)
