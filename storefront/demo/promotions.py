"""The demo's promotions, published in all of its markets."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.models import Category
from markets.models import Coupon, Promotion, PromotionAmount
from markets.promotions import publish_promotion
from storefront.demo.texts import read_data, read_texts, translated, upsert

_FIELDS = ("action", "buy_quantity", "get_quantity", "customer_limit", "priority")


def load_promotions(*, now: datetime) -> None:
    """Publish the demo's promotions, or bring them back to what they should be.

    Their markets and categories have to be there. Uses stay counted.
    """
    names = read_texts("promotions")
    for row in read_data("promotions")["promotions"]:
        promotion = _load_promotion(row, names[row["key"]])
        publish_promotion(promotion.pk, now=now)


def _load_promotion(row: dict[str, Any], names: dict[str, str]) -> Promotion:
    texts = translated("name", names)
    promotion = upsert(
        Promotion,
        by={"name_en": texts.pop("name_en")},
        to={
            **texts,
            **{field: row[field] for field in _FIELDS if field in row},
            "percent": Decimal(row["percent"]) if "percent" in row else None,
            "needs_coupon": "coupon" in row,
        },
    )
    promotion.categories.set(Category.objects.filter(key__in=row.get("categories", [])))
    for currency, amounts in row.get("amounts", {}).items():
        upsert(
            PromotionAmount,
            by={"promotion": promotion, "currency": currency},
            to={
                field: Decimal(amounts[field]) if field in amounts else None
                for field in ("amount", "threshold")
            },
        )
    if "coupon" in row:
        upsert(Coupon, by={"code": row["coupon"]}, to={"promotion": promotion})
    return promotion
