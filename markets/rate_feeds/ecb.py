"""Euro reference rates of the European Central Bank.

Published about 16:00 CET on each TARGET working day, for information and not for trading. AED
and other currencies are missing: reach those through a peg.
"""

import re
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from markets.rate_feeds.download import MAX_BYTES, download
from markets.rate_feeds.sheet import MalformedFeed, RateSheet

ECB_DAILY_URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"

_ENVELOPE = "{http://www.gesmes.org/xml/2002-08-01}Envelope"
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_RATE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def fetch_ecb(url: str = ECB_DAILY_URL, *, timeout: tuple[float, float] = (3.05, 10)) -> RateSheet:
    """Fetch and read the daily feed; `timeout` is (connect, read) in seconds.

    Raises FeedUnavailable or MalformedFeed, both RateFeedError.
    """
    return parse_ecb(download(url, timeout=timeout))


def parse_ecb(body: bytes) -> RateSheet:
    """Read the daily feed: units of each currency per euro.

    All or nothing: one quote that is missing a part, not positive, given twice or in a shape
    not known raises MalformedFeed, as does a DTD, a body over 1 MB, or another document.
    """
    if len(body) > MAX_BYTES:
        raise MalformedFeed(f"ECB feed: {len(body)} bytes, more than {MAX_BYTES}")
    root = _root(body)
    if root.tag != _ENVELOPE:
        raise MalformedFeed(f"ECB feed: the document is a {root.tag!r}, not a gesmes Envelope")
    days = root.findall(f"{_CUBE}/{_CUBE}")
    if len(days) != 1:
        raise MalformedFeed(f"ECB feed: Envelope/Cube holds {len(days)} days, expected one")
    as_of = _day(days[0])
    rates: dict[str, Decimal] = {}
    for position, quote in enumerate(days[0], start=1):
        currency, rate = _quote(quote, where=f"ECB feed of {as_of}, quote {position}")
        if currency in rates:
            raise MalformedFeed(f"ECB feed of {as_of}, quote {position}: {currency} is given twice")
        rates[currency] = rate
    if not rates:
        raise MalformedFeed(f"ECB feed of {as_of}: no quotes")
    return RateSheet(as_of=as_of, base="EUR", rates=rates)


def _root(body: bytes) -> Element:
    try:
        return fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise MalformedFeed(f"ECB feed: refused XML, {type(error).__name__}") from error
    except ParseError as error:  # says line and column
        raise MalformedFeed(f"ECB feed: no XML, {error}") from error
    except (ValueError, LookupError) as error:  # an encoding that expat does not know
        raise MalformedFeed(f"ECB feed: unreadable, {error}") from error


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
    if not _RATE.fullmatch(rate) or Decimal(rate) <= 0:
        raise MalformedFeed(f"{where}: {currency} has rate {rate!r}, no positive number")
    return currency, Decimal(rate)
