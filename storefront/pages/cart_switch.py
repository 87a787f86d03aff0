"""What becomes of a cart in another market."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from djmoney.money import Money

from orders.models import Cart
from storefront.accounts.customer_groups import list_group_ids
from storefront.pages.frame import own_name
from storefront.quoting import price_goods, quote_cart
from storefront.shops import Shop, list_shops


@dataclass(frozen=True)
class ComparedLine:
    """A line before and after, by the unit and in all; None where a market does not sell it."""

    title: str
    options: str
    quantity: int
    unit_before: Money | None
    unit_after: Money | None

    @property
    def before(self) -> Money | None:
        return self.unit_before * self.quantity if self.unit_before else None

    @property
    def after(self) -> Money | None:
        return self.unit_after * self.quantity if self.unit_after else None


@dataclass(frozen=True)
class Comparison:
    old_market: str
    old_url: str
    new_market: str
    lines: tuple[ComparedLine, ...]
    before: Money
    after: Money


def compare_markets(cart: Cart, shop: Shop, *, now: datetime) -> Comparison:
    """Price a cart's lines in its own market and in another one; changes nothing."""
    quote = quote_cart(cart, now=now)
    answers = price_goods(
        [(line.variant, line.quantity) for line in quote.lines],
        shop.market,
        now=now,
        group_ids=list_group_ids(cart.user_id),
    )
    lines = [
        ComparedLine(
            title=line.title,
            options=line.options,
            quantity=line.quantity,
            unit_before=Money(line.unit_price, quote.currency) if line.price else None,
            unit_after=answer.price.amount if answer.price else None,
        )
        for line, answer in zip(quote.lines, answers, strict=True)
    ]
    old = _shop_of(cart, language=shop.language)
    return Comparison(
        old_market=own_name(cart.market, shop.language),
        old_url=old.url("shop:cart") if old else reverse("shop:home"),
        new_market=own_name(shop.market, shop.language),
        lines=tuple(lines),
        before=Money(quote.goods, quote.currency),
        after=Money(
            sum((line.after.amount for line in lines if line.after), Decimal(0)), shop.currency
        ),
    )


def _shop_of(cart: Cart, *, language: str) -> Shop | None:
    shops = [shop for shop in list_shops() if shop.market.pk == cart.market_id]
    same = (shop for shop in shops if shop.language == language)
    return next(same, None) or next(iter(shops), None)
