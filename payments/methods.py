"""Which ways to pay are offered: rows decide, no code knows a method."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from djmoney.money import Money
from modeltranslation.utils import build_localized_fieldname

from markets.models import Market
from markets.money import InexactAmount, UnknownCurrency, to_gateway
from payments.errors import MethodNotOffered
from payments.models import MethodOffer, PaymentMethod

NOTHING = PaymentMethod.Gateway.NOTHING


def is_eligible(offer: MethodOffer, *, country: str, amount: Money, today: date) -> bool:
    """Say whether an offer covers a billing country and an amount on a day. Pure.

    A currency other than the market's is never covered, nor is an amount that the gateway cannot
    count; a method ends on `discontinued_on`.
    """
    method = offer.method
    if method.gateway == NOTHING or amount.amount <= 0 or not _is_in_use(method, today=today):
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


def _is_in_use(method: PaymentMethod, *, today: date) -> bool:
    ended = method.discontinued_on is not None and method.discontinued_on <= today
    return method.is_active and not ended


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
    """List the methods that a payment in a market may be made with, best first.

    For an amount of zero it is the one method that takes no money, in every market; no row needs
    to offer it, and only staff who put it out of use keep it back.
    """
    if amount.amount == 0:
        method = _nothing_to_pay()
        offered = amount.currency.code == market.currency and _is_in_use(method, today=today)
        return [method] if offered else []
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


def keep_nothing_to_pay(method: PaymentMethod, *, today: date) -> PaymentMethod:
    """Give the row of the method for orders that cost nothing; the first such order makes it.

    Raises MethodNotOffered for any other method, and if it is out of use.
    """
    if method.gateway != NOTHING:
        raise MethodNotOffered(f"{method.code} is not for an order that costs nothing")
    kept, _made = PaymentMethod.objects.get_or_create(gateway=NOTHING, defaults=_fields())
    if not _is_in_use(kept, today=today):
        raise MethodNotOffered(f"{kept.code} is out of use")
    return kept


def _nothing_to_pay() -> PaymentMethod:
    found = PaymentMethod.objects.filter(gateway=NOTHING).first()
    # A page only shows it: whoever reads writes nothing.
    return found or PaymentMethod(gateway=NOTHING, **_fields())


def _fields() -> dict[str, Any]:
    fields = {"code": "nothing"}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            fields[build_localized_fieldname("name", language)] = gettext("Nothing to pay")
    return fields


def day_in(market: Market, *, now: datetime) -> date:
    """Give the day that it is in a market."""
    return now.astimezone(ZoneInfo(market.time_zone)).date()
