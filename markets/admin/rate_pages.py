"""What staff sees of rates beside the plain list: those in force, and a currency's history."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from markets.admin.rate_chart import days_back, plot_rates, thin_out
from markets.derivation import NoRate
from markets.exchange import RateTable, Tier, latest_rates
from markets.exchange.watching import currencies_in_use
from markets.models import ExchangeRate, RateAlarm

_MOST_POINTS = 370
_SHOWN = Context(prec=8)
RANGES = [("90", _("90 days")), ("365", _("1 year")), ("1826", _("5 years")), ("all", _("all"))]


@dataclass(frozen=True)
class RateInForce:
    currency: str
    tier: Tier
    row: ExchangeRate | None
    rate: Decimal | None
    age: int | None
    alarms: Sequence[RateAlarm]


def rates_in_force(*, now: datetime) -> dict[str, Any]:
    """Give what the panel above the list shows: currencies in use, and those with an alarm."""
    table = latest_rates(now=now)
    alarms: dict[str, list[RateAlarm]] = defaultdict(list)
    for alarm in RateAlarm.objects.filter(cleared_at=None):
        alarms[alarm.currency].append(alarm)
    shown = (currencies_in_use(now=now) or set(table.currencies())) | set(alarms)
    rates = [_in_force(table, code, alarms[code]) for code in sorted(shown - {table.root, ""})]
    return {"root": table.root, "rates": rates, "feed_alarms": alarms[""]}


def history(request: HttpRequest) -> dict[str, Any]:
    """Give what the page of a currency's history shows, by the address's fields."""
    now = timezone.now()
    table = latest_rates(now=now)
    codes = list(ExchangeRate.objects.order_by("quote").values_list("quote", flat=True).distinct())
    currency = request.GET.get("currency", "")
    if currency not in codes:
        currency = codes[0] if codes else ""
    of_currency = ExchangeRate.objects.filter(quote=currency)
    providers = list(of_currency.order_by("provider").values_list("provider", flat=True).distinct())
    provider = request.GET.get("provider", "")
    if provider not in providers:
        current = _in_force(table, currency, [])
        in_force = current.row.provider if current.row else ""
        provider = in_force if in_force in providers else next(iter(providers), "")
    days = request.GET.get("days", "365")
    days = days if days in dict(RANGES) else "365"
    since = days_back(now.date(), None if days == "all" else int(days))
    rows = of_currency.filter(provider=provider, as_of__gte=since).order_by("as_of")
    status = ExchangeRate.Status
    points = _points(rows.filter(status=status.ACCEPTED, replaced_at=None))
    shown = thin_out(points, most=_MOST_POINTS)
    return {
        "root": table.root,
        "currency": currency,
        "currencies": codes,
        "provider": provider,
        "providers": providers,
        "days": days,
        "ranges": RANGES,
        "base": next(iter(rows.values_list("base", flat=True)[:1]), ""),
        "current": _in_force(table, currency, []),
        "chart": plot_rates(shown, marks=_points(rows.filter(status=status.QUARANTINED))),
        "points": list(reversed(shown)),
        "is_thinned": len(shown) < len(points),
    }


def _in_force(table: RateTable, currency: str, alarms: Sequence[RateAlarm]) -> RateInForce:
    tier = table.tier(currency)
    try:
        worth = table.worth(currency)
    except NoRate:
        return RateInForce(currency, tier, None, None, None, alarms)
    rate = _SHOWN.plus(worth.rate).normalize()
    return RateInForce(currency, tier, worth.row, rate, worth.age, alarms)


def _points(rows: Any) -> list[tuple[date, Decimal]]:
    return [(day, rate.normalize()) for day, rate in rows.values_list("as_of", "rate")]
