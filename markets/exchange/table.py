from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Context, Decimal

from django.conf import settings

from markets.derivation import NoRate, cross_rate
from markets.exchange.staleness import Tier, tier_of_age
from markets.models import ExchangeRate
from markets.rate_feeds.provider import BASES
from markets.rate_feeds.target_days import business_days_between

PEG = "peg"  # The provider of fixed rates; they do not age.
MANUAL = "manual"  # What staff set by hand, against the euro.
EURO = "EUR"

_EIGHT_PLACES = Decimal("1E-8")
# Of a smaller rate eight places leave too few digits: a price would be off by more than 0.05 %.
_LEAST_CONVERSION = Decimal("1E-5")
_CONTEXT = Context(prec=60)


@dataclass(frozen=True)
class Worth:
    """What one unit of the root currency is in another: units of it, by which quote, how old."""

    rate: Decimal
    row: ExchangeRate | None
    age: int  # In TARGET business days.


@dataclass(frozen=True)
class RateTable:
    """The quotes in force at a moment, of all providers; `providers` is in order of preference.

    A currency's worth is a valid rate set by hand, else that of the first provider whose quote
    is not too old to price by, else that of the provider with the freshest, else its peg.
    """

    day: date
    providers: Sequence[str]
    quotes: Mapping[str, Mapping[str, ExchangeRate]]  # By provider, then by currency.
    _known: dict[tuple[str, str], tuple[Decimal, ExchangeRate | None]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _worths: dict[str, Worth] = field(default_factory=dict, repr=False, compare=False)

    @property
    def root(self) -> str:
        """The currency that all others are counted against: the first provider's base."""
        return BASES[self.providers[0]] if self.providers else EURO

    def conversion(self, source: str, target: str) -> tuple[Decimal, ExchangeRate | None]:
        """Give units of target per unit of source, to eight places, and the quote behind it.

        The quote is the target's, or the source's where the target is the root; None where both
        are one currency. Raises NoRate, also where the rate is too small to be kept well.
        """
        key = (source, target)
        if key not in self._known:
            self._known[key] = self._convert(source, target)
        return self._known[key]

    def worth(self, currency: str) -> Worth:
        """Give what one unit of the root is in a currency. Raises NoRate."""
        if currency not in self._worths:
            found = self._find(currency)
            if found is None:
                raise NoRate(currency)
            self._worths[currency] = found
        return self._worths[currency]

    def age_business_days(self, currency: str) -> int:
        """Count the TARGET business days since a currency's quote; a peg's is its anchor's.

        The root, and a rate set by hand while it is valid, are never old. Raises NoRate.
        """
        return self.worth(currency).age

    def tier(self, *currencies: str) -> Tier:
        """Give the worst tier of some currencies: BLOCKED where one has no rate.

        Of one currency twice it is NORMAL: there is nothing to convert.
        """
        if len(currencies) > 1 and len(set(currencies)) == 1:
            return Tier.NORMAL
        return max((self._tier(currency) for currency in currencies), default=Tier.NORMAL)

    def currencies(self) -> list[str]:
        """List the currencies that have a rate."""
        quoted = {code for quotes in self.quotes.values() for code in quotes}
        return sorted(code for code in {self.root, *quoted} if self._find(code))

    def _tier(self, currency: str) -> Tier:
        try:
            return tier_of_age(self.worth(currency).age)
        except NoRate:
            return Tier.BLOCKED

    def _convert(self, source: str, target: str) -> tuple[Decimal, ExchangeRate | None]:
        if source == target:
            return Decimal(1).quantize(_EIGHT_PLACES), None
        there, here = self.worth(target), self.worth(source)
        rate = cross_rate(
            {code: self.worth(code).rate for code in (source, target) if code != self.root},
            source=source,
            target=target,
            base=self.root,
        ).quantize(_EIGHT_PLACES)
        if rate < _LEAST_CONVERSION:
            raise NoRate(target)
        return rate, there.row or here.row

    def _find(self, currency: str) -> Worth | None:
        if currency == self.root:
            return Worth(Decimal(1), None, 0)
        manual = self.quotes.get(MANUAL, {}).get(currency)
        if manual is not None and manual.last_day is not None and manual.last_day >= self.day:
            return self._through(manual, age=0)
        offers = [
            offer for code in self.providers if (offer := self._offer(code, currency)) is not None
        ]
        for offer in offers:
            if tier_of_age(offer.age).reprices:
                return offer
        if offers:
            return min(offers, key=lambda offer: offer.age)
        peg = self.quotes.get(PEG, {}).get(currency)
        return None if peg is None else self._through(peg, age=0)

    def _through(self, row: ExchangeRate, *, age: int) -> Worth | None:
        """Reach a currency by the currency that it is quoted against."""
        anchor = self._find(row.base)
        if anchor is None:
            return None
        return Worth(_CONTEXT.multiply(anchor.rate, row.rate), row, max(age, anchor.age))

    def _offer(self, provider: str, currency: str) -> Worth | None:
        """Cross from the root to a currency by one provider's quotes, through its base."""
        quotes = self.quotes.get(provider, {})
        base = BASES[provider]
        ends = [None if code == base else quotes.get(code) for code in (self.root, currency)]
        root_row, row = ends
        if (root_row is None and self.root != base) or (row is None and currency != base):
            return None
        rates = [Decimal(1) if end is None else end.rate for end in ends]
        age = max(
            (business_days_between(end.as_of, self.day) for end in ends if end is not None),
            default=0,
        )
        return Worth(_CONTEXT.divide(rates[1], rates[0]), row or root_row, age)


# The newest accepted quote of each provider and currency, found by hopping along the index: the
# whole history is never read.
_LATEST = """
WITH RECURSIVE pair AS (
    (SELECT provider, quote FROM markets_exchangerate WHERE status = 'accepted'
     ORDER BY provider, quote LIMIT 1)
    UNION ALL
    SELECT next.provider, next.quote FROM pair CROSS JOIN LATERAL (
        SELECT provider, quote FROM markets_exchangerate
        WHERE status = 'accepted' AND (provider, quote) > (pair.provider, pair.quote)
        ORDER BY provider, quote LIMIT 1
    ) AS next
)
SELECT latest.* FROM pair CROSS JOIN LATERAL (
    SELECT * FROM markets_exchangerate
    WHERE status = 'accepted' AND provider = pair.provider AND quote = pair.quote
        AND as_of <= %(day)s AND fetched_at <= %(now)s
        AND (decided_at IS NULL OR decided_at <= %(now)s)
        AND (replaced_at IS NULL OR replaced_at > %(now)s)
    ORDER BY as_of DESC, id DESC LIMIT 1
) AS latest
"""


def latest_rates(*, now: datetime) -> RateTable:
    """Give the quotes of the day and earlier that had been fetched and accepted by a moment."""
    day = now.astimezone(UTC).date()
    quotes: dict[str, dict[str, ExchangeRate]] = {}
    for row in ExchangeRate.objects.raw(_LATEST, {"day": day, "now": now}):
        quotes.setdefault(row.provider, {})[row.quote] = row
    return RateTable(day=day, providers=tuple(settings.RATE_PROVIDERS), quotes=quotes)
