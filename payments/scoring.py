"""Scoring an order once and letting the verdict act."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from orders.models import Order
from orders.transitions import cancel_order, hold_order, lock_order, release_order
from payments.fraud import RULES_V1, Decision, Rules, assess
from payments.models import RiskAssessment
from payments.signals import collect_signals

RULES: Rules = RULES_V1
SECURED = frozenset({Order.PaymentStatus.AUTHORISED, Order.PaymentStatus.PAID})


@transaction.atomic(durable=True)
def score_order(order_id: int, *, now: datetime) -> RiskAssessment | None:
    """Score a paid or authorised order and release, hold or cancel it, under its lock.

    The first verdict stands however often this is called, and acts only while the order is
    placed: what staff decided since is theirs. None if there is no money to release it for. A
    cancelled order gives its money back by its own event.
    """
    order = lock_order(order_id)
    known = RiskAssessment.objects.filter(order=order).first()
    if order.payment_status not in SECURED:
        return known
    assessment = known or _assess(order, now=now)
    if order.status == Order.Status.PLACED:
        _act(order, assessment, now=now)
    return assessment


def _assess(order: Order, *, now: datetime) -> RiskAssessment:
    signals = collect_signals(order, now=now)
    result = assess(signals, rules=RULES)
    return RiskAssessment.objects.create(
        order=order,
        score=result.score,
        decision=result.decision.value,
        reasons=[asdict(reason) for reason in result.reasons],
        signals={name: _plain(value) for name, value in asdict(signals).items()},
        rules_version=RULES.version,
        assessed_at=now,
    )


def _act(order: Order, assessment: RiskAssessment, *, now: datetime) -> None:
    match Decision(assessment.decision):
        case Decision.ACCEPT:
            release_order(order, now=now, score=assessment.score)
        case Decision.REVIEW:
            codes = [reason["code"] for reason in assessment.reasons]
            hold_order(order, now=now, reasons=codes)
        case Decision.DECLINE:
            cancel_order(order, now=now, reason="risk")


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
