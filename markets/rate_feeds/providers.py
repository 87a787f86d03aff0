from collections.abc import Callable

from django.conf import settings

from markets.rate_feeds.ecb import Ecb
from markets.rate_feeds.open_exchange_rates import OpenExchangeRates
from markets.rate_feeds.provider import RateProvider


def get_provider(code: str) -> RateProvider:
    """Give a provider by the name that RATE_PROVIDERS has it under; raise KeyError."""
    providers: dict[str, Callable[[], RateProvider]] = {
        "ecb": get_ecb,
        "openexchangerates": _open_exchange_rates,
    }
    return providers[code]()


def get_ecb() -> Ecb:
    return Ecb(url=settings.ECB_RATES_URL)


def _open_exchange_rates() -> OpenExchangeRates:
    return OpenExchangeRates(
        app_id=settings.OPEN_EXCHANGE_RATES_APP_ID,
        url=settings.OPEN_EXCHANGE_RATES_URL,
        currencies=frozenset(settings.CURRENCIES),
    )
