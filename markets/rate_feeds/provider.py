"""What a provider of exchange rates can do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from markets.rate_feeds.sheet import RateSheet

# What each provider quotes against.
BASES: Mapping[str, str] = {"ecb": "EUR", "openexchangerates": "USD"}


class RateProvider(Protocol):
    @property
    def code(self) -> str: ...

    def due_day(self, now: datetime) -> date:
        """Give the day of the newest sheet that should be out at a moment."""

    def fetch(self, *, after: date | None, now: datetime) -> Sequence[RateSheet]:
        """Fetch the sheets of the days after one, oldest first; without a day the newest only.

        Raises RateFeedError.
        """
