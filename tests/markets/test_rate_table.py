from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from markets.derivation import NoRate
from markets.exchange import RateTable, Tier, latest_rates
from markets.models import ExchangeRate
from tests.factories import NOW
from tests.markets.rows import add_peg, add_rates

TODAY = NOW.date()  # A Tuesday.


def row(quote: str, rate: str, *, provider: str = "ecb", back: int = 0) -> ExchangeRate:
    base = {"ecb": "EUR", "openexchangerates": "USD", "manual": "EUR", "peg": "USD"}[provider]
    return ExchangeRate(
        provider=provider,
        base=base,
        quote=quote,
        rate=Decimal(rate),
        as_of=TODAY - timedelta(days=back),
        last_day=TODAY if provider == "manual" else None,
    )


def table(*rows: ExchangeRate, providers: tuple[str, ...] = ("ecb",)) -> RateTable:
    quotes: dict[str, dict[str, ExchangeRate]] = {}
    for quote in rows:
        quotes.setdefault(quote.provider, {})[quote.quote] = quote
    return RateTable(day=TODAY, providers=providers, quotes=quotes)


@pytest.mark.parametrize(
    ("back", "age", "tier"),
    [(0, 0, Tier.NORMAL), (1, 1, Tier.NORMAL), (4, 2, Tier.WARN), (5, 3, Tier.FREEZE),
     (6, 4, Tier.FREEZE), (7, 5, Tier.BLOCKED)],
)  # fmt: skip
def test_tier_follows_business_days(back: int, age: int, tier: Tier) -> None:
    rates = table(row("USD", "1.10", back=back), row("AED", "3.6725", provider="peg", back=9_000))
    assert (rates.age_business_days("USD"), rates.tier("USD")) == (age, tier)
    assert (rates.age_business_days("AED"), rates.tier("AED")) == (age, tier)
    assert rates.tier("EUR") is Tier.NORMAL


def test_tier_of_a_pair_is_the_worse() -> None:
    rates = table(row("USD", "1.10"), row("GBP", "0.85", back=5))
    assert rates.tier("USD", "GBP") is rates.tier("GBP", "USD") is Tier.FREEZE
    assert rates.tier("GBP", "GBP") is Tier.NORMAL
    assert rates.tier("EUR", "KWD") is Tier.BLOCKED


def test_second_provider_stands_in_for_one_that_froze_or_has_no_quote() -> None:
    other = [row("EUR", "0.8", provider="openexchangerates", back=1),
             row("GBP", "0.6", provider="openexchangerates"),
             row("KWD", "0.3", provider="openexchangerates")]  # fmt: skip
    both = ("ecb", "openexchangerates")
    late = table(row("GBP", "0.70", back=4), *other, providers=both)
    assert late.conversion("EUR", "GBP")[0] == Decimal("0.70")
    frozen = table(row("GBP", "0.70", back=5), *other, providers=both)
    assert frozen.conversion("EUR", "GBP") == (Decimal("0.75"), other[1])
    assert frozen.age_business_days("GBP") == 1  # Through the euro's quote, of yesterday.
    assert frozen.conversion("EUR", "KWD")[0] == Decimal("0.375")
    assert frozen.conversion("EUR", "USD") == (Decimal("1.25"), other[0])


def test_dollar_can_be_the_root() -> None:
    rates = table(
        row("EUR", "0.8", provider="openexchangerates"),
        row("GBP", "0.6", provider="openexchangerates"),
        row("JPY", "180", provider="manual"),
        row("AED", "3.6725", provider="peg"),
        providers=("openexchangerates",),
    )
    assert rates.root == "USD"
    assert rates.conversion("EUR", "GBP")[0] == Decimal("0.75")
    assert rates.conversion("USD", "JPY")[0] == Decimal(144)
    assert rates.conversion("USD", "AED")[0] == Decimal("3.6725")


def test_currencies_lists_what_has_a_rate() -> None:
    rates = table(row("GBP", "0.85"), row("AED", "3.6725", provider="peg"))
    assert rates.currencies() == ["EUR", "GBP"]  # No dollar to hold the dirham against.


@pytest.mark.django_db
def test_conversion_too_small_to_be_kept_well_is_refused() -> None:
    add_rates({"KWD": "0.345", "LBP": "101000", "VND": "29000"})
    rates = latest_rates(now=NOW)
    assert rates.conversion("VND", "KWD")[0] == Decimal("0.00001190")
    with pytest.raises(NoRate):
        rates.conversion("LBP", "KWD")
    assert rates.conversion("KWD", "LBP")[0] == Decimal("292753.62318800")


@pytest.mark.django_db
def test_latest_is_found_for_each_currency_however_long_the_history() -> None:
    for back in range(5):
        add_rates({"USD": f"1.1{back}", "GBP": "0.85"}, as_of=TODAY - timedelta(days=back + 1))
    add_rates({"HRK": "7.5"}, as_of=date(2022, 12, 30))
    add_peg()
    rates = latest_rates(now=NOW)
    assert rates.currencies() == ["AED", "EUR", "GBP", "HRK", "USD"]
    assert rates.conversion("EUR", "USD")[0] == Decimal("1.10")
    assert rates.tier("HRK") is Tier.BLOCKED


MOMENTS = st.integers(0, 96).map(lambda hours: NOW - timedelta(days=2) + timedelta(hours=hours))
QUOTES = st.fixed_dictionaries({
    "as_of": st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days)),
    "fetched_at": MOMENTS,
    "decided_at": st.none() | MOMENTS,
    "replaced_at": st.none() | MOMENTS,
    "status": st.sampled_from(["accepted", "quarantined", "rejected"]),
})  # fmt: skip


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(QUOTES, max_size=8, unique_by=lambda quote: quote["as_of"]), MOMENTS)
def test_conversion_is_never_from_the_future(quotes: list[dict[str, Any]], now: datetime) -> None:
    from django.db import transaction

    with transaction.atomic():
        for number, quote in enumerate(quotes, start=1):
            ExchangeRate.objects.create(
                provider="ecb", base="EUR", quote="USD", rate=Decimal(number), given=str(number),
                **quote,
            )  # fmt: skip
        known = [
            quote
            for quote in quotes
            if quote["status"] == "accepted"
            and datetime.combine(quote["as_of"], time(), UTC) <= now
            and quote["fetched_at"] <= now
            and (quote["decided_at"] is None or quote["decided_at"] <= now)
            and (quote["replaced_at"] is None or quote["replaced_at"] > now)
        ]
        try:
            _rate, used = latest_rates(now=now).conversion("EUR", "USD")
        except NoRate:
            assert known == []
        else:
            assert used is not None
            assert used.as_of == max(quote["as_of"] for quote in known)
            assert used.as_of <= now.date()
            assert used.fetched_at <= now
        transaction.set_rollback(True)
