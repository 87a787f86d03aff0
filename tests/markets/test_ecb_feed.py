import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from markets.rate_feeds.download import MAX_BYTES, download
from markets.rate_feeds.ecb import fetch_ecb, parse_ecb
from markets.rate_feeds.sheet import FeedUnavailable, MalformedFeed

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


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no XML.*line 1"),
        (FEED[:900], "no XML.*line"),
        (b"<!DOCTYPE html><html><body>Down for maintenance</body></html>", "DTDForbidden"),
        (b"<html><body>Down for maintenance</body></html>", "'html', not a gesmes Envelope"),
        (BILLION_LAUGHS, "DTDForbidden"),
        (EXTERNAL, "DTDForbidden"),
        (b"<a>" * 300_000, "no XML"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "not a gesmes Envelope"),
        (FEED + b" " * MAX_BYTES, "more than 1000000"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "ECB feed"),
        (changed("time='2025-05-09'", "time='2025-02-30'"), "'2025-02-30' is no date"),
        (changed("time='2025-05-09'", "time='20250509'"), "'20250509' is no date"),
        (changed("time='2025-05-09'", "day='2025-05-09'"), "'' is no date"),
        (changed("rate='163.36'", "rate='0.00'"), "quote 2: JPY has rate '0.00'"),
        (changed("rate='163.36'", "rate='-163.36'"), "quote 2: JPY has rate '-163.36'"),
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
            changed("</Cube>\n\t</Cube>", "</Cube><Cube time='2025-05-08'/>\n\t</Cube>"),
            "holds 2 days",
        ),
        (changed("http://www.ecb.int/vocabulary", "http://example.org"), "holds 0 days"),
    ],
)
def test_parse_refuses_what_it_cannot_trust(body: bytes, says: str) -> None:
    with pytest.raises(MalformedFeed, match=says):
        parse_ecb(body)


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def provider(**answers: Answer) -> Iterator[str]:
    """Serve each answer under its name on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers[self.path.strip("/")](self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def body(content: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


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
    "location", ["http://localhost/feed", "https://example.org/feed", "//example.org/", "ftp:///x"]
)
def test_fetch_refuses_a_redirect_elsewhere(location: str) -> None:
    with (
        provider(old=body(b"", 302, Location=location)) as address,
        pytest.raises(FeedUnavailable, match="redirects elsewhere"),
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
