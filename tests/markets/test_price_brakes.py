from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from markets.derivation import fit_price
from markets.money import quantise, smallest_unit
from markets.price_brakes import (
    Action,
    CurrentPrice,
    Decision,
    PricePolicy,
    PriceTarget,
    RateStanding,
    Reason,
    decide,
)
from markets.price_endings import PriceEnding
from markets.pricing.policies import brake_parameters

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
NINETY_NINE = PriceEnding(step=Decimal(1), endings=(Decimal("0.99"),))
POLICY = PricePolicy(
    currency="EUR",
    ending=NINETY_NINE,
    hold_up=Decimal("0.02"),
    hold_down=Decimal("0.03"),
    dwell=timedelta(days=7),
    step_limit=Decimal("0.08"),
)

# Currencies with 0, 2 and 3 decimals; steps, several endings, a grid, digits to avoid.
FORMS: list[tuple[str, PriceEnding | None]] = [
    ("JPY", None),
    ("JPY", PriceEnding(step=Decimal(100), endings=(Decimal(80),))),
    ("JPY", PriceEnding(step=Decimal(1000), endings=(Decimal(980), Decimal(480)))),
    ("EUR", None),
    ("EUR", NINETY_NINE),
    ("USD", PriceEnding(step=Decimal(5), endings=(Decimal("4.99"), Decimal("1.49"), Decimal(0)))),
    ("CHF", PriceEnding(step=Decimal(1), endings=(Decimal("0.90"),), grid=Decimal("0.05"))),
    ("CHF", PriceEnding(step=Decimal("0.05"), endings=(Decimal(0),), grid=Decimal("0.05"))),
    ("CNY", PriceEnding(step=Decimal(10), endings=(Decimal(8), Decimal(9)), avoid_digits="4")),
    ("CNY", PriceEnding(Decimal(1), (Decimal(0),), avoid_digits="14", grid=Decimal(1))),
    ("KWD", None),
    ("KWD", PriceEnding(step=Decimal(1), endings=(Decimal("0.950"), Decimal("0.500")))),
    ("KWD", PriceEnding(step=Decimal("0.25"), endings=(Decimal("0.245"),), grid=Decimal("0.005"))),
]  # fmt: skip

forms = st.sampled_from(FORMS)
# To so many places as base prices, rates and factors have together.
amounts = st.decimals(min_value="0.0004", max_value=10**6, places=4) | st.decimals(
    min_value="0.01", max_value=1000, places=12
)
fractions = st.decimals(min_value=0, max_value="0.3", places=4)
limits = st.none() | st.decimals(min_value="0.0001", max_value="0.3", places=4)


@st.composite
def policies(draw: st.DrawFn) -> PricePolicy:
    currency, ending = draw(forms)
    return PricePolicy(
        currency=currency,
        ending=ending,
        hold_up=draw(fractions),
        hold_down=draw(fractions),
        dwell=timedelta(days=draw(st.integers(0, 14))),
        step_limit=draw(limits),
        approval_limit=draw(limits),
        freeze_until=draw(
            st.none() | st.sampled_from([NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)])
        ),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[CurrentPrice | None, PriceTarget, PricePolicy]:
    policy, amount = draw(policies()), draw(amounts)
    near = st.decimals(min_value="0.6", max_value="1.6", places=4)
    before = Decimal(amount) * draw(near)
    # Where it was put at its ending, or anywhere: endings change.
    shown = draw(st.sampled_from([policy.ending, None]))
    current = CurrentPrice(
        amount=fit_price(before, ending=shown, currency=policy.currency),
        target=(before * draw(near)).quantize(Decimal("1E-10")),
        since=NOW - timedelta(days=draw(st.integers(0, 15)), seconds=draw(st.integers(-1, 1))),
    )
    if current.target <= 0:
        current = replace(current, target=current.amount)
    target = PriceTarget(
        amount=amount,
        floor=draw(st.none() | st.builds(lambda part: amount * part, near)),
        is_wish=draw(st.booleans()),
        standing=draw(st.sampled_from([RateStanding.USABLE, *RateStanding])),
    )
    return draw(st.none() | st.just(current)), target, policy


@pytest.mark.django_db
@settings(max_examples=600, deadline=None)
@given(amounts, st.none() | amounts, forms)
def test_sql_fits_prices_as_python_does(
    target: Decimal, floor: Decimal | None, form: tuple[str, PriceEnding | None]
) -> None:
    currency, ending = form
    parameters = {**brake_parameters(PricePolicy(currency, ending)), "t": target, "f": floor}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT markets_fit_price(%(t)s, %(f)s::numeric, %(unit)s, %(step)s::numeric,"
            " %(endings)s::numeric[], %(grid)s::numeric, %(avoid)s)",
            parameters,
        )
        (price,) = cursor.fetchone()
    assert price == fit_price(target, ending=ending, currency=currency, floor=floor)


