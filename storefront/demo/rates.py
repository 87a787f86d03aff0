"""Rates to price the demo by on a machine that has fetched none."""

from datetime import UTC, datetime

from markets.derivation import NoRate
from markets.exchange import EURO, latest_rates, set_manual_rate
from markets.models import Market

_REASON = "Demo: rates of {day}, for the first prices only."


def enter_rates(*, now: datetime) -> list[str]:
    """Set by hand, for today, what one euro is where the stored quotes are too old to price by.

    First prices need a rate; from tomorrow on they wait for one that is fetched, as in any shop.
    Gives the currencies it was done for.
    """
    rates = latest_rates(now=now)
    entered = []
    for currency in sorted(set(Market.objects.values_list("currency", flat=True)) | {"USD"}):
        if rates.tier(EURO, currency).reprices:
            continue
        try:
            rate, row = rates.conversion(EURO, currency)
        except NoRate:
            continue
        if row is None or row.base != EURO:
            continue  # A peg follows its anchor.
        set_manual_rate(
            currency,
            rate,
            last_day=now.astimezone(UTC).date(),
            reason=_REASON.format(day=row.as_of),
            now=now,
            user_id=None,
        )
        entered.append(currency)
    return entered
