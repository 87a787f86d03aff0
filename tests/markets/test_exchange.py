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


def accepted() -> dict[str, Decimal]:
    rows = ExchangeRate.objects.filter(status="accepted").order_by("as_of", "quote")
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
    assert accepted() == {f"GBP {TODAY}": Decimal("0.85"), f"USD {TODAY}": Decimal("1.10")}
    assert store_sheet(sheet(USD="1.12"), provider="other", now=later) == 1


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
    assert latest_rates(now=NOW).conversion("EUR", "USD")[0] == Decimal("1.10")
    afternoon = datetime(TODAY.year, TODAY.month, TODAY.day, 15, tzinfo=UTC)
    assert latest_rates(now=afternoon).conversion("EUR", "USD")[0] == Decimal("1.20")


def test_database_refuses_a_second_quote_of_a_day() -> None:
    add_rates({"USD": "1.10"})
    with pytest.raises(IntegrityError), transaction.atomic():
        add_rates({"USD": "1.11"})
