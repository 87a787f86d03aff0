"""Reading what may be announced of reduced prices."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from markets.lowest_price import PriceSpan, Reduction, find_reduction, prior_price
from markets.models import Market, Price
from markets.pricing.quoting import PriceAnswer


@dataclass(frozen=True)
class _Row:
    group_id: int | None
    min_quantity: int
    span: PriceSpan


def list_reductions(
    answers: Iterable[PriceAnswer], market: Market, *, group_ids: Collection[int] = ()
) -> tuple[Reduction | None, ...]:
    """Say for each answer what may be announced of it, in their order.

    Takes one query where a winner is announced as a reduction and the market has its law, else
    none. The history is of the prices that the same shopper could have paid for as many units:
    it holds every price there was, those that a rate caused too.
    """
    asked = tuple(answers)
    reduced = {
        answer.variant_id
        for answer in asked
        if answer.price is not None and answer.price.is_reduction
    }
    if not reduced or market.lowest_price_days <= 0:
        return (None,) * len(asked)
    rows = _history(reduced, market)
    return tuple(
        _reduction(answer, rows.get(answer.variant_id, []), market, group_ids=group_ids)
        for answer in asked
    )


def find_lowest_price(
    answer: PriceAnswer, market: Market, *, days: int, group_ids: Collection[int] = ()
) -> Decimal | None:
    """Give the lowest price of so many days before an answer's moment, for the same shopper."""
    rows = _history({answer.variant_id}, market).get(answer.variant_id, [])
    history = _of_shopper(rows, answer, group_ids=group_ids)
    return prior_price(history, reduction_start=answer.moment, days=days)


def _reduction(
    answer: PriceAnswer, rows: list[_Row], market: Market, *, group_ids: Collection[int]
) -> Reduction | None:
    if answer.price is None or answer.amount is None or not answer.price.is_reduction:
        return None
    return find_reduction(
        _of_shopper(rows, answer, group_ids=group_ids),
        answer.amount,
        moment=answer.moment,
        days=market.lowest_price_days,
    )


def _of_shopper(
    rows: list[_Row], answer: PriceAnswer, *, group_ids: Collection[int]
) -> list[PriceSpan]:
    return [
        row.span
        for row in rows
        if (row.group_id is None or row.group_id in group_ids)
        and row.min_quantity <= answer.quantity
    ]


def _history(variant_ids: Collection[int], market: Market) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = {}
    rows = Price.objects.filter(market=market, variant_id__in=variant_ids).order_by()
    for row in rows.values_list(
        "variant_id", "group_id", "min_quantity", "amount", "valid_from", "valid_to",
        "is_reduction",
    ):  # fmt: skip
        variant_id, group_id, min_quantity, amount, valid_from, valid_to, is_reduction = row
        span = PriceSpan(amount, valid_from, valid_to, is_reduction)
        found.setdefault(variant_id, []).append(_Row(group_id, min_quantity, span))
    return found
