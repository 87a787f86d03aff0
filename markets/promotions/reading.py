"""What promotions take off a basket, read from the database."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from markets.models import Coupon, Market, PromotionCustomer, PromotionVersion
from markets.promotions.codes import normalise_coupon
from markets.promotions.customers import customer_key
from markets.promotions.engine import Candidate, Circumstances, CouponFound, discount_goods
from markets.promotions.terms import BasketDiscounts, Good, PromotionReason
from markets.promotions.versions import read_terms

# Asked with every cart: putting it together anew takes longer than answering it.
_VERSIONS = """
SELECT version.*, promotion.use_limit, promotion.used, promotion.customer_limit, (
        SELECT customer.used FROM markets_promotioncustomer AS customer
        WHERE customer.customer = %(customer)s AND customer.coupon_id IS NULL
            AND customer.promotion_id = version.promotion_id
    ) AS by_customer
FROM markets_promotionversion AS version
JOIN markets_promotion AS promotion ON promotion.id = version.promotion_id
WHERE version.promotion_id = %(coupon)s OR (
    (version.replaced_at IS NULL OR version.replaced_at > %(moment)s)
    AND version.made_at <= %(moment)s
    AND (version.starts_at IS NULL OR version.starts_at <= %(starts_until)s)
    AND (version.ends_at IS NULL OR version.ends_at > %(ends_after)s)
    AND (%(everywhere)s OR (
        version.terms -> 'needs_coupon' = 'false'
        AND (version.terms -> 'markets' = '[]'
            OR version.terms -> 'markets' @> to_jsonb(%(market)s::bigint))
    ))
)
ORDER BY version.promotion_id, version.number DESC
"""


def discount_basket(
    goods: Sequence[Good],
    market: Market,
    *,
    moment: datetime,
    delivery: Decimal | None = None,
    group_ids: Collection[int] = (),
    coupon: str = "",
    customer: str = "",
) -> BasketDiscounts:
    """Say what promotions take off goods in a market at a moment; in two queries at most.

    Amounts are in the market's currency. The customer is an e-mail address; without one, what a
    customer may use so many times is only looked at when the uses are taken.
    """
    circumstances = read_circumstances(
        market, moment=moment, group_ids=group_ids, coupon=coupon, customer=customer
    )
    return discount_goods(goods, circumstances, delivery=delivery)


def read_circumstances(
    market: Market,
    *,
    moment: datetime,
    group_ids: Collection[int] = (),
    coupon: str = "",
    customer: str = "",
    around: timedelta | None = None,
) -> Circumstances:
    """Read the promotions of a market at a moment and the coupon; in two queries at most.

    Terms are those of the moment, uses and coupons those of now. For a reader, `around` adds
    what other markets have, what a coupon opens, and what ended or begins so near the moment.
    """
    who = customer_key(customer)
    code = normalise_coupon(coupon)
    found = _find_coupon(code, who) if code else None
    versions = _versions(market, moment=moment, around=around, coupon=found, who=who)
    return Circumstances(
        market_id=market.pk,
        currency=market.currency,
        moment=moment,
        group_ids=frozenset(group_ids),
        candidates=tuple(_candidates(versions, moment)),
        typed=coupon.strip(),
        coupon=found,
    )


def _find_coupon(code: str, who: str) -> CouponFound | None:
    row = Coupon.objects.filter(code__iexact=code).annotate(
        by_customer=_used_by(who, promotion=OuterRef("promotion"), coupon=OuterRef("pk"))
    ).first()  # fmt: skip
    if row is None:
        return None
    return CouponFound(
        coupon_id=row.pk,
        code=row.code,
        promotion_id=row.promotion_id,
        used_up=_is_reached(row.use_limit, row.used),
        customer_used_up=_is_reached(row.customer_limit, row.by_customer),
    )


def _versions(
    market: Market,
    *,
    moment: datetime,
    around: timedelta | None,
    coupon: CouponFound | None,
    who: str,
) -> Iterable[PromotionVersion]:
    span = around or timedelta(0)
    return PromotionVersion.objects.raw(
        _VERSIONS,
        {
            "moment": moment,
            "starts_until": moment + span,
            "ends_after": moment - span,
            "everywhere": around is not None,
            "market": market.pk,
            # All its versions: one that is over, or not yet, is told so.
            "coupon": coupon.promotion_id if coupon else None,
            "customer": who,
        },
    )


def _used_by(who: str, **of: Any) -> Subquery:
    """Give how often a customer used something; null for one who is not known."""
    return Subquery(
        PromotionCustomer.objects.filter(customer=who, **of).order_by().values("used")[:1]
    )


def _candidates(versions: Iterable[Any], moment: datetime) -> list[Candidate]:
    chosen: dict[int, tuple[Any, PromotionReason | None]] = {}
    for version in versions:
        lapse = None
        if version.made_at > moment:
            lapse = PromotionReason.NOT_YET
        elif version.replaced_at is not None and version.replaced_at <= moment:
            lapse = PromotionReason.ENDED
        # The newest comes first; one that was published by then tells more than a later one.
        known = chosen.get(version.promotion_id)
        if known is None or (known[1] is PromotionReason.NOT_YET):
            chosen[version.promotion_id] = (version, lapse)
    return [
        Candidate(
            terms=read_terms(version),
            used_up=_is_reached(version.use_limit, version.used),
            customer_used_up=_is_reached(version.customer_limit, version.by_customer),
            lapse=lapse,
        )
        for version, lapse in chosen.values()
    ]


def _is_reached(limit: int | None, used: int | None) -> bool:
    return limit is not None and used is not None and used >= limit
