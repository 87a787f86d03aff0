"""The one answer to what something costs, and why: shop, cart, checkout and admin all ask here.

Of the prices that apply (in force, for enough units, for everybody or for a group of the
shopper) the lowest wins, so that more units and more groups never make a unit dearer. Between
two prices of the same group and quantity the one set by hand wins over the derived one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Q

from catalog.models import Variant
from catalog.selectors import category_ids_of
from markets.models import Market, Price
from markets.promotions import BasketDiscounts, Good, discount_goods, read_circumstances
from markets.promotions import Verdict as Verdict  # Of prices as of promotions.

# The hottest query of the shop: putting it together anew takes longer than answering it.
_IN_FORCE = """
SELECT * FROM markets_price
WHERE market_id = %(market)s AND variant_id = ANY(%(variants)s)
    AND valid_from <= %(moment)s AND (valid_to IS NULL OR valid_to > %(moment)s)
"""


class Rule(StrEnum):
    """Where a price row comes from."""

    MANUAL = "manual"  # Set by hand, for everybody and any quantity.
    DERIVED = "derived"
    LIST = "list"  # Set by hand for a group, or from a quantity on.


class Reason(StrEnum):
    """Why a row won or lost; losers name the first reason that holds, in this order."""

    ONLY = "only"
    LOWEST = "lowest"
    NOT_YET = "not_yet"
    ENDED = "ended"
    OTHER_GROUP = "other_group"
    TOO_FEW = "too_few"
    SET_BY_HAND = "set_by_hand"
    DEARER = "dearer"
    SAME_AMOUNT = "same_amount"


@dataclass(frozen=True)
class PriceRequest:
    variant_id: int
    quantity: int = 1


@dataclass(frozen=True)
class Tried:
    """A price row that was looked at, and what became of it; the amount is of one unit."""

    rule: Rule
    row_id: int
    amount: Decimal
    verdict: Verdict
    reason: Reason
    row: Price = field(repr=False, compare=False)


@dataclass(frozen=True)
class PriceAnswer:
    """What one unit costs when so many are bought, in the market's currency, and why.

    `price` is None where the market does not sell the variant. The trace starts with the winner
    and goes on with the losers, those that were nearest to winning first.
    """

    variant_id: int
    quantity: int
    moment: datetime
    price: Price | None
    trace: tuple[Tried, ...]
    discounts: BasketDiscounts | None = None  # Off all units, where they were asked for.

    @property
    def amount(self) -> Decimal | None:
        return Decimal(self.price.amount.amount) if self.price else None

    @property
    def tiers(self) -> tuple[tuple[int, Decimal], ...]:
        """The lower prices of larger quantities: from how many units on, and of one unit."""
        return _tiers(self)


def quote_price(
    variant_id: int,
    market: Market,
    *,
    moment: datetime,
    quantity: int = 1,
    group_ids: Collection[int] = (),
    around: timedelta | None = None,
    coupon: str = "",
) -> PriceAnswer:
    """Say what a unit of a variant costs in a market at a moment, and why; in one query.

    The trace has the rows in force. For a reader, `around` adds those that ended so shortly
    before the moment or begin so shortly after it, and brings along what the rows tell of: their
    groups, base prices, rates and rules, which are read one by one otherwise. With it, or with a
    coupon, the answer has the discounts too, as if this were all of a basket: four queries more.
    """
    request = PriceRequest(variant_id, quantity)
    answer = quote_prices(
        [request], market, moment=moment, group_ids=group_ids, around=around
    )[0]  # fmt: skip
    if around is None and not coupon:
        return answer
    circumstances = read_circumstances(
        market, moment=moment, group_ids=group_ids, coupon=coupon, around=around
    )
    discounts = discount_goods(_goods(answer), circumstances)
    return replace(answer, discounts=discounts)


def quote_prices(
    requests: Iterable[PriceRequest],
    market: Market,
    *,
    moment: datetime,
    group_ids: Collection[int] = (),
    around: timedelta | None = None,
) -> tuple[PriceAnswer, ...]:
    """Answer many requests as `quote_price` does, in their order, all in one query."""
    asked = tuple(requests)
    if any(request.quantity < 1 for request in asked):
        raise ValueError("a price is asked for one unit or more")
    rows = _rows({request.variant_id for request in asked}, market, moment=moment, around=around)
    groups = frozenset(group_ids)
    return tuple(
        _answer(request, rows.get(request.variant_id, ()), moment=moment, group_ids=groups)
        for request in asked
    )


def _goods(answer: PriceAnswer) -> tuple[Good, ...]:
    """Give a basket of nothing but what was asked for, empty where it is not sold."""
    if answer.amount is None:
        return ()
    product_id = Variant.objects.values_list("product_id", flat=True).get(pk=answer.variant_id)
    return (
        Good(
            key=str(answer.variant_id),
            variant_id=answer.variant_id,
            product_id=product_id,
            category_ids=category_ids_of([product_id]).get(product_id, frozenset()),
            quantity=answer.quantity,
            unit_price=answer.amount,
        ),
    )


def _rows(
    variant_ids: Collection[int], market: Market, *, moment: datetime, around: timedelta | None
) -> dict[int, list[Price]]:
    rows: dict[int, list[Price]] = {}
    for row in _found(variant_ids, market, moment=moment, around=around):
        rows.setdefault(row.variant_id, []).append(row)
    return rows


def _found(
    variant_ids: Collection[int], market: Market, *, moment: datetime, around: timedelta | None
) -> Iterable[Price]:
    if around is None:
        asked = {"market": market.pk, "variants": list(variant_ids), "moment": moment}
        return Price.objects.raw(_IN_FORCE, asked)
    return (
        Price.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=moment - around),
            market=market,
            variant_id__in=variant_ids,
            valid_from__lte=moment + around,
        )
        .order_by()
        .select_related("group", "base_price", "rate", "rule")
    )


def _answer(
    request: PriceRequest,
    rows: Sequence[Price],
    *,
    moment: datetime,
    group_ids: frozenset[int],
) -> PriceAnswer:
    applying: list[Price] = []
    lost: list[Tried] = []
    for row in rows:
        obstacle = _obstacle(
            row, rows, moment=moment, quantity=request.quantity, group_ids=group_ids
        )
        if obstacle is None:
            applying.append(row)
        else:
            lost.append(_tried(row, Verdict.LOST, obstacle))
    applying.sort(key=_preference)
    lost.sort(key=lambda tried: (tuple(Reason).index(tried.reason), _preference(tried.row)))
    winner = applying[0] if applying else None
    trace: list[Tried] = []
    for row in applying:
        if row is winner:
            reason = Reason.LOWEST if len(applying) > 1 else Reason.ONLY
            trace.append(_tried(row, Verdict.WON, reason))
        else:
            reason = Reason.DEARER if _amount(row) > _amount(applying[0]) else Reason.SAME_AMOUNT
            trace.append(_tried(row, Verdict.LOST, reason))
    return PriceAnswer(
        variant_id=request.variant_id,
        quantity=request.quantity,
        moment=moment,
        price=winner,
        trace=(*trace, *lost),
    )


def _obstacle(
    row: Price,
    rows: Sequence[Price],
    *,
    moment: datetime,
    quantity: int,
    group_ids: frozenset[int],
) -> Reason | None:
    """Say what keeps a row from applying at all."""
    if row.valid_from > moment:
        return Reason.NOT_YET
    ended = row.valid_to is not None and row.valid_to <= moment
    if row.kind == Price.Kind.DERIVED and any(
        _took_the_place(other, row, moment=moment, ended=ended) for other in rows
    ):
        return Reason.SET_BY_HAND
    if ended:
        return Reason.ENDED
    if row.group_id is not None and row.group_id not in group_ids:
        return Reason.OTHER_GROUP
    if row.min_quantity > quantity:
        return Reason.TOO_FEW
    return None


def _took_the_place(other: Price, derived: Price, *, moment: datetime, ended: bool) -> bool:
    """Tell whether a price set by hand stands where a derived one would."""
    return (
        other.kind == Price.Kind.MANUAL
        and (other.group_id, other.min_quantity) == (derived.group_id, derived.min_quantity)
        and other.valid_from <= moment
        and (other.valid_to is None or other.valid_to > moment)
        and (not ended or other.valid_from == derived.valid_to)
    )


def _preference(row: Price) -> tuple[Decimal, bool, bool, int, int]:
    """Order rows by how near they are to winning: of one amount, what was meant more closely."""
    return (
        _amount(row),
        row.kind == Price.Kind.DERIVED,
        row.group_id is None,
        -row.min_quantity,
        -row.pk,
    )


def _tried(row: Price, verdict: Verdict, reason: Reason) -> Tried:
    return Tried(_rule(row), row.pk, _amount(row), verdict, reason, row)


def _rule(row: Price) -> Rule:
    if row.kind == Price.Kind.DERIVED:
        return Rule.DERIVED
    return Rule.MANUAL if row.group_id is None and row.min_quantity == 1 else Rule.LIST


def _amount(row: Price) -> Decimal:
    return Decimal(row.amount.amount)


def _tiers(answer: PriceAnswer) -> tuple[tuple[int, Decimal], ...]:
    lowest = answer.amount
    tiers: list[tuple[int, Decimal]] = []
    if lowest is None:
        return ()
    larger = (tried for tried in answer.trace if tried.reason is Reason.TOO_FEW)
    for tried in sorted(larger, key=lambda tried: (tried.row.min_quantity, tried.amount)):
        if tried.amount < lowest:
            lowest = tried.amount
            tiers.append((tried.row.min_quantity, lowest))
    return tuple(tiers)
