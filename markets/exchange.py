"""Exchange rates: storing what providers quote, and converting by the latest of it."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import connection

from markets.derivation import NoRate, Peg, cross_rate
from markets.models import ExchangeRate
from markets.money import UnknownCurrency, exponent
from markets.rate_feeds.sheet import RateSheet

logger = logging.getLogger(__name__)

PEG = "peg"  # The provider of fixed rates; they do not age.
BASE = "EUR"

# Between two sheets a currency that is sold in does not move so far; a slip of the point does.
MOVE_LIMIT = Decimal("0.10")
# An older quote guards nothing: one true jump must not shut a currency out for good.
MOVE_LIMIT_DAYS = 10

_EIGHT_PLACES = Decimal("1E-8")


@dataclass(frozen=True)
class RateTable:
    """The latest quotes known at a moment: of each currency per euro, and the pegs."""

    day: date
    quotes: Mapping[str, ExchangeRate]
    pegs: Mapping[str, ExchangeRate]
    _known: dict[tuple[str, str], tuple[Decimal, ExchangeRate | None]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def conversion(self, source: str, target: str) -> tuple[Decimal, ExchangeRate | None]:
        """Give units of target per unit of source, to eight places, and the quote behind it.

        The quote is the target's, or the source's where the target is the euro; None where both
        are one currency. Raises NoRate.
        """
        key = (source, target)
        if key not in self._known:
            self._known[key] = self._convert(source, target)
        return self._known[key]

    def age_days(self, currency: str) -> int:
        """Tell how many days old a currency's quote is; a peg is as old as its anchor's.

        The euro, and what is pegged to it, is never old. Raises NoRate.
        """
        if currency == BASE:
            return 0
        if currency in self.quotes:
            return (self.day - self.quotes[currency].as_of).days
        if currency in self.pegs:
            return self.age_days(self.pegs[currency].base)
        raise NoRate(currency)

    def _convert(self, source: str, target: str) -> tuple[Decimal, ExchangeRate | None]:
        if source == target:
            return Decimal(1).quantize(_EIGHT_PLACES), None
        rate = cross_rate(
            {currency: row.rate for currency, row in self.quotes.items()},
            source=source,
            target=target,
            pegs=[Peg(row.quote, anchor=row.base, rate=row.rate) for row in self.pegs.values()],
            base=BASE,
        ).quantize(_EIGHT_PLACES)
        if rate <= 0:
            raise NoRate(target)
        return rate, self._row(target) or self._row(source)

    def _row(self, currency: str) -> ExchangeRate | None:
        return self.quotes.get(currency) or self.pegs.get(currency)


def latest_rates(*, now: datetime) -> RateTable:
    """Give the latest quotes of the day and earlier that had been fetched by a moment."""
    day = now.astimezone(UTC).date()
    known = ExchangeRate.objects.filter(as_of__lte=day, fetched_at__lte=now)
    quotes = (
        known.filter(base=BASE)
        .exclude(provider=PEG)
        .order_by("quote", "-as_of", "provider")
        .distinct("quote")
    )
    pegs = known.filter(provider=PEG).order_by("quote", "-as_of").distinct("quote")
    return RateTable(
        day=day,
        quotes={row.quote: row for row in quotes},
        pegs={row.quote: row for row in pegs},
    )


def store_sheet(sheet: RateSheet, *, provider: str, now: datetime) -> int:
    """Store a provider's rates of a day and give how many were new; none is ever changed.

    A currency not known, a rate that is not positive and a move of more than 10 % since the
    provider's last quote are refused one by one and logged as errors; so is a whole sheet of a
    day that has not come.
    """
    if sheet.as_of > now.astimezone(UTC).date():
        logger.error("Rates of %s refused: %s has not come yet", provider, sheet.as_of)
        return 0
    rates = [
        (provider, sheet.base, quote, rate, sheet.as_of, now)
        for quote, rate in _accepted(sheet, provider=provider)
    ]
    if not rates:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO markets_exchangerate (provider, base, quote, rate, as_of, fetched_at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            rates,
        )
        return int(cursor.rowcount)


def _accepted(sheet: RateSheet, *, provider: str) -> Iterator[tuple[str, Decimal]]:
    last = {
        row.quote: row
        for row in ExchangeRate.objects.filter(
            provider=provider, base=sheet.base, as_of__lt=sheet.as_of
        )
        .order_by("quote", "-as_of")
        .distinct("quote")
    }
    for quote, given in sorted(sheet.rates.items()):
        rate = given.quantize(_EIGHT_PLACES) if given.is_finite() else given
        problem = _problem(quote, rate, sheet=sheet, last=last.get(quote))
        if problem:
            logger.error(
                "Rate %s/%s %s of %s, %s refused: %s",
                *(sheet.base, quote, given, provider, sheet.as_of, problem),
            )
        else:
            yield quote, rate


def _problem(
    quote: str, rate: Decimal, *, sheet: RateSheet, last: ExchangeRate | None
) -> str | None:
    try:
        exponent(quote)
    except UnknownCurrency:
        return "unknown currency"
    if quote == sheet.base:
        return "a currency has no rate against itself"
    if not rate.is_finite() or rate <= 0:
        return "not positive"
    if last is None or (sheet.as_of - last.as_of).days > MOVE_LIMIT_DAYS:
        return None
    if abs(rate / last.rate - 1) > MOVE_LIMIT:
        return f"too far from {last.rate} of {last.as_of}"
    return None
