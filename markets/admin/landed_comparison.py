"""What the same goods cost in many destinations on a day: the shop's own answer for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast

from catalog.models import Variant
from markets.derivation import NoRate
from markets.models import Market, MarketCountry
from markets.pricing import PriceRequest, quote_prices
from markets.tax import STANDARD, Goods, NoTaxRate, Parcel, Place, TaxAnswer, TaxBasket, TaxRounding
from markets.tax.providers import convert_on, get_provider

_NOON = time(12)


@dataclass(frozen=True)
class Wanted:
    """Units of a variant."""

    variant: Variant
    quantity: int


@dataclass(frozen=True)
class Inquiry:
    """The goods, where they are sent from and when; `delivery` is in `delivery_currency`.

    With a market its prices hold everywhere, else those of the market of each country.
    """

    goods: tuple[Wanted, ...]
    ship_from: Place
    on: date
    delivery: Decimal = Decimal(0)
    delivery_currency: str = "EUR"
    market: Market | None = None


@dataclass(frozen=True)
class Outcome:
    """The answer for one destination, or why there is none."""

    destination: Place
    market: Market | None
    answer: TaxAnswer | None = None
    is_priced_today: bool = False  # The day has no prices.
    problem: str = ""  # A code: "not_served", "not_sold", "no_tax_rate", "no_exchange_rate".


@dataclass(frozen=True)
class _Priced:
    amounts: Mapping[int, Decimal]
    is_today: bool


def compare_destinations(
    inquiry: Inquiry, destinations: Iterable[Place], *, now: datetime
) -> list[Outcome]:
    """Quote the goods in each destination, in order; prices are read once for each market.

    Where the day has no prices, those of now are taken: law of long ago and of years to come can
    be looked at too.
    """
    served = {row.country: row.market for row in MarketCountry.objects.select_related("market")}
    prices: dict[int, _Priced | None] = {}
    outcomes = []
    for place in destinations:
        market = inquiry.market or served.get(place.country)
        if market is None:
            outcomes.append(Outcome(place, None, problem="not_served"))
            continue
        if market.pk not in prices:
            prices[market.pk] = _price(inquiry, market, now=now)
        found = prices[market.pk]
        if found is None:
            outcomes.append(Outcome(place, market, problem="not_sold"))
            continue
        outcomes.append(_outcome(inquiry, place, market=market, priced=found))
    return outcomes


def _outcome(inquiry: Inquiry, place: Place, *, market: Market, priced: _Priced) -> Outcome:
    try:
        basket = _basket(inquiry, place, market=market, prices=priced.amounts)
        answer = get_provider().quote(basket)
        return Outcome(place, market, answer=answer, is_priced_today=priced.is_today)
    except NoTaxRate:
        return Outcome(place, market, problem="no_tax_rate")
    except NoRate:
        return Outcome(place, market, problem="no_exchange_rate")


def _price(inquiry: Inquiry, market: Market, *, now: datetime) -> _Priced | None:
    """Give the price of a unit of each variant, or None where one of them is not sold."""
    noon = datetime.combine(inquiry.on, _NOON, market.zone)
    for moment in (noon, now):
        requests = [PriceRequest(want.variant.pk, want.quantity) for want in inquiry.goods]
        answers = quote_prices(requests, market, moment=moment)
        amounts = {
            answer.variant_id: answer.amount for answer in answers if answer.amount is not None
        }
        if len(amounts) == len(inquiry.goods):
            return _Priced(amounts, is_today=moment is now)
    return None


def _basket(
    inquiry: Inquiry, place: Place, *, market: Market, prices: Mapping[int, Decimal]
) -> TaxBasket:
    home = market.countries.first()
    return TaxBasket(
        ship_to=place,
        parcels=(Parcel(inquiry.ship_from, _goods(inquiry.goods, prices)),),
        shipping=convert_on(
            inquiry.delivery, inquiry.delivery_currency, market.currency, on=inquiry.on
        ),
        currency=market.currency,
        prices_include_tax=market.prices_include_tax,
        tax_mode="net_fixed" if market.tax_mode == "net_fixed" else "gross_fixed",
        home=Place(home.country) if home else place,
        rounding=cast("TaxRounding", market.tax_rounding),
        on=inquiry.on,
        market_id=market.pk,
    )


def _goods(wanted: Sequence[Wanted], prices: Mapping[int, Decimal]) -> tuple[Goods, ...]:
    return tuple(
        Goods(
            key=want.variant.sku,
            amount=prices[want.variant.pk] * want.quantity,
            quantity=want.quantity,
            category=want.variant.tax_category_id or STANDARD,
            hs_code=want.variant.hs_code,
            origin=want.variant.origin_country,
            weight_grams=want.variant.weight_grams * want.quantity,
        )
        for want in wanted
    )
