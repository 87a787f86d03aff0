import logging
from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from markets.models import RateAlarm, RateProblem

logger = logging.getLogger(__name__)

# What a good quote of a currency answers.
OF_QUOTES = (
    RateProblem.INVALID,
    RateProblem.UNKNOWN,
    RateProblem.JUMP,
    RateProblem.CHANGED,
    RateProblem.MISSING,
)
# What a good sheet answers; the alarm is about the whole feed.
OF_SHEETS = (RateProblem.OLDER, RateProblem.FUTURE)


def raise_alarm(
    kind: RateProblem, *, provider: str, currency: str = "", detail: str, now: datetime
) -> bool:
    """Open an alarm and log it as an error; one that is open already only gets the new detail.

    Without a currency it is about the provider's whole feed. Tells whether it is new.
    """
    key = {"kind": kind, "provider": provider, "currency": currency[:3]}
    detail = detail[:300]
    if RateAlarm.objects.filter(**key, cleared_at=None).update(detail=detail):
        return False
    try:
        with transaction.atomic():
            RateAlarm.objects.create(**key, detail=detail, raised_at=now)
    except IntegrityError:  # Another run was first.
        return False
    logger.error("Rate alarm: %s, %s %s: %s", kind.value, provider, currency, detail)
    return True


def clear_alarms(
    kinds: Collection[RateProblem],
    *,
    now: datetime,
    provider: str | None = None,
    currencies: Collection[str] = ("",),
    user_id: int | None = None,
) -> int:
    """Close the open alarms of these kinds and currencies, of one provider or of all."""
    of_provider = Q() if provider is None else Q(provider=provider)
    return RateAlarm.objects.filter(
        of_provider, kind__in=kinds, currency__in=currencies, cleared_at=None
    ).update(cleared_at=now, cleared_by_id=user_id)
