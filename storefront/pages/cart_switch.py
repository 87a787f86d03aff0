"""What becomes of a cart in another market."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from djmoney.money import Money

from markets.pricing import prices_in_force
from orders.models import Cart
from storefront.pages.frame import own_name
from storefront.quoting import quote_cart
from storefront.shops import Shop, list_shops


@dataclass(frozen=True)
class ComparedLine:
    """A line before and after; `after` is None where the new market does not sell it."""

    title: str
    options: str
    quantity: int
    before: Money
    after: Money | None


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
    prices = prices_in_force([line.variant.pk for line in quote.lines], shop.market, now=now)
    lines = []
    for line in quote.lines:
        price = prices.get(line.variant.pk)
        lines.append(
            ComparedLine(
                title=line.title,
                options=line.options,
                quantity=line.quantity,
                before=Money(line.total, quote.currency),
                after=price.amount * line.quantity if price else None,
            )
        )
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
