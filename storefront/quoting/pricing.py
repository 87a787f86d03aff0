"""What goods cost, and what promotions take off them and their delivery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from fulfillment.delivery import DeliveryChoice
from markets.models import Market
from markets.pricing import PriceRequest, quote_prices
from markets.pricing.baskets import BasketAnswer, BasketLine, quote_basket, with_delivery
from markets.promotions import Good, discount_goods, read_circumstances
from storefront.quoting.rows import CartRow


@dataclass(frozen=True)
class Shopper:
    """Who asks: the groups, the coupon as typed and the e-mail address, which may be empty."""

    group_ids: tuple[int, ...]
    coupon: str
    customer: str


def price_goods(
    rows: Iterable[CartRow],
    market: Market,
    *,
    moment: datetime,
    late: datetime | None,
    shopper: Shopper,
) -> BasketAnswer:
    """Price what is for sale at a moment; what had no price then has that of `late`, if given."""
    lines = [
        BasketLine(
            variant_id=row.variant_id,
            product_id=row.product_id,
            category_ids=row.category_ids,
            quantity=row.quantity,
        )
        for row in rows
        if row.is_for_sale
    ]
    basket = quote_basket(lines, market, moment=moment, **vars(shopper))
    if late and moment < late and any(answer.price is None for answer in basket.lines):
        return _with_late_goods(basket, lines, now=late, shopper=shopper)
    return basket


def _with_late_goods(
    basket: BasketAnswer,
    lines: Sequence[BasketLine],
    *,
    now: datetime,
    shopper: Shopper,
) -> BasketAnswer:
    """Give what had no price at the basket's moment the price of now."""
    late = [
        PriceRequest(answer.variant_id, answer.quantity)
        for answer in basket.lines
        if answer.price is None
    ]
    found = {
        answer.variant_id: answer
        for answer in quote_prices(late, basket.market, moment=now, group_ids=shopper.group_ids)
    }
    answers = tuple(found.get(answer.variant_id, answer) for answer in basket.lines)
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
    circumstances = read_circumstances(basket.market, moment=basket.moment, **vars(shopper))
    return replace(
        basket,
        lines=answers,
        discounts=discount_goods(goods, circumstances),
        _goods=goods,
        _circumstances=circumstances,
    )


def with_cheapest(goods: BasketAnswer, deliveries: Sequence[DeliveryChoice]) -> BasketAnswer:
    """Let promotions take off delivery too, as much as its cheapest way costs at most."""
    if not deliveries:
        return goods
    return with_delivery(goods, min(Decimal(choice.price.amount) for choice in deliveries))
