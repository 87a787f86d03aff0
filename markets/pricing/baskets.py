"""The one answer to what a basket costs: its prices, and what promotions take off them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from markets.models import Market
from markets.pricing.quoting import PriceAnswer, PriceRequest, quote_prices
from markets.promotions import (
    BasketDiscounts,
    Circumstances,
    Good,
    discount_goods,
    read_circumstances,
)


@dataclass(frozen=True)
class BasketLine:
    variant_id: int
    product_id: int
    category_ids: frozenset[int]  # The product's category and all above it.
    quantity: int


@dataclass(frozen=True)
class BasketAnswer:
    """What a basket costs, in the market's currency; the lines are in the order asked.

    A line whose price is None is not sold here, and counts for nothing.
    """

    market: Market
    moment: datetime
    lines: tuple[PriceAnswer, ...]
    discounts: BasketDiscounts
    delivery: Decimal | None = None
    _goods: tuple[Good, ...] = field(default=(), repr=False, compare=False)
    _circumstances: Circumstances | None = field(default=None, repr=False, compare=False)

    def discount_of(self, variant_id: int) -> Decimal:
        """Give what is taken off all units of a variant."""
        return self.discounts.of_line(str(variant_id))

    @property
    def goods(self) -> Decimal:
        """The goods before discounts."""
        amounts = ((line.amount or Decimal(0)) * line.quantity for line in self.lines)
        return sum(amounts, Decimal(0))

    @property
    def total(self) -> Decimal:
        """The goods, with delivery where its price is given, after discounts."""
        return self.goods + (self.delivery or Decimal(0)) - self.discounts.total


def quote_basket(
    lines: Sequence[BasketLine],
    market: Market,
    *,
    moment: datetime,
    group_ids: Collection[int] = (),
    coupon: str = "",
    customer: str = "",
    delivery: Decimal | None = None,
) -> BasketAnswer:
    """Say what lines of different variants cost in a market at a moment; in three queries at most.

    The customer is an e-mail address, or empty. Raises ValueError where a variant comes twice,
    whose quantity decides about its price.
    """
    if len({line.variant_id for line in lines}) < len(lines):
        raise ValueError("a variant is in two lines of a basket")
    requests = [PriceRequest(line.variant_id, line.quantity) for line in lines]
    answers = quote_prices(requests, market, moment=moment, group_ids=group_ids)
    circumstances = read_circumstances(
        market, moment=moment, group_ids=group_ids, coupon=coupon, customer=customer
    )
    goods = tuple(
        Good(
            key=str(line.variant_id),
            variant_id=line.variant_id,
            product_id=line.product_id,
            category_ids=line.category_ids,
            quantity=line.quantity,
            unit_price=answer.amount,
        )
        for line, answer in zip(lines, answers, strict=True)
        if answer.amount is not None
    )
    return BasketAnswer(
        market=market,
        moment=moment,
        lines=answers,
        discounts=discount_goods(goods, circumstances, delivery=delivery),
        delivery=delivery,
        _goods=goods,
        _circumstances=circumstances,
    )


def with_delivery(answer: BasketAnswer, delivery: Decimal) -> BasketAnswer:
    """Give the same answer with a price of delivery, without a query."""
    if answer._circumstances is None:
        raise ValueError("the answer was not given by quote_basket")
    discounts = discount_goods(answer._goods, answer._circumstances, delivery=delivery)
    return replace(answer, discounts=discounts, delivery=delivery)
