import json
import logging
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from markets.rate_feeds.open_exchange_rates import OpenExchangeRates, parse_open_exchange_rates
from markets.rate_feeds.sheet import (
    AccessRefused,
    FeedUnavailable,
    MalformedFeed,
    RateFeedError,
    RateSheet,
)
from tests.markets.feeds import Answer, body, provider

KEY = "0123456789abcdef0123456789abcdef"
NOON = int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp())
NOW = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def answer(stamp: int = NOON, **changes: Any) -> bytes:
    data = {
        "disclaimer": "…",
        "license": "…",
        "timestamp": stamp,
        "base": "USD",
        "rates": {"EUR": 0.8513, "JPY": 156.4, "KWD": 0.307, "USD": 1},
    }
    return json.dumps({**data, **changes}).encode()


def rates_as(text: str) -> bytes:
    return b'{"timestamp": %d, "base": "USD", "rates": %s}' % (NOON, text.encode())


def client(address: str) -> OpenExchangeRates:
    return OpenExchangeRates(app_id=KEY, currencies={"EUR", "JPY", "USD"}, url=f"{address}/api/")


def test_parse_reads_decimals_of_the_day_of_the_timestamp() -> None:
    sheet = parse_open_exchange_rates(answer(), currencies={"EUR", "JPY", "USD"})
    assert sheet == RateSheet(
        date(2026, 11, 24), "USD", {"EUR": Decimal("0.8513"), "JPY": Decimal("156.4")}
    )
    assert set(parse_open_exchange_rates(answer()).rates) == {"EUR", "JPY", "KWD"}


def test_parse_leaves_what_is_not_positive_to_the_guards() -> None:
    sheet = parse_open_exchange_rates(rates_as('{"PLN": 0.0, "EUR": -1, "JPY": 1e-3}'))
    assert sheet.rates == {"PLN": Decimal(0), "EUR": Decimal(-1), "JPY": Decimal("0.001")}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "no JSON"),
        (b"<html>", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no JSON object"),
        (b'"rates"', "no JSON object"),
        (b"{}", "base None"),
        (answer(base="EUR"), "base 'EUR'"),
        (answer(timestamp=None), "no timestamp"),
        (answer(timestamp=1.5), "no timestamp"),
        (answer(timestamp=-1), "no timestamp"),
        (answer(timestamp=True), "no timestamp"),
        (answer(timestamp="1"), "no timestamp"),
        (answer(timestamp=10**30), "no timestamp"),
        (b'{"timestamp": 1e999999999, "base": "USD", "rates": {}}', "no timestamp"),
        (answer(rates=[]), "no rates"),
        (answer(rates={}), "no quotes"),
        (answer(rates={"EUR": "0.85"}), "EUR has no number"),
        (answer(rates={"EUR": None}), "EUR has no number"),
        (answer(rates={"EUR": True}), "EUR has no number"),
        (answer(rates={"EUR": {"EUR": 1}}), "EUR has no number"),
        (answer(rates={"eur": 1}), "'eur' is no currency"),
        (answer(rates={"EUR\n": 1}), "is no currency"),
        (rates_as('{"EUR": NaN}'), "NaN is no number"),
        (rates_as('{"EUR": Infinity}'), "Infinity is no number"),
        (rates_as('{"EUR": 1, "EUR": 2}'), "given twice"),
        (rates_as('{"EUR": 1%s}' % ("0" * 100_000)), "EUR has no number"),
    ],
)
def test_parse_refuses_what_it_cannot_trust(given: bytes, says: str) -> None:
    with pytest.raises(MalformedFeed, match=says):
        parse_open_exchange_rates(given)


def test_fetch_sends_the_key_in_a_header_and_asks_for_our_currencies() -> None:
    seen: list[tuple[str, str | None]] = []

    def latest(handler: BaseHTTPRequestHandler) -> None:
        seen.append((handler.path, handler.headers["Authorization"]))
        body(answer())(handler)

    with provider(**{"api/latest.json": latest}) as address:
        (sheet,) = client(address).fetch(after=None, now=NOW)
    assert seen == [("/api/latest.json?symbols=EUR%2CJPY%2CUSD&prettyprint=0", f"Token {KEY}")]
    assert sorted(sheet.rates) == ["EUR", "JPY"]
    assert KEY not in repr(client(address))


def test_fetch_catches_up_on_missed_days() -> None:
    day = 86_400
    with provider(
        **{
            "api/historical/2026-11-22.json": body(answer(NOON - 2 * day)),
            "api/historical/2026-11-23.json": body(answer(NOON - day)),
            "api/latest.json": body(answer()),
        }
    ) as address:
        sheets = client(address).fetch(after=date(2026, 11, 21), now=NOW)
    assert [sheet.as_of.day for sheet in sheets] == [22, 23, 24]


@pytest.mark.parametrize(
    ("historical", "says"),
    [
        (body(answer()), "asked for 2026-11-23, got 2026-11-24"),
        (body(b'{"error": true, "message": "not_allowed"}', 403), "HTTP 403 not_allowed"),
    ],
)
def test_fetch_goes_on_without_days_that_it_cannot_have(
    historical: Answer, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    files = {"api/historical/2026-11-23.json": historical, "api/latest.json": body(answer())}
    with provider(**files) as address:
        (sheet,) = client(address).fetch(after=date(2026, 11, 22), now=NOW)
    assert sheet.as_of == date(2026, 11, 24)
    assert says in caplog.text


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (401, "invalid_app_id", AccessRefused),
        (401, "missing_app_id", AccessRefused),
        (403, "access_restricted", AccessRefused),
        (429, "access_restricted", AccessRefused),
        (429, "not_allowed", AccessRefused),
        (400, "invalid_base", AccessRefused),
        (404, "not_found", FeedUnavailable),
        (500, "server_error", FeedUnavailable),
    ],
)
def test_fetch_tells_what_an_error_means_and_never_the_key(
    status: int,
    message: str,
    expected: type[RateFeedError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    refusal = {
        "error": True,
        "status": status,
        "message": message,
        "description": f"Invalid App ID {KEY} provided.",
    }
    for sent_as in (status, 200):
        feed = body(json.dumps(refusal).encode(), sent_as)
        with (
            provider(**{"api/latest.json": feed}) as address,
            pytest.raises(RateFeedError, match=f"HTTP {status} {message} Invalid App ID") as raised,
        ):
            client(address).fetch(after=None, now=NOW)
        assert type(raised.value) is expected
        assert KEY not in str(raised.value)
        assert raised.value.__cause__ is None
    assert KEY not in caplog.text


def test_fetch_reads_an_error_page_without_json() -> None:
    with (
        provider(**{"api/latest.json": body(b"<html>Bad gateway</html>", 502)}) as address,
        pytest.raises(FeedUnavailable, match=r"HTTP 502$"),
    ):
        client(address).fetch(after=None, now=NOW)


def test_fetch_stops_reading_an_oversized_answer() -> None:
    with (
        provider(**{"api/latest.json": body(answer() + b" " * 1_000_000)}) as address,
        pytest.raises(FeedUnavailable, match="more than 1000000 bytes"),
    ):
        client(address).fetch(after=None, now=NOW)
