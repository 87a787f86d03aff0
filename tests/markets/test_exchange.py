from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from markets.derivation import NoRate
from markets.exchange import latest_rates, store_sheet
from markets.models import ExchangeRate
from markets.rate_feeds.sheet import RateSheet
from tests.factories import NOW
from tests.markets.rows import add_peg, add_rates

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def sheet(as_of: date = TODAY, **rates: str) -> RateSheet:
    return RateSheet(as_of, "EUR", {quote: Decimal(rate) for quote, rate in rates.items()})


def stored() -> dict[str, Decimal]:
    rows = ExchangeRate.objects.order_by("as_of", "quote")
    return {f"{row.quote} {row.as_of}": row.rate for row in rows}


def test_store_keeps_provider_day_and_moment() -> None:
    assert store_sheet(sheet(USD="1.1252", JPY="163.36"), provider="ecb", now=NOW) == 2
    row = ExchangeRate.objects.get(quote="JPY")
    assert (row.provider, row.base, row.rate) == ("ecb", "EUR", Decimal("163.36"))
    assert (row.as_of, row.fetched_at) == (TODAY, NOW)


def test_store_never_overwrites() -> None:
    store_sheet(sheet(USD="1.10"), provider="ecb", now=NOW)
    later = NOW + timedelta(hours=1)
    assert store_sheet(sheet(USD="1.11", GBP="0.85"), provider="ecb", now=later) == 1
    assert stored() == {f"GBP {TODAY}": Decimal("0.85"), f"USD {TODAY}": Decimal("1.10")}
    assert store_sheet(sheet(USD="1.12"), provider="other", now=later) == 1


def test_store_refuses_a_rate_15_percent_off_and_keeps_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    yesterday = TODAY - timedelta(days=1)
    add_rates({"USD": "1.00", "GBP": "0.80", "CHF": "1.00", "JPY": "160"}, as_of=yesterday)
    given = sheet(USD="1.15", GBP="0.72", CHF="0.8999", JPY="161")
    assert store_sheet(given, provider="ecb", now=NOW) == 2
    assert set(ExchangeRate.objects.filter(as_of=TODAY).values_list("quote", flat=True)) == {
        "GBP",
        "JPY",
    }
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "ERROR",
            f"Rate EUR/CHF 0.8999 of ecb, {TODAY} refused: too far from 1.00000000 of {yesterday}",
        ),
        (
            "ERROR",
            f"Rate EUR/USD 1.15 of ecb, {TODAY} refused: too far from 1.00000000 of {yesterday}",
        ),
    ]


def test_store_accepts_a_jump_after_a_long_silence() -> None:
    add_rates({"USD": "1.00"}, as_of=TODAY - timedelta(days=11))
    assert store_sheet(sheet(USD="1.50"), provider="ecb", now=NOW) == 1


@pytest.mark.parametrize(
    ("quote", "rate", "why"),
    [
        ("QQQ", "2", "unknown currency"),
        ("usd", "2", "unknown currency"),
        ("XAU", "2", "unknown currency"),
        ("EUR", "1", "against itself"),
        ("USD", "0", "not positive"),
        ("USD", "-1", "not positive"),
        ("USD", "0.000000001", "not positive"),
        ("USD", "NaN", "not positive"),
        ("USD", "Infinity", "not positive"),
    ],
)
def test_store_refuses_what_is_no_rate(
    quote: str, rate: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    given = RateSheet(TODAY, "EUR", {quote: Decimal(rate), "GBP": Decimal("0.85")})
    assert store_sheet(given, provider="ecb", now=NOW) == 1
    assert stored() == {f"GBP {TODAY}": Decimal("0.85")}
    assert why in caplog.text


def test_store_refuses_a_day_that_has_not_come(caplog: pytest.LogCaptureFixture) -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert store_sheet(sheet(tomorrow, USD="1.1"), provider="ecb", now=NOW) == 0
    assert stored() == {}
    assert "has not come yet" in caplog.text


def test_conversion_crosses_the_euro() -> None:
    add_rates({"USD": "1.1252", "GBP": "0.8479"})
    table = latest_rates(now=NOW)
    usd, gbp = ExchangeRate.objects.get(quote="USD"), ExchangeRate.objects.get(quote="GBP")
    assert table.conversion("EUR", "USD") == (Decimal("1.12520000"), usd)
    assert table.conversion("USD", "EUR") == (Decimal("0.88873089"), usd)
    assert table.conversion("USD", "GBP") == (Decimal("0.75355492"), gbp)
    assert table.conversion("KWD", "KWD") == (Decimal(1), None)
    with pytest.raises(NoRate):
        table.conversion("EUR", "KWD")


def test_conversion_reaches_the_dirham_by_its_peg() -> None:
    add_rates({"USD": "1.10"})
    add_peg()
    rate, row = latest_rates(now=NOW).conversion("EUR", "AED")
    assert rate == Decimal("4.03975000")
    assert row == ExchangeRate.objects.get(provider="peg")


def test_latest_rates_leave_out_the_future() -> None:
    add_rates({"USD": "1.10"}, as_of=TODAY - timedelta(days=3))
    add_rates({"USD": "1.20"}, as_of=TODAY)  # Published this afternoon.
    add_rates({"USD": "1.30"}, as_of=TODAY + timedelta(days=1))
    assert latest_rates(now=NOW).quotes["USD"].rate == Decimal("1.10")
    afternoon = datetime(TODAY.year, TODAY.month, TODAY.day, 15, tzinfo=UTC)
    assert latest_rates(now=afternoon).quotes["USD"].rate == Decimal("1.20")


def test_age_counts_days_since_the_quote() -> None:
    add_rates({"USD": "1.10"}, as_of=TODAY - timedelta(days=3))
    add_peg()
    table = latest_rates(now=NOW)
    assert [table.age_days(c) for c in ("USD", "AED", "EUR")] == [3, 3, 0]
    with pytest.raises(NoRate):
        table.age_days("GBP")


def test_database_refuses_a_second_quote_of_a_day() -> None:
    add_rates({"USD": "1.10"})
    with pytest.raises(IntegrityError), transaction.atomic():
        add_rates({"USD": "1.11"})
