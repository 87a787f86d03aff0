"""Uses of promotions and coupons, counted so that no limit is ever passed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from markets.models import Coupon, Promotion, PromotionCustomer, PromotionVersion
from markets.promotions.customers import customer_key
from markets.promotions.errors import PromotionUsedUp
from markets.promotions.terms import BasketDiscounts


def take_uses(discounts: BasketDiscounts, *, customer: str, now: datetime) -> None:
    """Count one use of each promotion that applies, and of the coupon, for a customer's order.

    The customer is an e-mail address. Works inside the caller's transaction and locks the rows
    of promotions, then customers, then coupons, each by id, until it ends. Raises
    PromotionUsedUp where a limit is reached: the caller has to roll back then.
    """
    labels = {row.promotion_id: row.label for row in discounts.discounts}
    coupons = {row.coupon_id: row for row in discounts.discounts if row.coupon_id is not None}
    who = customer_key(customer)
    if labels and not who:
        raise ValueError("uses are counted for a customer")
    for promotion_id in sorted(labels):
        if not _take(Promotion.objects.filter(pk=promotion_id)):
            raise PromotionUsedUp(labels[promotion_id])
    for promotion_id in sorted(labels):
        if not _take_of_customer(who, Promotion, promotion_id, None, now=now):
            raise PromotionUsedUp(labels[promotion_id])
    for coupon_id, row in sorted(coupons.items()):
        if not (
            _take(Coupon.objects.filter(pk=coupon_id))
            and _take_of_customer(who, Coupon, row.promotion_id, coupon_id, now=now)
        ):
            raise PromotionUsedUp(row.label)


def give_back_uses(
    version_ids: Collection[int], *, coupon_ids: Collection[int] = (), customer: str
) -> None:
    """Take back one use of each promotion of which there is a version, and of each coupon.

    For an order that is cancelled, inside its transaction and once; locks as `take_uses` does.
    """
    versions = PromotionVersion.objects.filter(pk__in=set(version_ids))
    promotions = sorted(set(versions.order_by().values_list("promotion_id", flat=True)))
    who = customer_key(customer)
    for promotion_id in promotions:
        _give_back(Promotion.objects.filter(pk=promotion_id))
    for promotion_id in promotions:
        _give_back(
            PromotionCustomer.objects.filter(promotion=promotion_id, coupon=None, customer=who)
        )
    for coupon_id in sorted(set(coupon_ids)):
        _give_back(Coupon.objects.filter(pk=coupon_id))
        _give_back(PromotionCustomer.objects.filter(coupon=coupon_id, customer=who))


# The row that holds the limit is locked by then, so that the limit read here is the last one.
_COUNT = """
INSERT INTO markets_promotioncustomer AS kept (promotion_id, coupon_id, customer, used, used_at)
VALUES (%(promotion)s, %(coupon)s, %(customer)s, 1, %(now)s)
ON CONFLICT (promotion_id, coupon_id, customer)
DO UPDATE SET used = kept.used + 1, used_at = excluded.used_at
WHERE coalesce(kept.used < (SELECT customer_limit FROM {table} WHERE id = %(limited_by)s), true)
"""


def _take(rows: QuerySet[Any]) -> bool:
    free = Q(use_limit__isnull=True) | Q(used__lt=F("use_limit"))
    return bool(rows.filter(free).update(used=F("used") + 1))


def _take_of_customer(
    who: str,
    limited: type[Promotion | Coupon],
    promotion_id: int,
    coupon_id: int | None,
    *,
    now: datetime,
) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT.format(table=limited._meta.db_table),
            {
                "promotion": promotion_id,
                "coupon": coupon_id,
                "customer": who,
                "now": now,
                "limited_by": promotion_id if coupon_id is None else coupon_id,
            },
        )
        return bool(cursor.rowcount == 1)


def _give_back(rows: QuerySet[Any]) -> None:
    rows.filter(used__gt=0).update(used=F("used") - 1)
