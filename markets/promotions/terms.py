"""What a promotion asks and takes, and what became of it: plain values, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Verdict(StrEnum):
    WON = "won"
    LOST = "lost"


class Action(StrEnum):
    """What a promotion does."""

    PERCENT = "percent"
    AMOUNT = "amount"
    FREE_DELIVERY = "free_delivery"
    BUY_X_GET_Y = "buy_x_get_y"


class PromotionReason(StrEnum):
    """Why a promotion applied or did not; it did not for the first reason that holds, in order."""

    APPLIED = "applied"
    OTHER_MARKET = "other_market"
    NOT_YET = "not_yet"
    ENDED = "ended"
    OTHER_GROUP = "other_group"
    NEEDS_COUPON = "needs_coupon"
    COUPON_USED_UP = "coupon_used_up"
    CUSTOMER_LIMIT = "customer_limit"
    USED_UP = "used_up"
    NO_AMOUNT = "no_amount"  # None is known in the market's currency.
    NO_MATCH = "no_match"
    BELOW_THRESHOLD = "below_threshold"
    TOO_FEW = "too_few"
    NO_DELIVERY = "no_delivery"  # Its price is not known yet.
    NOTHING_LEFT = "nothing_left"
    NOT_BEST = "not_best"


class CouponReason(StrEnum):
    """Why a coupon that was entered holds or does not."""

    HOLDS = "holds"
    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    ENDED = "ended"
    OTHER_MARKET = "other_market"
    OTHER_GROUP = "other_group"
    USED_UP = "used_up"
    CUSTOMER_LIMIT = "customer_limit"
    NO_MATCH = "no_match"
    CONDITIONS = "conditions"
    NOT_BEST = "not_best"


@dataclass(frozen=True)
class Good:
    """A line of a basket; the price of a unit is as shown, in the market's currency."""

    key: str
    variant_id: int
    product_id: int
    category_ids: frozenset[int]  # The product's category and all above it.
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True)
class Terms:
    """One version of a promotion, as it was published.

    Amounts and thresholds are by currency. No market, group, product or category is all of them.
    """

    promotion_id: int
    version_id: int
    name: str
    action: Action
    percent: Decimal | None = None  # 0 < percent <= 100
    buy: int = 0
    get: int = 0
    most_times: int | None = None
    amounts: Mapping[str, Decimal] | None = None
    thresholds: Mapping[str, Decimal] | None = None  # What must be spent on matching goods.
    min_quantity: int = 1  # Units of matching goods.
    market_ids: frozenset[int] = frozenset()
    group_ids: frozenset[int] = frozenset()
    product_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    excluded_product_ids: frozenset[int] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    needs_coupon: bool = False
    priority: int = 1
    combines: bool = True


@dataclass(frozen=True)
class Discount:
    """What one promotion takes off one line, or off delivery; the amount is above zero."""

    promotion_id: int
    version_id: int
    coupon_id: int | None
    label: str  # The promotion's name in the active language.
    key: str | None  # The line's; None is delivery.
    amount: Decimal


@dataclass(frozen=True)
class PromotionTried:
    """A promotion that was looked at, and what became of it."""

    promotion_id: int
    version_id: int
    name: str
    verdict: Verdict
    reason: PromotionReason
    amount: Decimal  # What it takes, or would have taken.
    missing: Decimal | None = None  # Below the threshold: how much more to spend.


@dataclass(frozen=True)
class CouponAnswer:
    """What became of the code that was entered; the code is as the merchant wrote it."""

    code: str
    holds: bool
    reason: CouponReason
    missing: Decimal | None = None  # Of CONDITIONS: how much more to spend, where that is it.


@dataclass(frozen=True)
class BasketDiscounts:
    """What promotions take off a basket, in the market's currency, and why."""

    discounts: tuple[Discount, ...] = ()
    tried: tuple[PromotionTried, ...] = ()
    coupon: CouponAnswer | None = None

    def of_line(self, key: str) -> Decimal:
        """Give what is taken off all units of a line."""
        return self._sum(key)

    @property
    def delivery(self) -> Decimal:
        return self._sum(None)

    @property
    def total(self) -> Decimal:
        return sum((discount.amount for discount in self.discounts), Decimal(0))

    def _sum(self, key: str | None) -> Decimal:
        amounts = (discount.amount for discount in self.discounts if discount.key == key)
        return sum(amounts, Decimal(0))
