"""What staff decides: which quotes in quarantine are true, and rates set by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import transaction

from markets.exchange.alarms import clear_alarms
from markets.exchange.guards import LastQuote, Outcome, Quote, judge, usable
from markets.exchange.storing import lock_provider, policy_for
from markets.exchange.table import EURO, MANUAL
from markets.models import ExchangeRate, RateProblem

_ACCEPTED = ExchangeRate.Status.ACCEPTED
_QUARANTINED = ExchangeRate.Status.QUARANTINED


class AlreadyDecided(Exception):
    """The quote is not in quarantine any more; nothing was changed."""


class CannotBeApproved(Exception):
    """The quote is no positive rate of a known currency; it can only be rejected."""


@transaction.atomic
def approve_rate(
    rate_id: int, *, now: datetime, user_id: int | None, reason: str = ""
) -> list[ExchangeRate]:
    """Accept a quote in quarantine, and give what is accepted now; prices are the caller's.

    It takes the place of another quote of its day. Later quotes that were held back for their
    distance from the old rate and are near the new one are accepted with it. Takes the
    provider's lock. Raises AlreadyDecided or CannotBeApproved.
    """
    row = _in_quarantine(rate_id)
    if row.problem in (RateProblem.INVALID, RateProblem.UNKNOWN):
        raise CannotBeApproved(rate_id)
    _accept(row, now=now, user_id=user_id, reason=reason)
    accepted = [row, *_near(row, now=now, user_id=user_id)]
    _settle(row, now=now, user_id=user_id)
    return accepted


@transaction.atomic
def reject_rate(
    rate_id: int, *, now: datetime, user_id: int | None, reason: str = ""
) -> ExchangeRate:
    """Reject a quote in quarantine for good. Takes the provider's lock; raises AlreadyDecided."""
    row = _in_quarantine(rate_id)
    _decide(row, ExchangeRate.Status.REJECTED, now=now, user_id=user_id, reason=reason)
    _settle(row, now=now, user_id=user_id)
    return row


@transaction.atomic
def set_manual_rate(
    currency: str,
    rate: Decimal,
    *,
    last_day: date,
    reason: str,
    now: datetime,
    user_id: int | None,
) -> ExchangeRate:
    """Set what one euro is in a currency, through a last day; it wins over what is fetched.

    It takes the place of one set earlier, which does not come back after it. Raises ValueError
    for what is no rate.
    """
    kept = usable(rate)
    if kept is None:
        raise ValueError(f"{rate} is no rate")
    lock_provider(MANUAL)
    today = now.astimezone(UTC).date()
    ExchangeRate.objects.filter(
        provider=MANUAL, quote=currency, status=_ACCEPTED, replaced_at=None
    ).update(replaced_at=now)
    row = ExchangeRate.objects.create(
        provider=MANUAL,
        base=EURO,
        quote=currency,
        rate=kept,
        given=str(rate)[:40],
        as_of=today,
        last_day=last_day,
        fetched_at=now,
        reason=reason,
        decided_by_id=user_id,
        decided_at=now,
    )
    clear_alarms([RateProblem.STALE], currencies=[currency], now=now, user_id=user_id)
    return row


@transaction.atomic
def withdraw_manual_rate(rate_id: int, *, now: datetime) -> bool:
    """End a rate that was set by hand; what is fetched counts again. Tells whether it did."""
    lock_provider(MANUAL)
    return bool(
        ExchangeRate.objects.filter(
            pk=rate_id, provider=MANUAL, status=_ACCEPTED, replaced_at=None
        ).update(replaced_at=now)
    )


def _in_quarantine(rate_id: int) -> ExchangeRate:
    lock_provider(ExchangeRate.objects.values_list("provider", flat=True).get(pk=rate_id))
    row = ExchangeRate.objects.select_for_update(of=("self",)).get(pk=rate_id)
    if row.status != _QUARANTINED:
        raise AlreadyDecided(rate_id)
    return row


def _near(approved: ExchangeRate, *, now: datetime, user_id: int | None) -> list[ExchangeRate]:
    later = ExchangeRate.objects.filter(
        provider=approved.provider,
        base=approved.base,
        quote=approved.quote,
        as_of__gt=approved.as_of,
    )
    if later.filter(status=_ACCEPTED, replaced_at=None).exists():
        return []
    last = approved
    near = []
    for row in later.filter(status=_QUARANTINED, problem=RateProblem.JUMP).order_by("as_of", "pk"):
        quote = Quote(row.base, row.quote, row.rate, row.as_of)
        verdict = judge(quote, LastQuote(last.rate, last.as_of), policy_for(row.quote))
        if verdict.outcome is Outcome.ACCEPT:
            _accept(row, now=now, user_id=user_id, reason=f"→ {approved.as_of}")
            near.append(row)
            last = row
    return near


def _accept(row: ExchangeRate, *, now: datetime, user_id: int | None, reason: str) -> None:
    ExchangeRate.objects.filter(
        provider=row.provider,
        base=row.base,
        quote=row.quote,
        as_of=row.as_of,
        status=_ACCEPTED,
        replaced_at=None,
    ).update(replaced_at=now)
    _decide(row, _ACCEPTED, now=now, user_id=user_id, reason=reason)


def _decide(
    row: ExchangeRate,
    status: ExchangeRate.Status,
    *,
    now: datetime,
    user_id: int | None,
    reason: str,
) -> None:
    row.status, row.reason = status, reason[:200]
    row.decided_at, row.decided_by_id = now, user_id
    row.save(update_fields=["status", "reason", "decided_at", "decided_by"])


def _settle(row: ExchangeRate, *, now: datetime, user_id: int | None) -> None:
    """Clear the alarm of a quote, unless another of its currency waits for the same reason."""
    waiting = ExchangeRate.objects.filter(
        provider=row.provider, status=_QUARANTINED, problem=row.problem
    )
    problem = RateProblem(row.problem)
    of_feed = problem is RateProblem.OLDER
    if not of_feed:
        waiting = waiting.filter(quote=row.quote)
    if not waiting.exists():
        clear_alarms(
            [problem],
            provider=row.provider,
            currencies=["" if of_feed else row.quote],
            now=now,
            user_id=user_id,
        )
