"""Asking a register about a VAT id, and keeping what it said."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Count, Q, When

from markets.models import TaxIdCheck
from markets.tax_ids.answers import Answer, Pause, ask_register
from markets.tax_ids.numbers import TaxId
from markets.tax_ids.registers import SOURCES, find_register

# How long an answer counts. A new company is in the register some day, and an outage is over
# some time: those are asked about again sooner.
VALID_FOR = timedelta(hours=24)
INVALID_FOR = timedelta(minutes=10)
# Shoppers who try again do not pile up on a register that is out.
UNAVAILABLE_FOR = timedelta(seconds=30)

# A register is spared that was asked so often within a minute, or has just been silent so often
# about one country: each shopper would wait for it in vain, and it may shut us out.
BUSY = timedelta(minutes=1)
ASKED_AT_MOST = 60
SILENT_FOR = timedelta(seconds=30)
SILENT_AT_MOST = 4
NOT_ASKED = "NOT_ASKED"

_UNAVAILABLE = TaxIdCheck.Outcome.UNAVAILABLE


def find_check(tax_id: TaxId, *, now: datetime) -> TaxIdCheck | None:
    """Find the answer that counts at a moment, without asking anybody.

    The last word of a register counts for 24 hours. Silence after it takes nothing away from it;
    where there was no word at all, the last silence is given.
    """
    recent = TaxIdCheck.objects.filter(number=str(tax_id), checked_at__gt=now - VALID_FOR)
    silent_last = Case(When(outcome=_UNAVAILABLE, then=1), default=0)
    return recent.order_by(silent_last, "-checked_at", "-id").first()


def check_tax_id(
    tax_id: TaxId,
    *,
    now: datetime,
    requester: TaxId | None = None,
    pause: Pause = time.sleep,
) -> TaxIdCheck:
    """Give what the register says of a VAT id, from its last answer while that is fresh enough.

    `requester` is our own VAT id of the same kind; what another one of ours was told is no
    evidence for it, and the register is asked again. It answers, or is silent, within
    TAX_ID_MAX_SECONDS; silence is a row too, with the outcome unavailable, and VAT is charged
    then. The VAT id is of a kind. Raises RuntimeError in a transaction, which would stay open all
    the while.
    """
    with transaction.atomic(durable=True):
        known = _recent(tax_id, requester=requester, now=now)
        is_spared = known is None and _is_spared(tax_id, now=now)
    if known is not None:
        return known
    if not connection.in_atomic_block:
        # A register that is slow must not keep the pool's connections.
        connection.close()
    answer = (
        Answer("unavailable", reason=NOT_ASKED)
        if is_spared
        else _ask(tax_id, requester=requester, pause=pause)
    )
    return TaxIdCheck.objects.create(
        number=str(tax_id),
        country=tax_id.prefix,
        kind=tax_id.kind,
        outcome=answer.outcome,
        reason=answer.reason,
        name=answer.name,
        address=answer.address,
        requester=answer.requester,
        consultation_number=answer.consultation_number,
        checked_at=now,
        source=SOURCES[tax_id.kind],
    )


def _ask(tax_id: TaxId, *, requester: TaxId | None, pause: Pause) -> Answer:
    register = find_register(tax_id.kind)
    if register is None:
        return Answer("unavailable", reason="NOT_CONFIGURED")
    seconds = float(settings.TAX_ID_MAX_SECONDS)
    return ask_register(register, tax_id, requester=requester, seconds=seconds, pause=pause)


def _is_spared(tax_id: TaxId, *, now: datetime) -> bool:
    silent = Q(outcome=_UNAVAILABLE, country=tax_id.prefix, checked_at__gt=now - SILENT_FOR)
    spoken = Q(country=tax_id.prefix, checked_at__gt=now - SILENT_FOR) & ~Q(outcome=_UNAVAILABLE)
    lately = TaxIdCheck.objects.filter(
        source=SOURCES[tax_id.kind], checked_at__gt=now - BUSY
    ).exclude(reason=NOT_ASKED)
    counts = lately.aggregate(
        asked=Count("pk"), silent=Count("pk", filter=silent), spoken=Count("pk", filter=spoken)
    )
    is_out = counts["silent"] >= SILENT_AT_MOST and not counts["spoken"]
    return bool(counts["asked"] >= ASKED_AT_MOST or is_out)


def _recent(tax_id: TaxId, *, requester: TaxId | None, now: datetime) -> TaxIdCheck | None:
    row = find_check(tax_id, now=now)
    if row is None:
        return None
    is_for_us = requester is None or row.requester in {"", str(requester)}
    if row.outcome != _UNAVAILABLE and is_for_us and now - row.checked_at < _lifetime(row):
        return row
    silence = TaxIdCheck.objects.filter(
        number=str(tax_id), outcome=_UNAVAILABLE, checked_at__gt=now - UNAVAILABLE_FOR
    )
    return silence.order_by("-checked_at", "-id").first()


def _lifetime(row: TaxIdCheck) -> timedelta:
    return VALID_FOR if row.outcome == TaxIdCheck.Outcome.VALID else INVALID_FOR
