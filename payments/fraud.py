"""Fraud rules: signals in, score, decision and reasons out. Pure.

A signal that is not known counts for nothing: missing is not failing. No rule looks at a trait
that law protects, nor at a name, a language or a country by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum


class Decision(Enum):
    ACCEPT = "accept"
    REVIEW = "review"
    DECLINE = "decline"


@dataclass(frozen=True)
class Signals:
    """What was known of an order when it was scored; None is not known.

    Counts include the order itself. Amounts are in the order's currency.
    """

    amount: Decimal
    currency: str
    usual_amount: Decimal | None = None
    orders_by_email_1h: int | None = None
    orders_by_email_24h: int | None = None
    orders_by_ip_1h: int | None = None
    orders_by_ip_24h: int | None = None
    orders_by_address_1h: int | None = None
    orders_by_address_24h: int | None = None
    failed_payments_24h: int | None = None
    countries_differ: bool | None = None
    is_first_order: bool | None = None
    is_po_box: bool | None = None
    lacks_house_number: bool | None = None
    is_disposable_email: bool | None = None


@dataclass(frozen=True)
class Steps:
    """Points by how high a number is: the highest step that it reaches counts, alone."""

    steps: tuple[tuple[Decimal, int], ...]

    def points(self, number: Decimal | int | None) -> int:
        if number is None:
            return 0
        return max((points for least, points in self.steps if number >= least), default=0)


def _steps(*steps: tuple[str, int]) -> Steps:
    return Steps(tuple((Decimal(least), points) for least, points in steps))


@dataclass(frozen=True)
class Rules:
    """One version of the rules: what weighs how much, and where the decisions begin."""

    version: str
    numbers: Mapping[str, Steps]
    flags: Mapping[str, int]
    # How often the market's usual amount, and from what amount on that says anything at all.
    amount_factor: Steps
    amount_floor: Mapping[str, Decimal]
    review_from: int
    decline_from: int


@dataclass(frozen=True)
class Reason:
    """A rule that fired: its code, the points it gave and the value that it saw."""

    code: str
    points: int
    value: str


@dataclass(frozen=True)
class Assessment:
    """A score from 0 to 100, what it means, and why: the heaviest reason first."""

    score: int
    decision: Decision
    reasons: tuple[Reason, ...] = field(default=())


RULES_V1 = Rules(
    version="v1",
    numbers={
        "orders_by_email_1h": _steps(("3", 20), ("5", 40)),
        "orders_by_email_24h": _steps(("6", 15), ("10", 30)),
        "orders_by_ip_1h": _steps(("5", 20), ("10", 40)),
        "orders_by_ip_24h": _steps(("15", 15), ("30", 30)),
        "orders_by_address_1h": _steps(("4", 20), ("8", 40)),
        "orders_by_address_24h": _steps(("8", 15), ("15", 30)),
        "failed_payments_24h": _steps(("3", 20), ("6", 45)),
    },
    flags={
        "countries_differ": 15,
        "is_first_order": 5,
        "is_po_box": 5,
        "lacks_house_number": 5,
        "is_disposable_email": 25,
    },
    amount_factor=_steps(("3", 12), ("5", 25), ("10", 40)),
    amount_floor={
        currency: Decimal(amount)
        for currency, amount in {
            "USD": 400, "GBP": 300, "EUR": 350, "CHF": 350, "JPY": 50_000, "CNY": 2_500,
            "BRL": 1_500, "MXN": 6_000, "AED": 1_500, "AUD": 550, "CAD": 500, "SEK": 4_000,
            "DKK": 2_600, "NOK": 4_000, "PLN": 1_500, "CZK": 9_000, "HUF": 140_000, "RON": 1_700,
            "KWD": 120, "BHD": 150, "NZD": 600, "SGD": 500, "HKD": 3_000, "KRW": 500_000,
        }.items()
    },
    review_from=50,
    decline_from=85,
)  # fmt: skip


def assess(signals: Signals, *, rules: Rules) -> Assessment:
    """Add up what the rules say of the signals."""
    reasons = [*_numbers(signals, rules), *_flags(signals, rules), *_amount(signals, rules)]
    reasons.sort(key=lambda reason: (-reason.points, reason.code))
    score = min(sum(reason.points for reason in reasons), 100)
    if score >= rules.decline_from:
        decision = Decision.DECLINE
    elif score >= rules.review_from:
        decision = Decision.REVIEW
    else:
        decision = Decision.ACCEPT
    return Assessment(score, decision, tuple(reasons))


def _numbers(signals: Signals, rules: Rules) -> list[Reason]:
    seen = {code: getattr(signals, code) for code in rules.numbers}
    return [
        Reason(code, points, str(seen[code]))
        for code, steps in rules.numbers.items()
        if (points := steps.points(seen[code]))
    ]


def _flags(signals: Signals, rules: Rules) -> list[Reason]:
    return [
        Reason(code, points, "yes")
        for code, points in rules.flags.items()
        if getattr(signals, code) is True
    ]


def _amount(signals: Signals, rules: Rules) -> list[Reason]:
    floor = rules.amount_floor.get(signals.currency)
    if not signals.usual_amount or floor is None or signals.amount < floor:
        return []
    factor = signals.amount / signals.usual_amount
    points = rules.amount_factor.points(factor)
    return [Reason("amount", points, f"{factor:.1f}×")] if points else []
