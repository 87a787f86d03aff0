import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction

from markets.exchange.alarms import OF_QUOTES, OF_SHEETS, clear_alarms, raise_alarm
from markets.exchange.guards import LastQuote, Outcome, Policy, Quote, Verdict, judge, usable
from markets.models import ExchangeRate, RateProblem
from markets.rate_feeds.sheet import RateSheet

# The first half of the advisory locks' keys; the provider's checksum is the second.
_LOCK_CLASS = 0x52415445
_BATCH = 2000


@transaction.atomic
def store_sheets(
    sheets: Iterable[RateSheet], *, provider: str, now: datetime, settled: bool = False
) -> int:
    """Keep what a provider quoted, judge each quote and give how many were accepted.

    `settled` is for history and data that come with the shop: up to the last day that was
    accepted, days may be filled in and moves are not held against them; a currency that no
    longer exists is left out. Nothing stored is
    changed, and what is known already is left alone. A quote that is not accepted raises an
    alarm, an accepted one clears those of its currency. Takes the provider's lock.
    """
    lock_provider(provider)
    today = now.astimezone(UTC).date()
    ordered = sorted(sheets, key=lambda sheet: sheet.as_of)
    for sheet in ordered:
        if sheet.as_of > today:
            raise_alarm(RateProblem.FUTURE, provider=provider, detail=str(sheet.as_of), now=now)
    ordered = [sheet for sheet in ordered if sheet.as_of <= today]
    if not ordered:
        return 0
    book = _Book.read(provider, ordered[0].as_of, ordered[-1].as_of, settled=settled)
    rows: list[ExchangeRate] = []
    for sheet in ordered:
        rows += book.enter(sheet, now=now)
    ExchangeRate.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    for problem, currency, detail in book.alarms:
        raise_alarm(problem, provider=provider, currency=currency, detail=detail, now=now)
    accepted = [row for row in rows if row.status == ExchangeRate.Status.ACCEPTED]
    if accepted and not settled:
        good = {row.quote for row in accepted} - {currency for _, currency, _ in book.alarms}
        clear_alarms(OF_QUOTES, provider=provider, currencies=good, now=now)
        if not any(problem in OF_SHEETS for problem, _, _ in book.alarms):
            clear_alarms(OF_SHEETS, provider=provider, now=now)
    return len(accepted)


def store_sheet(sheet: RateSheet, *, provider: str, now: datetime, settled: bool = False) -> int:
    """Keep one sheet as `store_sheets` does."""
    return store_sheets([sheet], provider=provider, now=now, settled=settled)


def lock_provider(provider: str) -> None:
    """Let nobody else store or decide a provider's quotes until the transaction ends."""
    with connection.cursor() as cursor:
        key = zlib.crc32(provider.encode()) - 2**31
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, key])


def policy_for(currency: str) -> Policy:
    """Give what is held against a currency's quotes, by the settings."""
    return Policy(band=settings.RATE_JUMP_BANDS.get(currency, settings.RATE_JUMP_BAND))


@dataclass
class _Book:
    """What is known of a provider while its sheets are entered, oldest first."""

    provider: str
    settled: bool
    known: set[tuple[str, str, date, str]]
    last: dict[tuple[str, str], LastQuote]
    newest: Mapping[tuple[str, str], date]  # Accepted before these sheets.
    same_day: Mapping[tuple[str, str, date], LastQuote]
    previous: Collection[str]  # The currencies of the sheet before.
    alarms: list[tuple[RateProblem, str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, provider: str, first: date, latest: date, *, settled: bool) -> "_Book":
        of_provider = ExchangeRate.objects.filter(provider=provider)
        within = of_provider.filter(as_of__gte=first, as_of__lte=latest)
        in_force = of_provider.filter(status=ExchangeRate.Status.ACCEPTED, replaced_at=None)
        newest = in_force.order_by("base", "quote", "-as_of").distinct("base", "quote")
        last = {(row.base, row.quote): LastQuote(row.rate, row.as_of) for row in newest}
        before = of_provider.filter(as_of__lt=first).order_by("-as_of").values("as_of")[:1]
        return cls(
            provider=provider,
            settled=settled,
            known=set(within.values_list("base", "quote", "as_of", "given")),
            last=last,
            newest={pair: quote.as_of for pair, quote in last.items()},
            same_day={
                (base, quote, day): LastQuote(rate, day)
                for base, quote, day, rate in in_force.filter(
                    as_of__gte=first, as_of__lte=latest
                ).values_list("base", "quote", "as_of", "rate")
            },
            previous=set(of_provider.filter(as_of__in=before).values_list("quote", flat=True)),
        )

    def enter(self, sheet: RateSheet, *, now: datetime) -> list[ExchangeRate]:
        rows = [row for row in self._rows(sheet, now=now) if row is not None]
        # A day that was entered before tells nothing of what left the feed.
        if rows and not self.settled:
            for currency in sorted(set(self.previous) - set(sheet.rates)):
                verdict = judge(
                    Quote(sheet.base, currency, None, sheet.as_of), None, Policy(band=None)
                )
                self._note(verdict, currency)
            self.previous = set(sheet.rates)
        return rows

    def _rows(self, sheet: RateSheet, *, now: datetime) -> Iterator[ExchangeRate | None]:
        for currency, rate in sorted(sheet.rates.items()):
            given = str(rate)[:40]
            if (sheet.base, currency[:3], sheet.as_of, given) in self.known:
                continue
            quote = Quote(sheet.base, currency, rate, sheet.as_of)
            verdict = self._judge(quote)
            if verdict.outcome is Outcome.NOTHING_NEW:
                continue
            if self.settled and verdict.problem is RateProblem.UNKNOWN:
                continue
            accepted = verdict.outcome is Outcome.ACCEPT
            kept = usable(rate) or Decimal(0)
            last = self.last.get((sheet.base, currency))
            if accepted and (last is None or last.as_of <= sheet.as_of):
                self.last[sheet.base, currency] = LastQuote(kept, sheet.as_of)
            else:
                self._note(verdict, currency)
            yield ExchangeRate(
                provider=self.provider,
                base=sheet.base,
                quote=currency[:3],
                rate=kept,
                given=given,
                as_of=sheet.as_of,
                fetched_at=now,
                status=ExchangeRate.Status.ACCEPTED
                if accepted
                else ExchangeRate.Status.QUARANTINED,
                problem=verdict.problem or "",
            )

    def _judge(self, quote: Quote) -> Verdict:
        same_day = self.same_day.get((quote.base, quote.currency, quote.as_of))
        newest = self.newest.get((quote.base, quote.currency))
        if self.settled and (newest is None or quote.as_of <= newest):
            return judge(quote, same_day, Policy(band=None, fills_gaps=True))
        last = self.last.get((quote.base, quote.currency))
        return judge(quote, same_day or last, policy_for(quote.currency))

    def _note(self, verdict: Verdict, currency: str) -> None:
        if verdict.problem is None:
            return
        # A sheet is old as a whole.
        about = "" if verdict.problem in OF_SHEETS else currency[:3]
        self.alarms.append((verdict.problem, about, verdict.detail))