@pytest.mark.django_db
@settings(max_examples=1500, deadline=None)
@given(cases())
def test_sql_decides_as_python_does(
    case: tuple[CurrentPrice | None, PriceTarget, PricePolicy],
) -> None:
    current, target, policy = case
    assert decide_in_sql(current, target, policy) == decide(current, target, policy, NOW)


@settings(max_examples=600, deadline=None)
@given(cases())
def test_price_never_leaves_its_floor_its_ending_or_its_step_limit(
    case: tuple[CurrentPrice | None, PriceTarget, PricePolicy],
) -> None:
    current, target, policy = case
    decision = decide(current, target, policy, NOW)
    assume(target.standing != RateStanding.BLOCKED)
    changes = decision.action == Action.CHANGE
    after = decision.amount if changes else current.amount if current else None
    assert after is not None
    if target.floor is not None:
        floor = max(target.floor, smallest_unit(policy.currency))
        assert after >= quantise(floor, policy.currency, rounding=ROUND_CEILING)
    if not changes:
        return
    assert is_in_form(after, policy)
    if current is None or decision.reason == Reason.FLOOR:
        return
    moved = abs(after - current.amount)
    if policy.approval_limit is not None:
        assert moved <= current.amount * policy.approval_limit
    if decision.reason != Reason.WISH and policy.step_limit is not None:
        assert moved <= current.amount * policy.step_limit
        # A step leads towards the target, and never past it by more than to its ending.
        full = fit_price(
            target.amount, ending=policy.ending, currency=policy.currency, floor=target.floor
        )
        assert min(current.amount, full) <= after <= max(current.amount, full)


@settings(deadline=None)
@given(cases())
def test_deciding_again_at_the_same_moment_changes_nothing(
    case: tuple[CurrentPrice | None, PriceTarget, PricePolicy],
) -> None:
    current, target, policy = case
    first = decide(current, target, policy, NOW)
    if first.action != Action.CHANGE or first.amount is None or first.target is None:
        return
    assume(policy.dwell)
    now = CurrentPrice(first.amount, first.target, NOW)
    again = decide(now, replace(target, is_wish=False), policy, NOW)
    assert again.action in (Action.KEEP, Action.SETTLE), again


@pytest.mark.parametrize(
    ("target", "action", "reason"),
    [
        ("20.08", "keep", "band"),  # A move of 0.4 %.
        ("20.39", "keep", "band"),
        ("20.40", "keep", "same"),  # Beyond the band, and 19.99 is still the nearest ending.
        ("20.60", "change", "rate"),  # A move of 3 %.
        ("19.41", "keep", "band"),
        ("19.40", "change", "rate"),
        ("24.00", "change", "step"),
        ("12.00", "change", "step"),
    ],
)
def test_price_follows_what_lies_beyond_the_band(target: str, action: str, reason: str) -> None:
    decision = decide(price("19.99", target="20.00"), aim(target), POLICY, NOW)
    assert (decision.action, decision.reason) == (action, reason)


def test_band_is_measured_from_what_the_price_stands_for_not_from_its_ending() -> None:
    current = price("20.99", target="20.50")
    assert decide(current, aim("20.90"), POLICY, NOW).reason == Reason.BAND
    assert decide(current, aim("19.88"), POLICY, NOW).amount == Decimal("19.99")


def test_price_rests_for_its_dwell_time() -> None:
    young = price("19.99", target="20.00", since=NOW - timedelta(days=7) + timedelta(seconds=1))
    assert decide(young, aim("21.00"), POLICY, NOW).reason == Reason.DWELL
    rested = replace(young, since=NOW - timedelta(days=7))
    assert decide(rested, aim("21.00"), POLICY, NOW).amount == Decimal("20.99")


def test_steps_reach_a_far_target_one_after_the_other() -> None:
    current, now, path = price("19.99", target="20.00"), NOW, []
    for _ in range(8):
        decision = decide(current, aim("26.00"), POLICY, now)
        if decision.action == Action.CHANGE:
            assert decision.amount is not None
            assert decision.target is not None
            current = CurrentPrice(decision.amount, decision.target, now)
            path.append((str(decision.amount), decision.reason.value))
        now += timedelta(days=7)
    assert path == [
        ("20.99", "step"), ("21.99", "step"), ("22.99", "step"), ("23.99", "step"),
        ("24.99", "step"), ("25.99", "rate"),
    ]  # fmt: skip


def test_step_that_no_ending_fits_is_proposed() -> None:
    yen = replace(
        POLICY, currency="JPY", ending=PriceEnding(step=Decimal(100), endings=(Decimal(80),))
    )
    decision = decide(price("480", target="480"), aim("550"), yen, NOW)
    assert decision == Decision(
        Action.PROPOSE, Reason.COARSE, Decimal(580), Decimal("550.0000000000")
    )


