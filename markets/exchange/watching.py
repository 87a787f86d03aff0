import logging
from datetime import datetime

from markets.derivation import NoRate
from markets.exchange.alarms import raise_alarm
from markets.exchange.staleness import Tier
from markets.exchange.table import latest_rates
from markets.models import BasePrice, Market, RateAlarm, RateProblem
from markets.ranges import in_force

logger = logging.getLogger(__name__)


def currencies_in_use(*, now: datetime) -> set[str]:
    """Give the currencies that active markets sell in and base prices are set in."""
    base = BasePrice.objects.filter(in_force(now)).order_by().values_list("amount_currency")
    sold = Market.objects.filter(is_active=True).order_by().values_list("currency")
    return {currency for (currency,) in base.union(sold)}


def watch_rates(*, now: datetime) -> list[str]:
    """Raise an alarm for each currency in use whose rate is too old to price by, or missing.

    Gives those currencies. The alarms of the others are cleared. Where all is in one currency
    there is nothing to convert and nothing to watch.
    """
    table = latest_rates(now=now)
    used = currencies_in_use(now=now)
    stale: list[str] = []
    for currency in sorted(used) if len(used) > 1 else []:
        tier = table.tier(currency)
        provider, detail = "", currency
        try:
            worth = table.worth(currency)
        except NoRate:
            pass
        else:
            provider = worth.row.provider if worth.row else ""
            as_of = worth.row.as_of if worth.row else ""
            detail = f"{currency} {as_of} (+{worth.age})"
        if tier >= Tier.FREEZE:
            stale.append(currency)
            # One alarm a currency, whoever quotes it now.
            raise_alarm(RateProblem.STALE, provider="", currency=currency, detail=detail, now=now)
        elif tier == Tier.WARN:
            logger.warning("The rate of %s by %s is late: %s", currency, provider, detail)
    alarms = RateAlarm.objects.filter(kind=RateProblem.STALE, cleared_at=None)
    alarms.exclude(currency__in=stale).update(cleared_at=now)
    return stale
