"""Changes of derived prices that wait for a person."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from markets.models import Market, Price, PriceProposal
from markets.pricing.deriving import derive_market
from markets.pricing.rows import NewPrice, lock_prices, lock_rows, replace_row
from markets.pricing.rules import rule_of

Status = PriceProposal.Status


def approve_proposals(
    proposal_ids: Iterable[int], *, by: AbstractBaseUser | None, now: datetime
) -> int:
    """Set proposed prices as of now, and give how many; the rest no longer apply.

    Prices are derived first: a proposal that would not be made as it is any more, for whatever
    has changed since, is superseded. Takes the markets' price locks in turn, each
    in a transaction of its own unless the caller has one.
    """
    ids = list(proposal_ids)
    markets = Market.objects.filter(price_proposals__in=ids).distinct().order_by("pk")
    return sum(_approve(market, ids, by=by, now=now) for market in markets)


@transaction.atomic
def _approve(
    market: Market, proposal_ids: list[int], *, by: AbstractBaseUser | None, now: datetime
) -> int:
    lock_prices(market)
    waiting = PriceProposal.objects.filter(
        pk__in=proposal_ids, market=market, status=Status.PENDING
    ).order_by("pk")
    variant_ids = list(waiting.values_list("variant_id", flat=True))
    if not variant_ids:
        return 0
    derive_market(market, now=now, variant_ids=variant_ids)
    proposals = list(waiting.select_for_update())
    rows = lock_rows(market, now=now, variant_ids=[row.variant_id for row in proposals])
    rule_id = rule_of(Market.objects.get(pk=market.pk)).pk
    approved = 0
    for proposal in proposals:
        current = rows.in_force.get(proposal.variant_id)
        later = rows.later.get(proposal.variant_id)
        applies = (
            current is not None
            and current.id == proposal.price_id
            and (later is None or later.kind != Price.Kind.DERIVED)
        )
        if applies:
            replace_row(
                market,
                rows,
                variant_id=proposal.variant_id,
                price=_price(proposal, rule_id=rule_id),
                now=now,
            )
            approved += 1
        proposal.status = Status.APPROVED if applies else Status.SUPERSEDED
        proposal.decided_at, proposal.decided_by_id = now, by.pk if by and applies else None
        proposal.save(update_fields=["status", "decided_at", "decided_by"])
    return approved


def reject_proposals(
    proposal_ids: Iterable[int], *, by: AbstractBaseUser | None, now: datetime
) -> int:
    """Turn down what waits, and give how many; the prices stay as they are."""
    return PriceProposal.objects.filter(pk__in=list(proposal_ids), status=Status.PENDING).update(
        status=Status.REJECTED, decided_by=by, decided_at=now
    )


def _price(proposal: PriceProposal, *, rule_id: int) -> NewPrice:
    return NewPrice(
        kind=Price.Kind.DERIVED,
        amount=Decimal(proposal.new_amount),
        reason="approved",
        base_price_id=proposal.base_price_id,
        rate_id=proposal.rate_id,
        conversion=proposal.conversion,
        buffer=proposal.buffer,
        asked=proposal.asked,
        target=proposal.target,
        floor=proposal.floor,
        rule_id=rule_id,
    )
