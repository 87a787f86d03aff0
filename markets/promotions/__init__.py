"""Promotions and coupons: what is taken off a basket, and why."""

from markets.promotions.codes import normalise_coupon
from markets.promotions.coupons import make_coupons
from markets.promotions.engine import Circumstances, discount_goods
from markets.promotions.errors import MissingAmount, MissingAmounts, PromotionUsedUp
from markets.promotions.publishing import end_promotion, publish_promotion, renew_promotion
from markets.promotions.reading import discount_basket, read_circumstances
from markets.promotions.terms import (
    BasketDiscounts,
    CouponAnswer,
    CouponReason,
    Discount,
    Good,
    PromotionReason,
    PromotionTried,
    Verdict,
)
from markets.promotions.uses import give_back_uses, take_uses

__all__ = [
    "BasketDiscounts",
    "Circumstances",
    "CouponAnswer",
    "CouponReason",
    "Discount",
    "Good",
    "MissingAmount",
    "MissingAmounts",
    "PromotionReason",
    "PromotionTried",
    "PromotionUsedUp",
    "Verdict",
    "discount_basket",
    "discount_goods",
    "end_promotion",
    "give_back_uses",
    "make_coupons",
    "normalise_coupon",
    "publish_promotion",
    "read_circumstances",
    "renew_promotion",
    "take_uses",
]
