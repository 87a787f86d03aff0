"""The terms of a promotion as they are kept: written when it is published, read when it applies."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from modeltranslation.utils import build_localized_fieldname

from markets.models import Promotion, PromotionVersion
from markets.promotions.terms import Action, Terms

_FIELDS = (
    "action", "buy_quantity", "get_quantity", "most_times", "min_quantity", "needs_coupon",
    "priority", "combines", "use_limit", "customer_limit",
)  # fmt: skip
_SETS = ("markets", "products", "categories", "excluded_products", "customer_groups")


def write_terms(promotion: Promotion) -> dict[str, Any]:
    """Give the terms of a promotion as JSON; amounts are strings by currency."""
    amounts = list(promotion.amounts.all())
    return {
        "name": _names(promotion),
        **{name: getattr(promotion, name) for name in _FIELDS},
        "percent": _text(promotion.percent),
        "valid_from": _moment(promotion.valid_from),
        "valid_to": _moment(promotion.valid_to),
        "amounts": {row.currency: _text(row.amount) for row in amounts if row.amount is not None}
        if promotion.action == Promotion.Action.AMOUNT
        else {},
        "thresholds": {
            row.currency: _text(row.threshold) for row in amounts if row.threshold is not None
        },
        **{name: sorted(row.pk for row in getattr(promotion, name).all()) for name in _SETS},
    }


def read_terms(version: PromotionVersion) -> Terms:
    """Read the terms of a version, with its name in the active language."""
    kept = version.terms
    action = Action(kept["action"])
    is_some = action is Action.BUY_X_GET_Y
    return Terms(
        promotion_id=version.promotion_id,
        version_id=version.pk,
        name=_name(kept["name"]),
        action=action,
        percent=Decimal(kept["percent"]) if kept["percent"] else None,
        buy=kept["buy_quantity"] if is_some else 0,
        get=kept["get_quantity"] if is_some else 0,
        most_times=kept["most_times"] if is_some else None,
        amounts=_amounts(kept["amounts"]),
        thresholds=_amounts(kept["thresholds"]),
        min_quantity=kept["min_quantity"],
        market_ids=frozenset(kept["markets"]),
        group_ids=frozenset(kept["customer_groups"]),
        product_ids=frozenset(kept["products"]),
        category_ids=frozenset(kept["categories"]),
        excluded_product_ids=frozenset(kept["excluded_products"]),
        starts_at=version.starts_at,
        ends_at=version.ends_at,
        needs_coupon=kept["needs_coupon"],
        priority=kept["priority"],
        combines=kept["combines"],
    )


def _names(promotion: Promotion) -> dict[str, str]:
    names = {
        language: getattr(promotion, build_localized_fieldname("name", language))
        for language, _name in settings.LANGUAGES
    }
    return {language: name for language, name in names.items() if name}


def _name(names: Mapping[str, str]) -> str:
    language = get_language() or settings.LANGUAGE_CODE
    return names.get(language) or names.get(settings.LANGUAGE_CODE) or next(iter(names.values()))


def _amounts(kept: Mapping[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in kept.items()}


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
