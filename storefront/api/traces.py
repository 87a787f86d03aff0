"""Why a price is what it is, for staff: every row and promotion tried, in words."""

from collections.abc import Iterable

from markets.admin.price_words import describe_reason, describe_row
from markets.admin.promotion_reasons import describe_promotion
from markets.pricing import PriceAnswer
from markets.promotions import PromotionTried
from storefront.api.writing import write_amount


def trace_price(answer: PriceAnswer, currency: str) -> list[dict[str, object]]:
    """List the price rows that were tried, the winner first, then those nearest to winning."""
    return [
        {
            "price_id": tried.row_id,
            "rule": str(tried.rule),
            "description": describe_row(tried),
            "unit": write_amount(tried.amount, currency),
            "verdict": str(tried.verdict),
            "reason": str(tried.reason),
            "words": describe_reason(tried, answer),
        }
        for tried in answer.trace
    ]


def trace_promotions(tried: Iterable[PromotionTried], currency: str) -> list[dict[str, object]]:
    """List the promotions that were looked at, in the order of trying."""
    return [
        {
            "promotion_id": row.promotion_id,
            "version_id": row.version_id,
            "name": row.name,
            "amount": write_amount(row.amount, currency),
            "missing": None if row.missing is None else write_amount(row.missing, currency),
            "verdict": str(row.verdict),
            "reason": str(row.reason),
            "words": describe_promotion(row, currency),
        }
        for row in tried
    ]
