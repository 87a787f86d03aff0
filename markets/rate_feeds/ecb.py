"""Euro reference rates of the European Central Bank.

Published about 16:00 CET on each TARGET working day, for information and not for trading. AED
and other currencies are missing: reach those through a peg.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from markets.rate_feeds.download import MAX_BYTES, MAX_SECONDS, download
from markets.rate_feeds.sheet import MalformedFeed, RateFeedError, RateSheet
from markets.rate_feeds.target_days import business_days_between, last_published_day

logger = logging.getLogger(__name__)

ECB_URL = "https://www.ecb.europa.eu/stats/eurofxref/"
# All days since 1999 are about 8 MB.
HISTORY_MAX_BYTES = 24_000_000
HISTORY_MAX_SECONDS = 180.0

_ENVELOPE = "{http://www.gesmes.org/xml/2002-08-01}Envelope"
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
# Zero and negative ones are numbers too: whether a rate is sound is judged for each by itself.
_RATE = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_DEPTH_OF_DAY = 3  # Envelope, Cube, Cube.


@dataclass(frozen=True)
class Ecb:
    """The three feeds below one address; `timeout` is (connect, read) in seconds."""

    url: str = ECB_URL
    timeout: tuple[float, float] = (3.05, 10)
    code: str = "ecb"

    def due_day(self, now: datetime) -> date:
        return last_published_day(now)

    def fetch(self, *, after: date | None, now: datetime) -> list[RateSheet]:
        """Fetch the daily feed, or the one of 90 days where days were missed.

        Where that fails the daily one is enough: rates of today matter more than a gap. What lies
        before those 90 days is for `fetch_history`. Raises RateFeedError.
        """
        if after is None or business_days_between(after, self.due_day(now)) <= 1:
            return [self.fetch_day()]
        try:
            body = download(self._address("hist-90d"), timeout=self.timeout)
            sheets = [sheet for sheet in parse_days(body) if sheet.as_of > after]
        except RateFeedError as error:
            logger.warning("Days after %s are not filled in: %s", after, error)
            return [self.fetch_day()]
        return sorted(sheets, key=lambda sheet: sheet.as_of)

    def fetch_day(self) -> RateSheet:
        return parse_ecb(download(self._address("daily"), timeout=self.timeout))

    def fetch_history(self) -> Iterator[RateSheet]:
        """Fetch all days since 1999, newest first, and read them one by one."""
        body = download(
            self._address("hist"),
            timeout=self.timeout,
            max_bytes=HISTORY_MAX_BYTES,
            max_seconds=max(HISTORY_MAX_SECONDS, MAX_SECONDS),
        )
        return parse_days(body, max_bytes=HISTORY_MAX_BYTES)

    def _address(self, feed: str) -> str:
        return urljoin(self.url, f"eurofxref-{feed}.xml")


def parse_ecb(body: bytes) -> RateSheet:
    """Read the daily feed: units of each currency per euro.

    All or nothing: a quote that is missing a part, given twice or in a shape not known raises
    MalformedFeed, as does a DTD, a body over 1 MB, or another document.
    """
    days = list(parse_days(body))
    if len(days) != 1:
        raise MalformedFeed(f"ECB feed: Envelope/Cube holds {len(days)} days, expected one")
    return days[0]


def parse_days(body: bytes, *, max_bytes: int = MAX_BYTES) -> Iterator[RateSheet]:
    """Read the days of a feed one by one as `parse_ecb` does, keeping none of the document."""
    if len(body) > max_bytes:
        raise MalformedFeed(f"ECB feed: {len(body)} bytes, more than {max_bytes}")
    try:
        yield from _days(body)
    except DefusedXmlException as error:
        raise MalformedFeed(f"ECB feed: refused XML, {type(error).__name__}") from error
    except ParseError as error:  # says line and column
        raise MalformedFeed(f"ECB feed: no XML, {error}") from error
    except (ValueError, LookupError) as error:  # an encoding that expat does not know
        raise MalformedFeed(f"ECB feed: unreadable, {error}") from error


def _days(body: bytes) -> Iterator[RateSheet]:
    path: list[Element] = []
    seen: set[date] = set()
    for event, element in iterparse(BytesIO(body), ("start", "end"), forbid_dtd=True):
        if event == "start":
            if not path and element.tag != _ENVELOPE:
                raise MalformedFeed(
                    f"ECB feed: the document is a {element.tag!r}, not a gesmes Envelope"
                )
            path.append(element)
            continue
        if len(path) == _DEPTH_OF_DAY and path[1].tag == element.tag == _CUBE:
            sheet = _sheet(element)
            if sheet.as_of in seen:
                raise MalformedFeed(f"ECB feed: {sheet.as_of} is given twice")
            seen.add(sheet.as_of)
            yield sheet
            path[1].remove(element)
        path.pop()


def _sheet(cube: Element) -> RateSheet:
    as_of = _day(cube)
    rates: dict[str, Decimal] = {}
    for position, quote in enumerate(cube, start=1):
        currency, rate = _quote(quote, where=f"ECB feed of {as_of}, quote {position}")
        if currency in rates:
            raise MalformedFeed(f"ECB feed of {as_of}, quote {position}: {currency} is given twice")
        rates[currency] = rate
    if not rates:
        raise MalformedFeed(f"ECB feed of {as_of}: no quotes")
    return RateSheet(as_of=as_of, base="EUR", rates=rates)


def _day(cube: Element) -> date:
    text = cube.get("time", "")
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise MalformedFeed(f"ECB feed, Envelope/Cube/Cube: time {text!r} is no date")


def _quote(cube: Element, *, where: str) -> tuple[str, Decimal]:
    # An attribute not known could change the meaning: "per 100 units".
    if cube.tag != _CUBE or set(cube.keys()) != {"currency", "rate"} or len(cube):
        raise MalformedFeed(f"{where}: expected a Cube with currency and rate, nothing else")
    currency, rate = cube.get("currency", ""), cube.get("rate", "")
    if not _CURRENCY.fullmatch(currency) or currency == "EUR":
        raise MalformedFeed(f"{where}: currency {currency!r} is no quoted currency")
    if not _RATE.fullmatch(rate):
        raise MalformedFeed(f"{where}: {currency} has rate {rate!r}, no number")
    return currency, Decimal(rate)
