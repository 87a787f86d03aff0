import threading
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from markets.rate_feeds.download import MAX_BYTES, download
from markets.rate_feeds.ecb import HISTORY_MAX_BYTES, Ecb, parse_days, parse_ecb
from markets.rate_feeds.sheet import FeedUnavailable, MalformedFeed, RateSheet
from tests.markets.feeds import body, ecb_xml, provider

FEED = (Path(__file__).parents[1] / "data" / "ecb_2025-05-09.xml").read_bytes()


def test_parse_reads_a_real_day() -> None:
    sheet = parse_ecb(FEED)
    assert (sheet.as_of, sheet.base) == (date(2025, 5, 9), "EUR")
    assert len(sheet.rates) == 30
    assert sheet.rates["USD"] == Decimal("1.1252")
    assert sheet.rates["JPY"] == Decimal("163.36")
    assert sheet.rates["IDR"] == Decimal("18606.59")


def changed(old: str, new: str) -> bytes:
    assert FEED.count(old.encode()) >= 1
    return FEED.replace(old.encode(), new.encode())


def without_quotes() -> bytes:
    start = FEED.index(b"<Cube currency")
    return FEED[:start] + FEED[FEED.rindex(b"\t\t</Cube>") :]


BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><lolz>&c;</lolz>"""
EXTERNAL = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>"""


ANOTHER_DAY = """</Cube>
    <Cube time='2025-05-08'><Cube currency='USD' rate='1.12'/></Cube>
</Cube>"""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no XML.*line 1"),
        (FEED[:900], "no XML.*line"),
        (b"<!DOCTYPE html><html><body>Down for maintenance</body></html>", "DTDForbidden"),
        (b"<html><body>Down for maintenance</body></html>", "'html', not a gesmes Envelope"),
        (BILLION_LAUGHS, "DTDForbidden"),
        (EXTERNAL, "DTDForbidden"),
        (b"<a>" * 300_000, "not a gesmes Envelope"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "not a gesmes Envelope"),
        (FEED + b" " * MAX_BYTES, "more than 1000000"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "ECB feed"),
        (changed("time='2025-05-09'", "time='2025-02-30'"), "'2025-02-30' is no date"),
        (changed("time='2025-05-09'", "time='20250509'"), "'20250509' is no date"),
        (changed("time='2025-05-09'", "day='2025-05-09'"), "'' is no date"),
        (changed("rate='163.36'", "rate='163,36'"), "quote 2: JPY has rate '163,36'"),
        (changed("rate='163.36'", "rate='1e3'"), "quote 2: JPY has rate '1e3'"),
        (changed("rate='163.36'", "rate='NaN'"), "quote 2: JPY has rate 'NaN'"),
        (changed("rate='163.36'", "rate='N/A'"), "quote 2: JPY has rate 'N/A'"),
        (changed("rate='163.36'", "rate='١٦٣'"), "quote 2: JPY has rate"),
        (changed("rate='163.36'", ""), "quote 2: expected a Cube with currency and rate"),
        (changed("rate='163.36'", "rate='1.6' unit='100'"), "quote 2: expected a Cube"),
        (changed("currency='JPY'", "currency='USD'"), "quote 2: USD is given twice"),
        (changed("currency='JPY'", "currency='EUR'"), "quote 2: currency 'EUR'"),
        (changed("currency='JPY'", "currency='jpy'"), "quote 2: currency 'jpy'"),
        (changed("<Cube currency='JPY' rate='163.36'/>", "<Note/>"), "quote 2: expected a Cube"),
        (changed("rate='163.36'/>", "rate='163.36'><Cube/></Cube>"), "quote 2: expected a Cube"),
        (without_quotes(), "of 2025-05-09: no quotes"),
        (
            changed("</Cube>\n\t</Cube>", ANOTHER_DAY),
            "holds 2 days",
        ),
        (changed("http://www.ecb.int/vocabulary", "http://example.org"), "holds 0 days"),
    ],
)
def test_parse_refuses_what_it_cannot_trust(body: bytes, says: str) -> None:
    with pytest.raises(MalformedFeed, match=says):
        parse_ecb(body)


def fetch_ecb(url: str, *, timeout: tuple[float, float] = (3.05, 10)) -> RateSheet:
    return parse_ecb(download(url, timeout=timeout))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def test_fetch_reads_the_feed() -> None:
    with provider(feed=body(FEED, Content_Length=str(len(FEED)))) as address:
        assert fetch_ecb(f"{address}/feed") == parse_ecb(FEED)


def test_fetch_follows_a_redirect_on_the_same_host() -> None:
    with provider(old=body(b"", 301, Location="/feed"), feed=body(FEED)) as address:
        assert fetch_ecb(f"{address}/old").as_of == date(2025, 5, 9)


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost/feed",
        "https://example.org/feed",
        "//example.org/",
        "ftp:///x",
        "http://127.0.0.1:1/feed",
        "https://127.0.0.1:8443/feed",
    ],
)
def test_fetch_refuses_a_redirect_elsewhere(location: str) -> None:
    with (
        provider(old=body(b"", 302, Location=location)) as address,
        pytest.raises(FeedUnavailable, match="redirects elsewhere"),
    ):
        fetch_ecb(f"{address}/old")


@pytest.mark.parametrize("location", ["http://[", "https://127.0.0.1:x/"])
def test_fetch_refuses_a_redirect_to_no_address(location: str) -> None:
    with (
        provider(old=body(b"", 302, Location=location)) as address,
        pytest.raises(FeedUnavailable),
    ):
        fetch_ecb(f"{address}/old")


