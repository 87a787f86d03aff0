from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from markets.exchange import watch_rates as watch
from markets.exchange.alarms import raise_alarm
from markets.exchange.refreshing import refresh_provider
from markets.models import RateProblem
from markets.pricing import derive_prices
from markets.rate_feeds.providers import get_provider
from markets.rate_feeds.sheet import AccessRefused, NotPublishedYet, RateFeedError
from markets.sweeping import sweep_prices

_RETRIES = 5
_FIRST_WAIT_SECONDS = 60


@shared_task(bind=True, max_retries=_RETRIES)
def refresh_rates(task: Any) -> None:
    now = timezone.now()
    new = 0
    again: RateFeedError | None = None
    for code in settings.RATE_PROVIDERS:
        try:
            new += refresh_provider(get_provider(code), now=now)
        except RateFeedError as error:
            # One provider that fails keeps none of the others from being asked.
            if isinstance(error, AccessRefused):
                _raise_feed_alarm(code, error)
            else:
                again = error
                if task.request.retries >= _RETRIES and not isinstance(error, NotPublishedYet):
                    _raise_feed_alarm(code, error)
    if new:
        derive_prices(now=now)
    if again is not None:
        raise task.retry(exc=again, countdown=_FIRST_WAIT_SECONDS * 2**task.request.retries)


@shared_task
def watch_rates() -> None:
    watch(now=timezone.now())


@shared_task
def derive_changed_prices() -> None:
    sweep_prices(now=timezone.now())


def _raise_feed_alarm(provider: str, error: RateFeedError) -> None:
    raise_alarm(RateProblem.FEED, provider=provider, detail=str(error), now=timezone.now())
