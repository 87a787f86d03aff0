"""What a shopper reads of discounts: why a coupon does not hold, and what is nearly reached."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from djmoney.money import Money

from markets.money import format_money
from markets.promotions import CouponAnswer, CouponReason, PromotionReason
from storefront.quoting import CartQuote


@dataclass(frozen=True)
class ShownDiscount:
    """What one promotion takes off; the amount is below zero, as the sum is written."""

    label: str
    amount: Money


@dataclass(frozen=True)
class ShownCoupon:
    """A code that was entered; `text` says why it does not hold, if it does not."""

    code: str
    holds: bool
    text: str


def show_discounts(quote: CartQuote) -> tuple[ShownDiscount, ...]:
    return tuple(
        ShownDiscount(row.label, Money(-row.amount, quote.currency)) for row in quote.discounts
    )


def show_coupon(answer: CouponAnswer | None, *, currency: str, locale: str) -> ShownCoupon | None:
    """Say what became of a coupon; None if none was entered."""
    if answer is None:
        return None
    text = "" if answer.holds else coupon_sentence(answer, currency=currency, locale=locale)
    return ShownCoupon(answer.code, answer.holds, text)


def coupon_sentence(answer: CouponAnswer, *, currency: str, locale: str) -> str:
    """Say in one sentence why a coupon does not hold for a cart."""
    words = {"code": _isolated(answer.code)}
    if answer.reason is CouponReason.CONDITIONS and answer.missing is not None:
        words["amount"] = _amount(answer.missing, currency=currency, locale=locale)
        return _("Spend %(amount)s more to use the coupon %(code)s.") % words
    return _SENTENCES[answer.reason]() % words


def nearly_reached(quote: CartQuote, *, locale: str) -> str:
    """Say what is missing to the nearest promotion that needs no coupon; empty if none is near.

    Near is what the goods in the cart have reached at least half of.
    """
    of_coupon = quote.coupon.missing if quote.coupon else None
    near = [
        (tried.missing, tried.name)
        for tried in quote.promotions.tried
        if tried.reason is PromotionReason.BELOW_THRESHOLD
        and tried.missing is not None
        and tried.missing != of_coupon
        and tried.missing <= quote.goods
    ]
    if not near:
        return ""
    missing, name = min(near)
    amount = _amount(missing, currency=quote.currency, locale=locale)
    return _("Spend %(amount)s more for: %(name)s") % {"amount": amount, "name": name}


_SENTENCES: dict[CouponReason, Callable[[], str]] = {
    CouponReason.UNKNOWN: lambda: _("We know no coupon %(code)s. Check how it is written."),
    CouponReason.NOT_YET: lambda: _("The coupon %(code)s does not hold yet."),
    CouponReason.ENDED: lambda: _("The coupon %(code)s has ended."),
    CouponReason.OTHER_MARKET: lambda: _("The coupon %(code)s does not hold in this shop."),
    CouponReason.OTHER_GROUP: lambda: _(
        "The coupon %(code)s is for some customers only. If you are one, sign in."
    ),
    CouponReason.USED_UP: lambda: _("The coupon %(code)s is used up."),
    CouponReason.CUSTOMER_LIMIT: lambda: _("You have used the coupon %(code)s already."),
    CouponReason.NO_MATCH: lambda: _("The coupon %(code)s is for other goods."),
    CouponReason.CONDITIONS: lambda: _("The coupon %(code)s needs more of its goods."),
    CouponReason.NOT_BEST: lambda: _(
        "The coupon %(code)s is not used: without it you pay no more."
    ),
}


def _amount(amount: Decimal, *, currency: str, locale: str) -> str:
    return _isolated(format_money(amount, currency, locale))


def _isolated(text: str) -> str:
    """Keep a code or an amount in one piece where the text around it runs the other way."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
