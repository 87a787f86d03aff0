import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from markets.exchange import latest_rates
from markets.models import ExchangeRate, Price, RateAlarm
from markets.rate_feeds.sheet import FeedUnavailable, NotPublishedYet
from markets.tasks import derive_changed_prices, refresh_rates, watch_rates
from tests.factories import make_variant
from tests.markets.feeds import Answer, body, ecb_xml, provider
from tests.markets.rows import add_base_price, bare_market

pytestmark = pytest.mark.django_db
FEED = (Path(__file__).parents[1] / "data" / "ecb_2025-05-09.xml").read_bytes()
FRIDAY = date(2025, 5, 9)


def evening(day: date, hour: int = 14) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 5, tzinfo=UTC)


class Feeds:
    """Answers of a provider, of which the first few can fail; counts what was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"daily": FEED}
        self.failures = 0
        self.asked: list[str] = []

    def answer(self, feed: str) -> Answer:
        def serve(handler: BaseHTTPRequestHandler) -> None:
            self.asked.append(feed)
            failing = len(self.asked) <= self.failures
            body(b"" if failing else self.files[feed], 503 if failing else 200)(handler)

        return serve


@pytest.fixture
def feeds(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Feeds]:
    monkeypatch.setenv("NO_PROXY", "*")
    served = Feeds()
    names = {f"eurofxref-{feed}.xml": served.answer(feed) for feed in ("daily", "hist-90d")}
    with provider(**names) as address:
        settings.ECB_RATES_URL = f"{address}/"
        yield served


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def show(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    show(evening(FRIDAY))
    return show


Clock = Callable[[datetime], None]


def test_refresh_stores_the_day_and_derives_prices(feeds: Feeds, clock: Clock) -> None:
    add_base_price(make_variant(), "20.00")
    bare_market("us", "USD", endings="")
    refresh_rates.apply(throw=True)
    assert ExchangeRate.objects.filter(provider="ecb", status="accepted").count() == 30
    assert str(Price.objects.get().amount.amount) == "22.500"  # 22.504


def test_refresh_asks_only_when_a_sheet_is_due(feeds: Feeds, clock: Clock) -> None:
    refresh_rates.apply(throw=True)
    # The evening, the weekend and Monday until 16:00 there.
    for moment in (
        evening(FRIDAY, 20),
        evening(FRIDAY + timedelta(days=1)),
        evening(FRIDAY + timedelta(days=2)),
        evening(FRIDAY + timedelta(days=3), 13),
    ):
        clock(moment)
        refresh_rates.apply(throw=True)
    assert feeds.asked == ["daily"]


def test_refresh_skips_a_closing_day(feeds: Feeds, clock: Clock) -> None:
    feeds.files["daily"] = ecb_xml({date(2026, 4, 2): {"USD": "1.10"}})
    clock(evening(date(2026, 4, 2)))
    refresh_rates.apply(throw=True)
    clock(evening(date(2026, 4, 6)))  # Easter Monday.
    refresh_rates.apply(throw=True)
    assert feeds.asked == ["daily"]


def test_refresh_catches_up_on_missed_days(feeds: Feeds, clock: Clock) -> None:
    refresh_rates.apply(throw=True)
    days = {FRIDAY + timedelta(days=n): {"USD": f"1.13{n}"} for n in (0, 3, 4, 5)}
    feeds.files["hist-90d"] = ecb_xml(days)
    clock(evening(FRIDAY + timedelta(days=5)))
    refresh_rates.apply(throw=True)
    assert feeds.asked == ["daily", "hist-90d"]
    stored = ExchangeRate.objects.filter(quote="USD").order_by("as_of").values_list("rate")
    assert [rate for (rate,) in stored] == [
        Decimal("1.1252"), Decimal("1.133"), Decimal("1.134"), Decimal("1.135"),
    ]  # fmt: skip


def test_refresh_tries_again_while_the_provider_is_down(feeds: Feeds, clock: Clock) -> None:
    feeds.failures = 2
    assert refresh_rates.apply().successful()
    assert len(feeds.asked) == 3
    assert ExchangeRate.objects.count() == 30
    assert RateAlarm.objects.count() == 0


def test_refresh_gives_up_after_five_retries_with_an_alarm(feeds: Feeds, clock: Clock) -> None:
    feeds.failures = 6
    assert isinstance(refresh_rates.apply().result, FeedUnavailable)
    assert len(feeds.asked) == 6
    assert ExchangeRate.objects.count() == 0
    alarm = RateAlarm.objects.get(cleared_at=None)
    assert (alarm.kind, alarm.provider) == ("feed", "ecb")
    assert "HTTP 503" in alarm.detail
    refresh_rates.apply(throw=True)
    alarm.refresh_from_db()
    assert alarm.cleared_at is not None


def test_refresh_waits_for_a_sheet_that_is_late(feeds: Feeds, clock: Clock) -> None:
    refresh_rates.apply(throw=True)
    clock(evening(FRIDAY + timedelta(days=3)))
    assert isinstance(refresh_rates.apply().result, NotPublishedYet)
    assert RateAlarm.objects.count() == 0
    assert ExchangeRate.objects.count() == 30


def test_refresh_asks_the_other_provider_though_one_refuses(
    feeds: Feeds, clock: Clock, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.RATE_PROVIDERS = ["openexchangerates", "ecb"]
    settings.OPEN_EXCHANGE_RATES_APP_ID = "very-secret"
    refusal = b'{"error": true, "status": 401, "message": "invalid_app_id"}'
    with provider(**{"latest.json": body(refusal, 401)}) as address:
        settings.OPEN_EXCHANGE_RATES_URL = f"{address}/"
        refresh_rates.apply(throw=True)
    assert ExchangeRate.objects.filter(provider="ecb").count() == 30
    assert [(row.kind, row.provider) for row in RateAlarm.objects.all()] == [
        ("feed", "openexchangerates")
    ]
    assert "very-secret" not in caplog.text


@pytest.mark.parametrize(("value", "problem"), [("0.0", "invalid"), ("1.2940", "jump")])
def test_refresh_changes_nothing_by_a_bad_rate(
    feeds: Feeds, clock: Clock, value: str, problem: str
) -> None:
    add_base_price(make_variant(), "20.00")
    bare_market("us", "USD", endings="")
    refresh_rates.apply(throw=True)
    before = list(Price.objects.values())
    monday = FRIDAY + timedelta(days=3)
    feeds.files["daily"] = FEED.replace(b"2025-05-09", str(monday).encode()).replace(
        b"rate='1.1252'", f"rate='{value}'".encode()
    )
    clock(evening(monday))
    refresh_rates.apply(throw=True)
    assert list(Price.objects.values()) == before
    rate, row = latest_rates(now=evening(monday)).conversion("EUR", "USD")
    assert rate == Decimal("1.1252")
    assert row is not None
    assert row.as_of == FRIDAY
    alarms = RateAlarm.objects.filter(cleared_at=None).values_list("kind", "currency")
    assert list(alarms) == [(problem, "USD")]


def test_watch_raises_alarms(clock: Clock) -> None:
    add_base_price(make_variant())
    bare_market("us", "USD")
    watch_rates.apply(throw=True)
    assert RateAlarm.objects.get().currency == "USD"


def test_derive_changed_prices_makes_first_prices() -> None:
    add_base_price(make_variant())
    bare_market()
    derive_changed_prices.apply(throw=True)
    assert Price.objects.count() == 1
