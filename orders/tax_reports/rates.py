"""The exchange rates by which a return is counted, out of the history that is kept."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter

from django.db.models import QuerySet

from markets.exchange import EURO, MANUAL, PEG
from markets.models import ExchangeRate
from orders.tax_reports.conversion import DayRate, Rates

_ECB = "ecb"
# The ECB publishes on every business day of TARGET: no two are further apart.
LONGEST_GAP = timedelta(days=7)


def rates_of_day(day: date, currencies: Iterable[str]) -> Rates:
    """Give the rates of a period's last day: the ECB's of that day or of its next publication.

    Until that is out the newest before it stands in, and the rates tell so. A currency that the
    ECB does not quote is reached by another provider's quote or a peg, through the currency that
    it is quoted against. Currencies without any rate are left out.
    """
    wanted = {code for code in currencies if code != EURO}
    found = _published(day, wanted)
    others = _other_quotes(day, wanted - set(found))
    bases = _published(day, {row.base for row in others} - set(found))
    for row in others:
        base = found.get(row.base) or bases.get(row.base)
        if base is not None and row.quote not in found:
            as_of = base.as_of if row.provider == PEG else min(base.as_of, row.as_of)
            found[row.quote] = DayRate(base.rate * row.rate, as_of, row.provider)
    return Rates(day=day, per_euro=found)


def _published(day: date, currencies: set[str]) -> dict[str, DayRate]:
    """Give what the ECB published, the first of the day or after, else the last before."""
    if not currencies:
        return {}
    rows = _accepted().filter(provider=_ECB, base=EURO, quote__in=currencies)
    after = rows.filter(as_of__gte=day).order_by("quote", "as_of").distinct("quote")
    before = rows.filter(as_of__lt=day).order_by("quote", "-as_of").distinct("quote")
    return {row.quote: DayRate(row.rate, row.as_of) for row in [*before, *after]}


def _other_quotes(day: date, currencies: set[str]) -> list[ExchangeRate]:
    """Give the quotes of other providers that were the newest on the day."""
    if not currencies:
        return []
    rows = _accepted().filter(quote__in=currencies, as_of__lte=day)
    return list(
        rows.exclude(provider__in=[_ECB, MANUAL])
        .order_by("quote", "-as_of", "provider")
        .distinct("quote")
    )


def _accepted() -> QuerySet[ExchangeRate]:
    return ExchangeRate.objects.filter(
        status=ExchangeRate.Status.ACCEPTED, replaced_at__isnull=True
    )


@dataclass(frozen=True)
class RateHistory:
    """The ECB's rates of a time, to convert each day's amounts by the newest of that day.

    What the ECB does not quote goes by the rates of the time's last day.
    """

    quotes: Mapping[str, Sequence[tuple[date, Decimal]]]
    latest: Rates

    @classmethod
    def read(cls, currencies: Iterable[str], *, since: date, until: date) -> "RateHistory":
        wanted = {code for code in currencies if code != EURO}
        rows = (
            _accepted()
            .filter(
                provider=_ECB,
                base=EURO,
                quote__in=wanted,
                as_of__range=(since - LONGEST_GAP, until),
            )
            .order_by("as_of")
        )
        quotes: dict[str, list[tuple[date, Decimal]]] = {}
        for code, day, rate in rows.values_list("quote", "as_of", "rate"):
            quotes.setdefault(code, []).append((day, rate))
        return cls(quotes=quotes, latest=rates_of_day(until, wanted))

    def convert(self, amount: Decimal, source: str, target: str, on: date) -> Decimal:
        """Give an amount in another currency, by a day's rates. Raises ReportRateMissing."""
        if source == target:
            return amount
        found = {code: rate for code in (source, target) if (rate := self._of(code, on))}
        return Rates(day=on, per_euro=found).convert(amount, source, target)

    def _of(self, currency: str, on: date) -> DayRate | None:
        quotes = self.quotes.get(currency, [])
        place = bisect_right(quotes, on, key=itemgetter(0))
        if place:
            day, rate = quotes[place - 1]
            return DayRate(rate, day)
        return self.latest.per_euro.get(currency)
