from celery import shared_task
from django.utils import timezone

from markets.exchange import store_sheet
from markets.pricing import derive_prices
from markets.rate_feeds.ecb import ECB_DAILY_URL, fetch_ecb
from markets.rate_feeds.sheet import RateFeedError
from markets.sweeping import sweep_prices


@shared_task(autoretry_for=(RateFeedError,), max_retries=3, retry_backoff=60, retry_backoff_max=900)
def refresh_rates(url: str = ECB_DAILY_URL) -> None:
    sheet = fetch_ecb(url)
    now = timezone.now()
    store_sheet(sheet, provider="ecb", now=now)
    # Whatever was new: an earlier run may have stored the rates and got no further.
    derive_prices(now=now)


@shared_task
def derive_changed_prices() -> None:
    sweep_prices(now=timezone.now())
