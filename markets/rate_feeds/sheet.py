"""What every feed answers with, and what can go wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


class RateFeedError(Exception):
    """A feed gave no rates; the message says which feed, what and where."""


class FeedUnavailable(RateFeedError):
    """The provider could not be reached, or answered with something other than its feed."""


class MalformedFeed(RateFeedError):
    """The provider answered, but not with rates that can be trusted."""


@dataclass(frozen=True)
class RateSheet:
    """One provider's rates of a day: units of each currency per one unit of `base`."""

    as_of: date
    base: str
    rates: Mapping[str, Decimal]
