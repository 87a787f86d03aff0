"""Which ways to pay are offered: rows decide, no code knows a method."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from djmoney.money import Money

from markets.models import Market
from markets.money import InexactAmount, UnknownCurrency, to_gateway
from payments.errors import MethodNotOffered
from payments.models import MethodOffer, PaymentMethod


def is_eligible(offer: MethodOffer, *, country: str, amount: Money, today: date) -> bool:
    """Say whether an offer covers a billing country and an amount on a day. Pure.

    A currency other than the market's is never covered, nor is an amount that the gateway cannot
    count; a method ends on `discontinued_on`.
    """
    method = offer.method
    if not method.is_active or amount.amount <= 0:
        return False
    if method.discontinued_on is not None and method.discontinued_on <= today:
        return False
    if amount.currency.code != offer.market.currency:
        return False
    if method.gateway == PaymentMethod.Gateway.STRIPE and not _can_be_charged(amount):
        return False
    if offer.countries and country not in offer.countries:
        return False
    if offer.min_amount is not None and amount.amount < offer.min_amount:
        return False
    return offer.max_amount is None or amount.amount <= offer.max_amount


def _can_be_charged(amount: Money) -> bool:
    """Say whether the gateway can count an amount: it takes no thousandths of a dinar."""
    try:
        to_gateway(amount.amount, amount.currency.code)
    except (InexactAmount, UnknownCurrency):
        return False
    return True


def select_methods(
    offers: Iterable[MethodOffer], *, country: str, amount: Money, today: date
) -> list[PaymentMethod]:
    """Pick the methods of the offers that cover a payment, in the offers' order. Pure."""
    return [
        offer.method
        for offer in sorted(offers, key=lambda offer: (offer.position, offer.method.code))
        if is_eligible(offer, country=country, amount=amount, today=today)
    ]


def list_methods(
    market: Market, *, country: str, amount: Money, today: date
) -> list[PaymentMethod]:
    """List the methods that a payment in a market may be made with, best first."""
    offers = MethodOffer.objects.filter(market=market).select_related("method", "market")
    return select_methods(offers, country=country, amount=amount, today=today)


def get_offer(
    method: PaymentMethod, market: Market, *, country: str, amount: Money, today: date
) -> MethodOffer:
    """Give the offer that covers a payment with a method; raise MethodNotOffered if none does."""
    offer = (
        MethodOffer.objects.filter(method=method, market=market)
        .select_related("method", "market")
        .first()
    )
    if offer is None or not is_eligible(offer, country=country, amount=amount, today=today):
        raise MethodNotOffered(
            f"{method.code} does not take {amount} of {country} in {market.code}"
        )
    return offer


def day_in(market: Market, *, now: datetime) -> date:
    """Give the day that it is in a market."""
    return now.astimezone(ZoneInfo(market.time_zone)).date()
