"""What goods cost by the unit in a market, as list, page and cart say it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from markets.admin.promotion_reasons import describe_coupon
from markets.legality import list_obstacles
from markets.lowest_price import Reduction
from markets.models import Market
from markets.pricing import PriceAnswer, PriceRequest, list_reductions, quote_prices
from markets.promotions import (
    BasketDiscounts,
    CouponAnswer,
    Discount,
    discount_goods,
    read_circumstances,
)
from storefront.api.asking import PriceQuestion, StaffWish
from storefront.api.goods import find_goods, make_goods
from storefront.api.traces import trace_price, trace_promotions
from storefront.api.writing import write_amount

# What ended or begins within so many days is told of in a trace.
TRACED = timedelta(days=30)


@dataclass(frozen=True)
class Answered:
    """What the API answers, and whether a coupon was named that does not exist."""

    data: dict[str, object]
    coupon_is_unknown: bool


def answer_prices(
    question: PriceQuestion, market: Market, *, wish: StaffWish, now: datetime
) -> Answered:
    """Price each SKU as if so many of it were all of a basket; in seven queries at most.

    What law keeps out of the market has no price.
    """
    moment = wish.at or now
    around = TRACED if wish.explain else None
    goods = find_goods(question.skus)
    refused = list_obstacles(
        {variant.product_id for variant in goods.values()},
        market,
        moment.astimezone(market.zone).date(),
    )
    goods = {sku: variant for sku, variant in goods.items() if variant.product_id not in refused}
    answers = quote_prices(
        [PriceRequest(variant.pk, question.quantity) for variant in goods.values()],
        market,
        moment=moment,
        group_ids=wish.group_ids,
        around=around,
    )
    reductions = list_reductions(answers, market, group_ids=wish.group_ids)
    circumstances = read_circumstances(
        market, moment=moment, group_ids=wish.group_ids, coupon=question.coupon, around=around
    )
    discounts = [
        discount_goods([good] if good else [], circumstances)
        for good in make_goods(goods.values(), answers)
    ]
    priced = {
        sku: _describe(sku, answer, reduction, discount, market, explain=wish.explain)
        for sku, answer, reduction, discount in zip(
            goods, answers, reductions, discounts, strict=True
        )
    }
    data: dict[str, object] = {
        "market": market.code,
        "currency": market.currency,
        "prices_include_tax": market.prices_include_tax,
        "quantity": question.quantity,
        "priced_at": moment.isoformat(),
        "prices": [priced.get(sku) or {"sku": sku, "price": None} for sku in question.skus],
    }
    return Answered(data, bool(question.coupon) and circumstances.coupon is None)


def describe_reduction(reduction: Reduction | None, currency: str) -> dict[str, object] | None:
    """Describe what may be announced; `lowest` is the lowest price of the days before it."""
    if reduction is None:
        return None
    return {
        "lowest": write_amount(reduction.prior, currency),
        "percent": reduction.percent,
        "days": reduction.days,
        "began_at": reduction.began_at.isoformat(),
    }


def describe_discount(discount: Discount, currency: str) -> dict[str, object]:
    return {"label": discount.label, **write_amount(discount.amount, currency)}


def describe_coupon_answer(answer: CouponAnswer | None, currency: str) -> dict[str, object] | None:
    """Describe what became of a coupon that was named; None where none was."""
    if answer is None:
        return None
    return {
        "code": answer.code,
        "holds": answer.holds,
        "reason": str(answer.reason),
        "words": describe_coupon(answer, currency),
        "missing": None if answer.missing is None else write_amount(answer.missing, currency),
    }


def _describe(
    sku: str,
    answer: PriceAnswer,
    reduction: Reduction | None,
    discounts: BasketDiscounts,
    market: Market,
    *,
    explain: bool,
) -> dict[str, object]:
    currency = market.currency
    described: dict[str, object] = {"sku": sku, "price": None}
    if answer.amount is not None:
        described["price"] = {
            "unit": write_amount(answer.amount, currency),
            "tiers": [
                {"quantity": quantity, "unit": write_amount(amount, currency)}
                for quantity, amount in answer.tiers
            ],
            "reduction": describe_reduction(reduction, currency),
            "discounts": [describe_discount(row, currency) for row in discounts.discounts],
            "coupon": describe_coupon_answer(discounts.coupon, currency),
            "total": write_amount(_total(answer.amount, answer.quantity, discounts), currency),
        }
    if explain:
        described["trace"] = {
            "prices": trace_price(answer, currency),
            "promotions": trace_promotions(discounts.tried, currency),
        }
    return described


def _total(unit: Decimal, quantity: int, discounts: BasketDiscounts) -> Decimal:
    return unit * quantity - discounts.total
