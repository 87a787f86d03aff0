from datetime import date, datetime

from django.db.models import Max

from markets.exchange.alarms import clear_alarms
from markets.exchange.storing import store_sheets
from markets.models import ExchangeRate, RateProblem
from markets.rate_feeds.provider import RateProvider
from markets.rate_feeds.sheet import NotPublishedYet


def refresh_provider(provider: RateProvider, *, now: datetime) -> int:
    """Fetch what a provider should have published by now, and give how many rates are new.

    Asks nobody where the sheet that is due is stored already. Raises NotPublishedYet after
    storing what there is where the day that is due is not among it, or another RateFeedError.
    """
    newest = _newest_day(provider.code)
    due = provider.due_day(now)
    if newest is not None and newest >= due:
        return 0
    sheets = provider.fetch(after=newest, now=now)
    clear_alarms([RateProblem.FEED], provider=provider.code, now=now)
    accepted = store_sheets(sheets, provider=provider.code, now=now)
    if not any(sheet.as_of >= due for sheet in sheets):
        raise NotPublishedYet(f"{provider.code}: no sheet of {due} yet")
    return accepted


def _newest_day(provider: str) -> date | None:
    newest: date | None = ExchangeRate.objects.filter(provider=provider).aggregate(
        newest=Max("as_of")
    )["newest"]
    return newest
