"""Promotions on their way into the shops, changed there, and out again."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from markets.models import Market, Promotion, PromotionAmount, PromotionVersion
from markets.promotions.errors import MissingAmount, MissingAmounts
from markets.promotions.versions import write_terms


@transaction.atomic
def publish_promotion(
    promotion_id: int, *, now: datetime, user_id: int | None = None
) -> PromotionVersion:
    """Bring a promotion, as it is now, into the shops it is meant for.

    Locks the promotion. Raises MissingAmounts where an amount or threshold is missing in the
    currency of a market. One that is published is changed, and the version given that is.
    """
    promotion = Promotion.objects.select_for_update().get(pk=promotion_id)
    missing = missing_amounts(promotion)
    if missing:
        raise MissingAmounts(missing)
    Promotion.objects.filter(pk=promotion_id).update(status=Promotion.Status.PUBLISHED)
    return _write_version(promotion, now=now, user_id=user_id)


@transaction.atomic
def renew_promotion(
    promotion_id: int, *, now: datetime, user_id: int | None = None
) -> PromotionVersion | None:
    """Publish what was changed of a published promotion; give None where nothing was, or of drafts.

    Locks the promotion. Raises MissingAmounts as publishing does; the old version stays then.
    """
    promotion = Promotion.objects.select_for_update().get(pk=promotion_id)
    if promotion.status != Promotion.Status.PUBLISHED:
        return None
    current = promotion.versions.filter(replaced_at__isnull=True).first()
    if current is not None and current.terms == write_terms(promotion):
        return None
    return publish_promotion(promotion_id, now=now, user_id=user_id)


@transaction.atomic
def end_promotion(promotion_id: int, *, now: datetime, user_id: int | None = None) -> bool:
    """Take a promotion out of the shops; give whether it was in any. Locks the promotion.

    Checkouts that hold an earlier moment still have it.
    """
    promotion = Promotion.objects.select_for_update().get(pk=promotion_id)
    if promotion.status != Promotion.Status.PUBLISHED:
        return False
    Promotion.objects.filter(pk=promotion_id).update(status=Promotion.Status.ENDED)
    current = promotion.versions.filter(replaced_at__isnull=True)
    for version in current:
        current.filter(pk=version.pk).update(replaced_at=max(now, version.made_at))
    return True


def missing_amounts(promotion: Promotion) -> list[MissingAmount]:
    """List the currencies of a promotion's markets in which it lacks an amount or threshold."""
    markets = promotion.markets.all() or Market.objects.filter(is_active=True)
    return find_missing_amounts(promotion.action, promotion.amounts.all(), markets)


def find_missing_amounts(
    action: str, rows: Iterable[PromotionAmount], markets: Collection[Market]
) -> list[MissingAmount]:
    """List the currencies in which rows of amounts leave some markets without one.

    An amount is needed where that is what is taken off, a threshold in every currency as soon as
    there is one in any.
    """
    kept = list(rows)
    amounts = {row.currency for row in kept if row.amount is not None}
    thresholds = {row.currency for row in kept if row.threshold is not None}
    names: dict[str, list[str]] = defaultdict(list)
    for market in markets:
        names[market.currency].append(market.name)
    found = [
        MissingAmount(
            currency=currency,
            markets=tuple(names[currency]),
            amount=action == Promotion.Action.AMOUNT and currency not in amounts,
            threshold=bool(thresholds) and currency not in thresholds,
        )
        for currency in sorted(names)
    ]
    return [row for row in found if row.amount or row.threshold]


def _write_version(promotion: Promotion, *, now: datetime, user_id: int | None) -> PromotionVersion:
    terms = write_terms(promotion)
    last = promotion.versions.order_by("-number").first()
    if last is not None and last.replaced_at is None:
        if last.terms == terms:
            return last
        # Versions follow one another without a gap and never overlap.
        now = max(now, last.made_at)
        promotion.versions.filter(pk=last.pk).update(replaced_at=now)
    return PromotionVersion.objects.create(
        promotion=promotion,
        number=last.number + 1 if last else 1,
        terms=terms,
        starts_at=promotion.valid_from,
        ends_at=promotion.valid_to,
        made_at=now,
        made_by_id=user_id,
    )
