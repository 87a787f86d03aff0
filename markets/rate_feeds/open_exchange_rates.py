"""Rates in the format of Open Exchange Rates: JSON, against the US dollar, for an account.

The key goes into a header, so that no address that is logged or shown contains it.
"""

import json
import logging
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from urllib.parse import quote, urljoin

from markets.rate_feeds.download import download
from markets.rate_feeds.sheet import (
    AccessRefused,
    FeedRefused,
    FeedUnavailable,
    MalformedFeed,
    RateFeedError,
    RateSheet,
)

logger = logging.getLogger(__name__)

OPEN_EXCHANGE_RATES_URL = "https://openexchangerates.org/api/"
# A day missed is a request of its own, and an account has so many a month.
MAX_DAYS = 10

_CURRENCY = re.compile(r"[A-Z0-9]{3,5}")
_NAME = "Open Exchange Rates"
# What asking again does not mend: the key, the plan, the monthly allowance.
_FOR_GOOD = frozenset({
    "missing_app_id", "invalid_app_id", "not_allowed", "access_restricted", "invalid_base",
})  # fmt: skip


@dataclass(frozen=True)
class OpenExchangeRates:
    """The feeds below one address; rates of `currencies` only, of which there are many."""

    app_id: str = field(repr=False)
    currencies: Collection[str]
    url: str = OPEN_EXCHANGE_RATES_URL
    timeout: tuple[float, float] = (3.05, 10)
    code: str = "openexchangerates"

    def due_day(self, now: datetime) -> date:
        """Rates come every hour and each day of the week: one sheet of a day is taken."""
        return (now - timedelta(hours=1)).astimezone(UTC).date()

    def fetch(self, *, after: date | None, now: datetime) -> list[RateSheet]:
        """Fetch the newest sheet and the days that were missed, ten at most.

        Where one of those fails, as with a plan that has no history, they are left out. Raises
        RateFeedError where the newest does.
        """
        newest = self._fetch("latest.json")
        if after is None:
            return [newest]
        today = now.astimezone(UTC).date()
        missed = range(1, min((today - after).days, MAX_DAYS + 1))
        try:
            days = [self._fetch_day(today - timedelta(days=back)) for back in reversed(missed)]
        except RateFeedError as error:
            logger.warning("Days after %s are not filled in: %s", after, error)
            return [newest]
        return [*days, newest]

    def _fetch_day(self, day: date) -> RateSheet:
        sheet = self._fetch(f"historical/{day}.json")
        if sheet.as_of != day:
            raise MalformedFeed(f"{_NAME}: asked for {day}, got {sheet.as_of}")
        return sheet

    def _fetch(self, path: str) -> RateSheet:
        symbols = quote(",".join(sorted(self.currencies)))
        try:
            body = download(
                urljoin(self.url, f"{path}?symbols={symbols}&prettyprint=0"),
                timeout=self.timeout,
                headers={"Authorization": f"Token {self.app_id}"},
            )
            return parse_open_exchange_rates(body, currencies=self.currencies)
        except FeedRefused as refusal:
            error = _refusal(refusal)
        except RateFeedError as problem:
            error = problem
        # What they say of a key may quote it.
        raise type(error)(str(error).replace(self.app_id, "…") if self.app_id else str(error))


def parse_open_exchange_rates(body: bytes, *, currencies: Collection[str] = ()) -> RateSheet:
    """Read a sheet: units of each currency per dollar, of the UTC day of its timestamp.

    `currencies` are those to read; without them all. All or nothing: another shape, a value
    that is no number or is given twice raises MalformedFeed; an error that came as an answer
    raises what it means.
    """
    data = _read(body)
    if data.get("error"):
        raise _error(data, status=_whole(data.get("status")) or 200)
    base, stamp, rates = data.get("base"), _whole(data.get("timestamp")), data.get("rates")
    if base != "USD":
        raise MalformedFeed(f"{_NAME}: base {base!r}, expected USD")
    if stamp is None or not isinstance(rates, dict):
        raise MalformedFeed(f"{_NAME}: no timestamp or no rates")
    try:
        as_of = datetime.fromtimestamp(stamp, UTC).date()
    except (OverflowError, ValueError, OSError):
        raise MalformedFeed(f"{_NAME}: timestamp {stamp} is no moment") from None
    read = dict(
        _quote(code, rate, where=f"{_NAME} of {as_of}")
        for code, rate in rates.items()
        if (not currencies or code in currencies) and code != base
    )
    if not read:
        raise MalformedFeed(f"{_NAME} of {as_of}: no quotes")
    return RateSheet(as_of=as_of, base=base, rates=read)


def _read(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(
            body,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_once,
        )
    except MalformedFeed:
        raise
    except (ValueError, InvalidOperation, RecursionError) as error:
        raise MalformedFeed(f"{_NAME}: no JSON, {type(error).__name__}") from error
    if not isinstance(data, dict):
        raise MalformedFeed(f"{_NAME}: the answer is no JSON object")
    return data


def _refusal(refusal: FeedRefused) -> RateFeedError:
    try:
        data = _read(refusal.body)
    except MalformedFeed:
        data = {}
    return _error(data, status=refusal.status)


def _error(data: dict[str, Any], *, status: int) -> RateFeedError:
    word = str(data.get("message", ""))[:40]
    said = " ".join(filter(None, (word, str(data.get("description", ""))[:160])))
    message = f"{_NAME}: HTTP {status} {said}".rstrip()
    if word in _FOR_GOOD or status in (401, 403):
        return AccessRefused(message)
    return FeedUnavailable(message)


def _quote(code: str, rate: Any, *, where: str) -> tuple[str, Decimal]:
    if not _CURRENCY.fullmatch(code):
        raise MalformedFeed(f"{where}: {code[:10]!r} is no currency")
    if not isinstance(rate, Decimal) or len(str(rate)) > 40:
        raise MalformedFeed(f"{where}: {code} has no number")
    return code, rate


def _whole(value: Any) -> int | None:
    is_whole = isinstance(value, Decimal) and 0 <= value < 10**11 and value == int(value)
    return int(value) if is_whole else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise MalformedFeed(f"{_NAME}: a name is given twice")
    return data


def _no_constant(name: str) -> NoReturn:
    raise MalformedFeed(f"{_NAME}: {name} is no number")
