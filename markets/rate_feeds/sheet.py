"""What every feed answers with, and what can go wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


class RateFeedError(Exception):
    """A feed gave no rates; the message says which feed, what and where."""


class FeedUnavailable(RateFeedError):
    """The provider could not be reached, or answered with something other than its feed."""


class FeedRefused(FeedUnavailable):
    """The provider answered with an HTTP error; `body` is the start of what it said."""

    def __init__(self, message: str, *, status: int, body: bytes) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class AccessRefused(RateFeedError):
    """The provider does not serve this account: asking again changes nothing."""


class NotPublishedYet(RateFeedError):
    """The provider answered well, but has no sheet of the day that is due."""


class MalformedFeed(RateFeedError):
    """The provider answered, but not with rates that can be trusted."""


@dataclass(frozen=True)
class RateSheet:
    """One provider's rates of a day: units of each currency per one unit of `base`."""

    as_of: date
    base: str
    rates: Mapping[str, Decimal]
