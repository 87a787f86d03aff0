import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from markets.models import ExchangeRate, Price
from markets.rate_feeds.sheet import FeedUnavailable
from markets.tasks import derive_changed_prices, refresh_rates
from tests.factories import make_variant
from tests.markets.rows import add_base_price, bare_market

pytestmark = pytest.mark.django_db
FEED = (Path(__file__).parents[1] / "data" / "ecb_2025-05-09.xml").read_bytes()


class Provider(ThreadingHTTPServer):
    failures = 0
    asked = 0


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.server.asked += 1
        failing = self.server.asked <= self.server.failures
        self.send_response(503 if failing else 200)
        self.send_header("Content-Length", "0" if failing else str(len(FEED)))
        self.end_headers()
        if not failing:
            self.wfile.write(FEED)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def address(provider: Provider) -> str:
    return f"http://127.0.0.1:{provider.server_port}/daily.xml"


def test_refresh_stores_the_day_and_derives_prices(provider: Provider) -> None:
    add_base_price(make_variant(), "20.00")
    bare_market("us", "USD", endings="")
    refresh_rates.apply(args=(address(provider),), throw=True)
    assert ExchangeRate.objects.filter(provider="ecb").count() == 30
    assert str(Price.objects.get().amount.amount) == "22.500"  # 22.504
    refresh_rates.apply(args=(address(provider),), throw=True)
    assert ExchangeRate.objects.count() == 30
    assert Price.objects.count() == 1


def test_refresh_tries_again_while_the_provider_is_down(provider: Provider) -> None:
    provider.failures = 2
    assert refresh_rates.apply(args=(address(provider),)).successful()
    assert provider.asked == 3
    assert ExchangeRate.objects.count() == 30


def test_refresh_gives_up_after_three_retries(provider: Provider) -> None:
    provider.failures = 10
    result = refresh_rates.apply(args=(address(provider),))
    assert isinstance(result.result, FeedUnavailable)
    assert provider.asked == 4
    assert ExchangeRate.objects.count() == 0


def test_derive_changed_prices_makes_first_prices() -> None:
    add_base_price(make_variant())
    bare_market()
    derive_changed_prices.apply(throw=True)
    assert Price.objects.count() == 1
