"""What promotions take off a basket: the arithmetic, without a database and without a clock.

Each step takes from a line only, and never gives back more where less is left: the units that
are cheapest, the shares of an amount and the thresholds follow the prices as shown, not what an
earlier promotion has left. So one more promotion never makes a basket dearer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from markets.money import quantise, split
from markets.promotions.terms import (
    Action,
    BasketDiscounts,
    CouponAnswer,
    CouponReason,
    Discount,
    Good,
    PromotionReason,
    PromotionTried,
    Terms,
    Verdict,
)

_ZERO = Decimal(0)


@dataclass(frozen=True)
class CouponFound:
    """A coupon that was entered and is known."""

    coupon_id: int
    code: str
    promotion_id: int
    used_up: bool = False
    customer_used_up: bool = False


@dataclass(frozen=True)
class Candidate:
    """A promotion that may apply, and what its limits say."""

    terms: Terms
    used_up: bool = False
    customer_used_up: bool = False
    # The terms were not in force at the moment; only the coupon's promotion comes then.
    lapse: PromotionReason | None = None


@dataclass(frozen=True)
class Circumstances:
    """All that decides about promotions, but for the goods and their delivery."""

    market_id: int
    currency: str
    moment: datetime
    group_ids: frozenset[int] = frozenset()
    candidates: tuple[Candidate, ...] = ()
    typed: str = ""  # The coupon's code as entered.
    coupon: CouponFound | None = None


def discount_goods(
    goods: Sequence[Good], circumstances: Circumstances, *, delivery: Decimal | None = None
) -> BasketDiscounts:
    """Say what promotions take off goods and their delivery, in the currency of the market.

    Those that combine apply by priority, each on what is left; one that does not stands alone.
    What is worth more is given, of equal worth those that combine. A delivery of None is one
    whose price is not known. Raises ValueError where two lines have one key.
    """
    ordered = sorted(goods, key=lambda good: good.key)
    if len({good.key for good in ordered}) < len(ordered):
        raise ValueError("two lines of a basket have one key")
    looked_at = [
        _look(candidate, ordered, circumstances, delivery=delivery)
        for candidate in sorted(
            circumstances.candidates,
            key=lambda candidate: (candidate.terms.priority, candidate.terms.promotion_id),
        )
    ]
    given = _choose(looked_at, _Left.of(ordered, delivery, circumstances.currency))
    tried = tuple(_tried(look, look in given) for look in looked_at)
    return BasketDiscounts(
        discounts=tuple(
            _discount(look, key, amount, circumstances.coupon)
            for look in given
            for key, amount in look.taken
        ),
        tried=tried,
        coupon=_answer_coupon(circumstances, tried),
    )


@dataclass(eq=False)
class _Look:
    """A promotion that is looked at: what it matches, what hinders it, what it takes."""

    terms: Terms
    matching: list[Good]
    obstacle: PromotionReason | None
    missing: Decimal | None = None
    taken: list[tuple[str | None, Decimal]] = field(default_factory=list)

    @property
    def worth(self) -> Decimal:
        return sum((amount for _key, amount in self.taken), _ZERO)


@dataclass
class _Left:
    """What is left to pay of each line, and of delivery."""

    lines: dict[str, Decimal]
    delivery: Decimal
    currency: str

    @classmethod
    def of(cls, goods: Sequence[Good], delivery: Decimal | None, currency: str) -> "_Left":
        return cls({good.key: _line(good) for good in goods}, delivery or _ZERO, currency)

    def copy(self) -> "_Left":
        return _Left(dict(self.lines), self.delivery, self.currency)

    def take(self, look: _Look) -> None:
        """Let a promotion take what it can."""
        terms = look.terms
        if terms.action is Action.FREE_DELIVERY:
            if self.delivery > 0:
                look.taken = [(None, self.delivery)]
            self.delivery = _ZERO
            return
        if terms.action is Action.AMOUNT:
            shares = self._amount(look.matching, (terms.amounts or {})[self.currency])
        elif terms.action is Action.PERCENT:
            shares = [self._part(good, good.quantity, terms) for good in look.matching]
        else:
            units = _cheapest(look.matching, terms)
            shares = [self._part(good, units[good.key], terms) for good in look.matching]
        for good, share in zip(look.matching, shares, strict=True):
            if share > 0:
                self.lines[good.key] -= share
                look.taken.append((good.key, share))

    def _part(self, good: Good, units: int, terms: Terms) -> Decimal:
        left, percent = self.lines[good.key], terms.percent or _ZERO
        if units == good.quantity:
            return quantise((left * percent).scaleb(-2), self.currency) if left else _ZERO
        if not units or not left:
            return _ZERO
        part = Fraction(left) * Fraction(percent) * units / (100 * good.quantity)
        return quantise(part, self.currency)

    def _amount(self, goods: Sequence[Good], amount: Decimal) -> list[Decimal]:
        """Split by the lines as shown; what one no longer has comes from the next that has."""
        weights = [_line(good) for good in goods]
        if not any(weights):
            return [_ZERO for _good in goods]
        shares = split(amount, weights, self.currency)
        left = [self.lines[good.key] for good in goods]
        over = sum((max(share - rest, _ZERO) for share, rest in zip(shares, left, strict=True)),
                   _ZERO)  # fmt: skip
        taken = [min(share, rest) for share, rest in zip(shares, left, strict=True)]
        for index, rest in enumerate(left):
            if not over:
                break
            more = min(over, rest - taken[index])
            taken[index] += more
            over -= more
        return taken


def _choose(looked_at: Sequence[_Look], left: _Left) -> list[_Look]:
    """Let all that can take do so, and give those whose discounts the shopper gets."""
    able = [look for look in looked_at if look.obstacle is None]
    together = [look for look in able if look.terms.combines]
    alone = [look for look in able if not look.terms.combines]
    rest = left.copy()
    for look in together:
        rest.take(look)
    for look in alone:
        left.copy().take(look)
    given = together
    if alone:
        best = max(alone, key=lambda look: look.worth)  # Of equal worth the first.
        if best.worth > sum((look.worth for look in together), _ZERO):
            given = [best]
    return [look for look in given if look.taken]


def _look(
    candidate: Candidate,
    goods: Sequence[Good],
    circumstances: Circumstances,
    *,
    delivery: Decimal | None,
) -> _Look:
    terms = candidate.terms
    obstacle = _standing(candidate, circumstances) or _limit(candidate, circumstances)
    if obstacle is not None:
        return _Look(terms, [], obstacle)
    currency = circumstances.currency
    if terms.action is Action.AMOUNT and currency not in (terms.amounts or {}):
        return _Look(terms, [], PromotionReason.NO_AMOUNT)
    if terms.thresholds and currency not in terms.thresholds:
        return _Look(terms, [], PromotionReason.NO_AMOUNT)
    matching = [good for good in goods if _matches(good, terms)]
    if not matching:
        return _Look(terms, [], PromotionReason.NO_MATCH)
    if terms.action is Action.FREE_DELIVERY and delivery == 0:
        return _Look(terms, matching, PromotionReason.NOTHING_LEFT)
    if terms.thresholds:
        missing = terms.thresholds[currency] - sum(map(_line, matching), _ZERO)
        if missing > 0:
            return _Look(terms, matching, PromotionReason.BELOW_THRESHOLD, missing)
    needed = max(terms.min_quantity, terms.buy + terms.get)
    if sum(good.quantity for good in matching) < needed:
        return _Look(terms, matching, PromotionReason.TOO_FEW)
    if terms.action is Action.FREE_DELIVERY and delivery is None:
        return _Look(terms, matching, PromotionReason.NO_DELIVERY)
    return _Look(terms, matching, None)


def _standing(candidate: Candidate, circumstances: Circumstances) -> PromotionReason | None:
    """Say what keeps a promotion from this market, moment or shopper."""
    terms, moment = candidate.terms, circumstances.moment
    if terms.market_ids and circumstances.market_id not in terms.market_ids:
        return PromotionReason.OTHER_MARKET
    if candidate.lapse is not None:
        return candidate.lapse
    if terms.starts_at is not None and moment < terms.starts_at:
        return PromotionReason.NOT_YET
    if terms.ends_at is not None and moment >= terms.ends_at:
        return PromotionReason.ENDED
    if terms.group_ids and terms.group_ids.isdisjoint(circumstances.group_ids):
        return PromotionReason.OTHER_GROUP
    return None


def _limit(candidate: Candidate, circumstances: Circumstances) -> PromotionReason | None:
    coupon = circumstances.coupon
    if candidate.terms.needs_coupon:
        if coupon is None or coupon.promotion_id != candidate.terms.promotion_id:
            return PromotionReason.NEEDS_COUPON
        if coupon.used_up:
            return PromotionReason.COUPON_USED_UP
        if coupon.customer_used_up:
            return PromotionReason.CUSTOMER_LIMIT
    if candidate.customer_used_up:
        return PromotionReason.CUSTOMER_LIMIT
    return PromotionReason.USED_UP if candidate.used_up else None


def _matches(good: Good, terms: Terms) -> bool:
    if good.product_id in terms.excluded_product_ids:
        return False
    if not terms.product_ids and not terms.category_ids:
        return True
    return good.product_id in terms.product_ids or not terms.category_ids.isdisjoint(
        good.category_ids
    )


def _cheapest(goods: Sequence[Good], terms: Terms) -> dict[str, int]:
    """Give how many units of each line are the cheapest ones that a promotion takes from."""
    times = sum(good.quantity for good in goods) // (terms.buy + terms.get)
    if terms.most_times is not None:
        times = min(times, terms.most_times)
    open_units = times * terms.get
    units: dict[str, int] = {}
    for good in sorted(goods, key=lambda good: (good.unit_price, good.key)):
        units[good.key] = min(open_units, good.quantity)
        open_units -= units[good.key]
    return units


def _line(good: Good) -> Decimal:
    return good.unit_price * good.quantity


def _tried(look: _Look, is_given: bool) -> PromotionTried:
    reason = look.obstacle
    if is_given:
        reason = PromotionReason.APPLIED
    elif reason is None:
        reason = PromotionReason.NOT_BEST if look.taken else PromotionReason.NOTHING_LEFT
    return PromotionTried(
        promotion_id=look.terms.promotion_id,
        version_id=look.terms.version_id,
        name=look.terms.name,
        verdict=Verdict.WON if is_given else Verdict.LOST,
        reason=reason,
        amount=look.worth,
        missing=look.missing,
    )


def _discount(
    look: _Look, key: str | None, amount: Decimal, coupon: CouponFound | None
) -> Discount:
    terms = look.terms
    by_coupon = (
        terms.needs_coupon and coupon is not None and coupon.promotion_id == terms.promotion_id
    )
    return Discount(
        promotion_id=terms.promotion_id,
        version_id=terms.version_id,
        coupon_id=coupon.coupon_id if by_coupon and coupon is not None else None,
        label=terms.name,
        key=key,
        amount=amount,
    )


_COUPON_REASONS = {
    PromotionReason.APPLIED: CouponReason.HOLDS,
    PromotionReason.OTHER_MARKET: CouponReason.OTHER_MARKET,
    PromotionReason.NOT_YET: CouponReason.NOT_YET,
    PromotionReason.ENDED: CouponReason.ENDED,
    PromotionReason.OTHER_GROUP: CouponReason.OTHER_GROUP,
    PromotionReason.NEEDS_COUPON: CouponReason.UNKNOWN,  # Never of the coupon's own promotion.
    PromotionReason.COUPON_USED_UP: CouponReason.USED_UP,
    PromotionReason.CUSTOMER_LIMIT: CouponReason.CUSTOMER_LIMIT,
    PromotionReason.USED_UP: CouponReason.USED_UP,
    PromotionReason.NO_AMOUNT: CouponReason.OTHER_MARKET,
    PromotionReason.NO_MATCH: CouponReason.NO_MATCH,
    PromotionReason.BELOW_THRESHOLD: CouponReason.CONDITIONS,
    PromotionReason.TOO_FEW: CouponReason.CONDITIONS,
    # It will take what delivery costs once that is known.
    PromotionReason.NO_DELIVERY: CouponReason.HOLDS,
    PromotionReason.NOTHING_LEFT: CouponReason.NOT_BEST,
    PromotionReason.NOT_BEST: CouponReason.NOT_BEST,
}


def _answer_coupon(
    circumstances: Circumstances, tried: Collection[PromotionTried]
) -> CouponAnswer | None:
    if not circumstances.typed:
        return None
    coupon = circumstances.coupon
    if coupon is None:
        return CouponAnswer(circumstances.typed, False, CouponReason.UNKNOWN)
    for promotion in tried:
        if promotion.promotion_id == coupon.promotion_id:
            reason = _COUPON_REASONS[promotion.reason]
            holds = reason is CouponReason.HOLDS
            return CouponAnswer(coupon.code, holds, reason, promotion.missing)
    return CouponAnswer(coupon.code, False, CouponReason.UNKNOWN)
