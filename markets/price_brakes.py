"""The brakes of derived prices: whether a price follows its target now. Pure, Decimal throughout.

`markets_decide_price` is the same decision in SQL, made for all prices of a market at once; a test
holds the two together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum

from markets.derivation import fit_price
from markets.money import quantise, smallest_unit
from markets.price_endings import PriceEnding, ending_above, ending_below

_CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP)
# A price keeps the target that it stands for to so many decimals.
TARGET_DECIMALS = Decimal("1E-10")


class RateStanding(StrEnum):
    """What the age of a rate allows."""

    USABLE = "usable"
    FROZEN = "frozen"  # New prices and wishes only.
    BLOCKED = "blocked"  # Nothing.


class Action(StrEnum):
    KEEP = "keep"
    SETTLE = "settle"  # The amount stays and stands for the new target.
    CHANGE = "change"
    PROPOSE = "propose"


class Reason(StrEnum):
    """Why a price changes, waits or stays."""

    NEW = "new"
    WISH = "wish"
    RATE = "rate"
    STEP = "step"
    FLOOR = "floor"
    LARGE = "large"
    COARSE = "coarse"
    BLOCKED = "blocked"
    FROZEN = "frozen"
    STALE = "stale"
    BAND = "band"
    DWELL = "dwell"
    SAME = "same"


@dataclass(frozen=True)
class CurrentPrice:
    """A derived price in force; `target` is what it stands for, which is not always reached."""

    amount: Decimal
    target: Decimal
    since: datetime


@dataclass(frozen=True)
class PriceTarget:
    """Where a price should be; a wish is a target that the merchant moved, not a rate."""

    amount: Decimal
    floor: Decimal | None = None
    is_wish: bool = False
    standing: RateStanding = RateStanding.USABLE


@dataclass(frozen=True)
class PricePolicy:
    """A market's endings and brakes; bands and limits are fractions, None is no limit."""

    currency: str
    ending: PriceEnding | None = None
    hold_up: Decimal = Decimal(0)
    hold_down: Decimal = Decimal(0)
    dwell: timedelta = timedelta(0)
    step_limit: Decimal | None = None
    approval_limit: Decimal | None = None
    freeze_until: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """What becomes of a price; `amount` and `target` are what it would be and stand for."""

    action: Action
    reason: Reason
    amount: Decimal | None = None
    target: Decimal | None = None


def decide(
    current: CurrentPrice | None, target: PriceTarget, policy: PricePolicy, now: datetime
) -> Decision:
    """Decide whether a price follows its target.

    A new price takes its target at once. A price below its floor rises at once to the lowest
    ending above it, whatever brakes hold. A wish passes band, dwell and step limit. A change
    beyond the approval limit, and one whose next ending lies beyond the step limit, is proposed.
    """
    if target.standing == RateStanding.BLOCKED:
        return Decision(Action.KEEP, Reason.BLOCKED)
    if current is None:
        return Decision(
            Action.CHANGE, Reason.NEW, _fit(target.amount, target, policy), _kept(target.amount)
        )
    with localcontext(_CONTEXT):
        decision = _braked(current, target, policy, now)
    floor = target.floor
    if floor is None or current.amount >= floor:
        return decision
    if (
        decision.action == Action.CHANGE
        and decision.amount is not None
        and decision.amount >= floor
    ):
        return decision
    least = _fit(max(floor, smallest_unit(policy.currency)), target, policy)
    return Decision(Action.CHANGE, Reason.FLOOR, least, least)


def _braked(
    current: CurrentPrice, target: PriceTarget, policy: PricePolicy, now: datetime
) -> Decision:
    if policy.freeze_until is not None and now < policy.freeze_until:
        return Decision(Action.KEEP, Reason.FROZEN)
    # Endings that were changed are a wish too.
    is_wish = target.is_wish or not _is_in_form(current.amount, policy)
    if not is_wish:
        if target.standing == RateStanding.FROZEN:
            return Decision(Action.KEEP, Reason.STALE)
        if _is_within_band(current, target, policy):
            return Decision(Action.KEEP, Reason.BAND)
        if now - current.since < policy.dwell:
            return Decision(Action.KEEP, Reason.DWELL)
    amount, aim = _fit(target.amount, target, policy), _kept(target.amount)
    reason = Reason.WISH if is_wish else Reason.RATE
    if amount == current.amount:
        action = Action.SETTLE if target.is_wish else Action.KEEP
        return Decision(action, Reason.SAME, amount, aim)
    if not is_wish and _is_beyond(amount, current.amount, policy.step_limit):
        step = _step(current.amount, policy, is_rise=amount > current.amount)
        if step is None:
            return Decision(Action.PROPOSE, Reason.COARSE, amount, aim)
        # Held back, it stands for itself: what is left of the way is left to the next step.
        amount, aim, reason = step, step, Reason.STEP
    if _is_beyond(amount, current.amount, policy.approval_limit):
        return Decision(Action.PROPOSE, Reason.LARGE, amount, aim)
    return Decision(Action.CHANGE, reason, amount, aim)


def _step(current: Decimal, policy: PricePolicy, *, is_rise: bool) -> Decimal | None:
    """Give the price in form that is farthest from current within the step limit."""
    limit = policy.step_limit or Decimal(0)
    if is_rise:
        price = _below(current * (1 + limit), policy)
        return price if price is not None and price > current else None
    price = _above(current * (1 - limit), policy)
    return price if price is not None and price < current else None


def _below(limit: Decimal, policy: PricePolicy) -> Decimal | None:
    if policy.ending is None:
        return quantise(limit, policy.currency, rounding=ROUND_FLOOR)
    return ending_below(limit, policy.ending, unit=smallest_unit(policy.currency))


def _above(limit: Decimal, policy: PricePolicy) -> Decimal | None:
    if policy.ending is None:
        return quantise(limit, policy.currency, rounding=ROUND_CEILING)
    return ending_above(limit, policy.ending, unit=smallest_unit(policy.currency))


def _fit(amount: Decimal, target: PriceTarget, policy: PricePolicy) -> Decimal:
    return fit_price(amount, ending=policy.ending, currency=policy.currency, floor=target.floor)


def _kept(target: Decimal) -> Decimal:
    return _CONTEXT.quantize(target, TARGET_DECIMALS)


def _is_in_form(amount: Decimal, policy: PricePolicy) -> bool:
    """Tell whether a price has one of the market's endings; not so after these were changed."""
    ending, unit = policy.ending, smallest_unit(policy.currency)
    if ending is None:
        return amount % unit == 0
    if amount < ending.step:
        return amount % (ending.grid or unit) == 0
    steps = str(int(amount // ending.step))
    return amount % ending.step in ending.endings and not set(steps) & set(ending.avoid_digits)


def _is_within_band(current: CurrentPrice, target: PriceTarget, policy: PricePolicy) -> bool:
    return (
        current.target * (1 - policy.hold_down)
        < target.amount
        < current.target * (1 + policy.hold_up)
    )


def _is_beyond(amount: Decimal, current: Decimal, limit: Decimal | None) -> bool:
    return limit is not None and abs(amount - current) > current * limit
