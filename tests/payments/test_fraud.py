from dataclasses import fields, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.fraud import RULES_V1, Decision, Signals, assess

QUIET = Signals(amount=Decimal(50), currency="EUR")
count = st.none() | st.integers(0, 200)
flag = st.none() | st.booleans()


def test_unknown_signals_are_harmless() -> None:
    result = assess(QUIET, rules=RULES_V1)
    assert (result.score, result.decision, result.reasons) == (0, Decision.ACCEPT, ())


def test_every_rule_looks_at_a_signal_that_exists() -> None:
    known = {field.name for field in fields(Signals)}
    assert {*RULES_V1.numbers, *RULES_V1.flags} <= known


@pytest.mark.parametrize(
    ("changes", "score", "codes"),
    [
        ({"orders_by_email_1h": 2}, 0, []),
        ({"orders_by_email_1h": 3}, 20, ["orders_by_email_1h"]),
        ({"orders_by_email_1h": 9}, 40, ["orders_by_email_1h"]),
        ({"is_first_order": True}, 5, ["is_first_order"]),
        ({"is_first_order": False}, 0, []),
        (
            {"countries_differ": True, "is_disposable_email": True},
            40,
            ["is_disposable_email", "countries_differ"],
        ),
        # Ten times the usual, but of small things.
        ({"amount": Decimal(340), "usual_amount": Decimal(34)}, 0, []),
        ({"amount": Decimal(350), "usual_amount": Decimal(35)}, 40, ["amount"]),
        ({"amount": Decimal(350), "usual_amount": Decimal(100)}, 12, ["amount"]),
        ({"amount": Decimal(9000), "currency": "XXX", "usual_amount": Decimal(1)}, 0, []),
    ],
)
def test_rules_add_up(changes: dict[str, object], score: int, codes: list[str]) -> None:
    result = assess(replace(QUIET, **changes), rules=RULES_V1)  # type: ignore[arg-type]
    assert (result.score, [reason.code for reason in result.reasons]) == (score, codes)


@pytest.mark.parametrize(
    ("failed", "emails", "decision"),
    [(0, 0, Decision.ACCEPT), (6, 3, Decision.REVIEW), (6, 5, Decision.DECLINE)],
)
def test_score_decides(failed: int, emails: int, decision: Decision) -> None:
    signals = replace(QUIET, failed_payments_24h=failed, orders_by_email_1h=emails)
    assert assess(signals, rules=RULES_V1).decision == decision


@given(count, count, count, flag, flag, flag)
def test_score_is_bounded_explained_and_grows_with_signals(
    emails: int | None, ips: int | None, failed: int | None,
    differ: bool | None, first: bool | None, disposable: bool | None,
) -> None:  # fmt: skip
    signals = replace(
        QUIET, orders_by_email_1h=emails, orders_by_ip_1h=ips, failed_payments_24h=failed,
        countries_differ=differ, is_first_order=first, is_disposable_email=disposable,
    )  # fmt: skip
    result = assess(signals, rules=RULES_V1)
    assert 0 <= result.score == min(100, sum(reason.points for reason in result.reasons)) <= 100
    worse = assess(replace(signals, is_disposable_email=True), rules=RULES_V1)
    assert worse.score >= result.score