def test_wish_passes_band_dwell_and_step_but_not_the_approval_limit() -> None:
    current = price("19.99", target="20.00", since=NOW)
    assert decide(current, aim("30.00", is_wish=True), POLICY, NOW).amount == Decimal("29.99")
    strict = replace(POLICY, approval_limit=Decimal("0.10"))
    decision = decide(current, aim("30.00", is_wish=True), strict, NOW)
    assert (decision.action, decision.reason) == ("propose", "large")
    assert decide(current, aim("20.01", is_wish=True), POLICY, NOW).action == Action.SETTLE


def test_changed_endings_are_a_wish() -> None:
    other = replace(POLICY, ending=replace(NINETY_NINE, endings=(Decimal("0.95"),)))
    decision = decide(price("19.99", target="20.00", since=NOW), aim("20.00"), other, NOW)
    assert (decision.reason, decision.amount) == (Reason.WISH, Decimal("19.95"))


def test_price_of_a_whole_step_needs_an_ending_too() -> None:
    assert decide(price("1.00", target="1.00", since=NOW), aim("1.00"), POLICY, NOW) == Decision(
        Action.CHANGE, Reason.WISH, Decimal("0.99"), Decimal("1.0000000000")
    )
    assert decide(None, aim("0.996"), POLICY, NOW).amount == Decimal("0.99")


def test_floor_breaks_every_brake() -> None:
    current = price("19.99", target="20.00", since=NOW)
    frozen = replace(POLICY, freeze_until=NOW + timedelta(days=1), approval_limit=Decimal("0.01"))
    raised = aim("20.00", floor="24.10")
    for policy in (POLICY, frozen):
        decision = decide(current, raised, policy, NOW)
        assert decision == Decision(Action.CHANGE, Reason.FLOOR, Decimal("24.99"), Decimal("24.99"))
    assert decide(current, aim("20.00", floor="19.99"), POLICY, NOW).action == Action.KEEP


@pytest.mark.parametrize(
    ("standing", "is_wish", "reason"),
    [
        ("frozen", False, "stale"),
        ("frozen", True, "wish"),
        ("blocked", False, "blocked"),
        ("blocked", True, "blocked"),
    ],
)
def test_old_rates_stop_what_follows_rates(standing: str, is_wish: bool, reason: str) -> None:
    target = replace(aim("21.00", is_wish=is_wish), standing=RateStanding(standing))
    assert decide(price("19.99", target="20.00"), target, POLICY, NOW).reason == reason
    if standing == "blocked":
        assert decide(None, target, POLICY, NOW).action == Action.KEEP


def test_frozen_market_changes_nothing_until_its_day() -> None:
    frozen = replace(POLICY, freeze_until=NOW + timedelta(days=1))
    current = price("19.99", target="20.00")
    assert decide(current, aim("30.00", is_wish=True), frozen, NOW).reason == Reason.FROZEN
    assert decide(current, aim("21.00"), frozen, NOW + timedelta(days=1)).action == Action.CHANGE


def price(amount: str, *, target: str, since: datetime = LONG_AGO) -> CurrentPrice:
    return CurrentPrice(Decimal(amount), Decimal(target), since)


def aim(amount: str, *, floor: str | None = None, is_wish: bool = False) -> PriceTarget:
    return PriceTarget(Decimal(amount), None if floor is None else Decimal(floor), is_wish)


def is_in_form(amount: Decimal, policy: PricePolicy) -> bool:
    if amount != quantise(amount, policy.currency) or amount <= 0:
        return False
    ending = policy.ending
    if ending is None or amount < ending.step:
        return True  # Below one step there is no sensible ending.
    return amount % ending.step in ending.endings and not (
        set(ending.avoid_digits) & set(format(amount.normalize(), "f"))
    )


def decide_in_sql(
    current: CurrentPrice | None, target: PriceTarget, policy: PricePolicy
) -> Decision:
    parameters: dict[str, Any] = {
        **brake_parameters(policy),
        "current_amount": current and current.amount,
        "current_target": current and current.target,
        "current_since": current and current.since,
        "target": target.amount,
        "floor": target.floor,
        "is_wish": target.is_wish,
        "standing": target.standing.value,
        "now": NOW,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM markets_decide_price("
            " %(current_amount)s::numeric, %(current_target)s::numeric,"
            " %(current_since)s::timestamptz, %(target)s, %(floor)s::numeric, %(is_wish)s,"
            " %(standing)s, %(now)s, %(unit)s, %(step)s::numeric, %(endings)s::numeric[],"
            " %(grid)s::numeric, %(avoid)s, %(hold_up)s, %(hold_down)s, %(dwell)s,"
            " %(step_limit)s::numeric, %(approval_limit)s::numeric,"
            " %(freeze_until)s::timestamptz)",
            parameters,
        )
        action, reason, amount, aimed = cursor.fetchone()
    return Decision(Action(action), Reason(reason), amount, aimed)
