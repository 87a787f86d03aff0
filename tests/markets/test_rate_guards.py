from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.exchange.guards import LastQuote, Outcome, Policy, Quote, judge
from markets.exchange.staleness import Tier, tier_of_age
from markets.models import RateProblem

DAY = date(2026, 11, 24)
LAST = LastQuote(Decimal("1.00000000"), DAY - timedelta(days=1))
TEN_PERCENT = Policy(band=Decimal("0.10"))


def quote(rate: str | None, *, currency: str = "USD", as_of: date = DAY) -> Quote:
    return Quote("EUR", currency, None if rate is None else Decimal(rate), as_of)


@pytest.mark.parametrize("rate", ["1", "1.004", "0.97", "1.03", "1.10", "0.90"])
def test_judge_accepts_what_is_in_the_band(rate: str) -> None:
    assert judge(quote(rate), LAST, TEN_PERCENT).outcome is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("rate", "currency", "problem"),
    [
        ("0", "USD", RateProblem.INVALID),
        ("-1", "USD", RateProblem.INVALID),
        ("NaN", "USD", RateProblem.INVALID),
        ("Infinity", "USD", RateProblem.INVALID),
        ("-Infinity", "USD", RateProblem.INVALID),
        ("0.000000001", "USD", RateProblem.INVALID),
        ("1E+30", "USD", RateProblem.INVALID),
        ("9999999999.999999999", "USD", RateProblem.INVALID),
        ("1", "EUR", RateProblem.INVALID),
        ("2", "QQQ", RateProblem.UNKNOWN),
        ("2", "usd", RateProblem.UNKNOWN),
        ("2", "XAU", RateProblem.UNKNOWN),
        ("1.15", "USD", RateProblem.JUMP),
        ("0.8999", "USD", RateProblem.JUMP),
    ],
)
def test_judge_quarantines(rate: str, currency: str, problem: RateProblem) -> None:
    verdict = judge(quote(rate, currency=currency), LAST, TEN_PERCENT)
    assert (verdict.outcome, verdict.problem) == (Outcome.QUARANTINE, problem)


def test_judge_tells_how_far_a_jump_went() -> None:
    assert judge(quote("1.15"), LAST, TEN_PERCENT).detail == (
        "EUR/USD 1.15 (2026-11-24); 1 (2026-11-23); +15.0 %"
    )


def test_judge_knows_the_day() -> None:
    same = judge(quote("1", as_of=LAST.as_of), LAST, TEN_PERCENT)
    assert same.outcome is Outcome.NOTHING_NEW
    changed = judge(quote("1.001", as_of=LAST.as_of), LAST, TEN_PERCENT)
    assert (changed.outcome, changed.problem) == (Outcome.QUARANTINE, RateProblem.CHANGED)
    older = quote("1", as_of=LAST.as_of - timedelta(days=1))
    assert judge(older, LAST, TEN_PERCENT).problem is RateProblem.OLDER
    settled = Policy(band=None, fills_gaps=True)
    assert judge(older, LAST, settled).outcome is Outcome.ACCEPT


def test_judge_keeps_the_last_good_of_what_is_missing() -> None:
    verdict = judge(quote(None), LAST, TEN_PERCENT)
    assert (verdict.outcome, verdict.problem) == (Outcome.NOTHING_NEW, RateProblem.MISSING)


def test_judge_takes_a_wider_band_and_the_first_quote() -> None:
    assert judge(quote("1.15"), LAST, Policy(band=Decimal("0.2"))).outcome is Outcome.ACCEPT
    assert judge(quote("1.15"), None, TEN_PERCENT).outcome is Outcome.ACCEPT


@given(st.decimals(allow_nan=True, allow_infinity=True), st.dates())
def test_judge_accepts_only_what_can_be_used(rate: Decimal, day: date) -> None:
    verdict = judge(Quote("EUR", "USD", rate, day), LAST, TEN_PERCENT)
    if verdict.outcome is Outcome.ACCEPT:
        assert Decimal("0.9") <= rate <= Decimal("1.1")
        assert day > LAST.as_of
    assert (verdict.problem is None) == (verdict.outcome is not Outcome.QUARANTINE)


@pytest.mark.parametrize(
    ("age", "tier", "buffer", "reprices"),
    [
        (0, Tier.NORMAL, "0", True),
        (1, Tier.NORMAL, "0", True),
        (2, Tier.WARN, "0.005", True),
        (3, Tier.FREEZE, "0.015", False),
        (4, Tier.FREEZE, "0.015", False),
        (5, Tier.BLOCKED, "0.015", False),
        (900, Tier.BLOCKED, "0.015", False),
        (None, Tier.BLOCKED, "0.015", False),
    ],
)
def test_tier_of_age(age: int | None, tier: Tier, buffer: str, reprices: bool) -> None:
    assert tier_of_age(age) is tier
    assert (tier.buffer, tier.reprices) == (Decimal(buffer), reprices)
