"""What becomes of a cart in another market."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from djmoney.money import Money

from orders.models import Cart
from storefront.pages.discount_words import ShownCoupon, show_coupon
from storefront.pages.frame import own_name
from storefront.quoting import QuoteLine, quote_cart
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
    """A cart's goods here and there: discounts are below zero, `before` and `after` after them."""

    old_market: str
    old_url: str
    new_market: str
    lines: tuple[ComparedLine, ...]
    discount_before: Money
    discount_after: Money
    before: Money
    after: Money
    coupon: ShownCoupon | None
    ends_lock: bool

    @property
    def has_discounts(self) -> bool:
        return bool(self.discount_before.amount or self.discount_after.amount)

    @property
    def missing(self) -> int:
        """How many lines only the old market sells."""
        return sum(1 for line in self.lines if line.unit_before and not line.unit_after)


def compare_markets(cart: Cart, shop: Shop, *, now: datetime) -> Comparison:
    """Price a cart's goods in its own market and in another one; changes nothing.

    In its own market prices are those that the cart holds, if it does; in the other one they are
    those of now. Discounts on delivery are left out, as delivery is.
    """
    here = quote_cart(cart, now=now)
    there = quote_cart(_moved(cart, shop), now=now)
    off_here, off_there = here.discount_on_goods, there.discount_on_goods
    old = _shop_of(cart, language=shop.language)
    return Comparison(
        old_market=own_name(cart.market, shop.language),
        old_url=old.url("shop:cart") if old else reverse("shop:home"),
        new_market=own_name(shop.market, shop.language),
        lines=tuple(
            ComparedLine(
                title=line.title,
                options=line.options,
                quantity=line.quantity,
                unit_before=_unit(line, here.currency),
                unit_after=_unit(other, there.currency),
            )
            for line, other in zip(here.lines, there.lines, strict=True)
        ),
        discount_before=Money(-off_here, here.currency),
        discount_after=Money(-off_there, there.currency),
        before=Money(here.goods - off_here, here.currency),
        after=Money(there.goods - off_there, there.currency),
        coupon=show_coupon(there.coupon, currency=shop.currency, locale=shop.locale),
        ends_lock=cart.held_until(now) is not None,
    )


def _moved(cart: Cart, shop: Shop) -> Cart:
    """Give the cart as it would be after a move, without moving it."""
    moved = copy(cart)
    moved.market = shop.market
    moved.priced_at = moved.prices_held_until = None
    return moved


def _unit(line: QuoteLine, currency: str) -> Money | None:
    return Money(line.unit_price, currency) if line.price else None


def _shop_of(cart: Cart, *, language: str) -> Shop | None:
    shops = [shop for shop in list_shops() if shop.market.pk == cart.market_id]
    same = (shop for shop in shops if shop.language == language)
    return next(same, None) or next(iter(shops), None)