def test_fetch_gives_up_on_redirects_in_a_circle() -> None:
    with (
        provider(old=body(b"", 302, Location="/old")) as address,
        pytest.raises(FeedUnavailable, match="more than 3 redirects"),
    ):
        fetch_ecb(f"{address}/old")


@pytest.mark.parametrize("status", [204, 304, 404, 500, 503])
def test_fetch_takes_200_only(status: int) -> None:
    with (
        provider(feed=body(b"", status)) as address,
        pytest.raises(FeedUnavailable, match=f"HTTP {status}"),
    ):
        fetch_ecb(f"{address}/feed")


def test_fetch_stops_reading_an_endless_answer() -> None:
    sent = 0

    def endless(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                sent += handler.wfile.write(b" " * 65_536)
        except OSError:
            pass

    with (
        provider(feed=endless) as address,
        pytest.raises(FeedUnavailable, match="more than 1000000 bytes"),
    ):
        fetch_ecb(f"{address}/feed")
    assert sent < 50 * MAX_BYTES


def test_fetch_waits_no_longer_than_its_time_out() -> None:
    released = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        released.wait(timeout=30)

    with provider(feed=silent) as address:
        with pytest.raises(FeedUnavailable, match="ReadTimeout"):
            fetch_ecb(f"{address}/feed", timeout=(1, 0.05))
        released.set()


def test_download_does_not_wait_for_a_body_that_drips() -> None:
    released = threading.Event()

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not released.wait(timeout=0.01):
                handler.wfile.write(b" ")
        except OSError:
            pass

    with provider(feed=dripping) as address:
        with pytest.raises(FeedUnavailable, match="took too long"):
            download(f"{address}/feed", timeout=(1, 5), max_seconds=0.1)
        released.set()


def test_fetch_notices_an_answer_cut_short() -> None:
    with (
        provider(feed=body(FEED, Content_Length=str(len(FEED) + 1))) as address,
        pytest.raises(FeedUnavailable, match="IncompleteRead"),
    ):
        fetch_ecb(f"{address}/feed", timeout=(1, 1))


def test_fetch_refuses_a_compressed_answer() -> None:
    with (
        provider(feed=body(FEED, Content_Encoding="gzip")) as address,
        pytest.raises(FeedUnavailable, match="content encoding gzip"),
    ):
        fetch_ecb(f"{address}/feed")


def test_fetch_says_where_nobody_answers() -> None:
    with provider() as address:
        pass
    with pytest.raises(FeedUnavailable, match=address):
        fetch_ecb(f"{address}/feed", timeout=(1, 1))


@pytest.mark.parametrize("rate", ["0.00", "-163.36"])
def test_parse_leaves_what_is_not_positive_to_the_guards(rate: str) -> None:
    sheet = parse_ecb(changed("rate='163.36'", f"rate='{rate}'"))
    assert sheet.rates["JPY"] == Decimal(rate)


FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)
EVENING = datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_fetch_takes_the_daily_feed_while_no_day_was_missed() -> None:
    feed = body(ecb_xml({MONDAY: {"USD": "1.10"}}))
    with provider(**{"eurofxref-daily.xml": feed}) as address:
        ecb = Ecb(f"{address}/")
        for after in (None, FRIDAY):
            assert ecb.fetch(after=after, now=EVENING) == [
                RateSheet(MONDAY, "EUR", {"USD": Decimal("1.10")})
            ]


def test_fetch_catches_up_from_the_feed_of_90_days() -> None:
    days = {MONDAY - timedelta(days=back): {"USD": f"1.{10 + back}"} for back in range(5)}
    with provider(**{"eurofxref-hist-90d.xml": body(ecb_xml(days))}) as address:
        sheets = Ecb(f"{address}/").fetch(after=MONDAY - timedelta(days=4), now=EVENING)
    assert [sheet.as_of for sheet in sheets] == sorted(days)[1:]


def test_fetch_takes_the_daily_feed_where_the_one_of_90_days_is_broken() -> None:
    daily = body(ecb_xml({MONDAY: {"USD": "1.10"}}))
    broken = body(ecb_xml({MONDAY: {"USD": "N/A"}}))
    with provider(**{"eurofxref-daily.xml": daily, "eurofxref-hist-90d.xml": broken}) as address:
        sheets = Ecb(f"{address}/").fetch(after=MONDAY - timedelta(days=9), now=EVENING)
    assert [sheet.as_of for sheet in sheets] == [MONDAY]


def test_history_is_read_day_by_day_with_a_cap_of_its_own() -> None:
    quotes = {f"{a}{b}X": "1.2345" for a in "ABCDEF" for b in "ABCDE"}
    days = {date(1999, 1, 4) + timedelta(days=n): quotes for n in range(2_000)}
    feed = ecb_xml(days)
    assert MAX_BYTES < len(feed) < HISTORY_MAX_BYTES
    with provider(**{"eurofxref-hist.xml": body(feed)}) as address:
        sheets = Ecb(f"{address}/").fetch_history()
        tracemalloc.start()
        assert sum(len(sheet.rates) for sheet in sheets) == 60_000
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 3 * len(feed)
    with pytest.raises(MalformedFeed, match="more than 1000000"):
        list(parse_days(feed))


def test_history_refuses_a_day_that_is_given_twice() -> None:
    day = ecb_xml({MONDAY: {"USD": "1.10"}})
    cube = day[day.index(b"<Cube time") : day.index(b"</Cube></gesmes")]
    with pytest.raises(MalformedFeed, match="2026-11-23 is given twice"):
        list(parse_days(day.replace(cube, cube * 2)))
