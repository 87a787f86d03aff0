"""What is to be taxed of a basket: its goods in parcels, by where each unit would be sent from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fulfillment.delivery import DeliveryChoice
from markets.models import Market
from markets.money import split
from markets.selectors import list_countries
from markets.tax import Buyer, Goods, Parcel, Place, TaxAnswer, TaxBasket, TaxRounding
from markets.tax.providers import get_provider
from markets.tax_ids import KnownBuyer


@dataclass(frozen=True)
class TaxGoods:
    """A line to tax: `amount` is as shown, after discounts, for all units together."""

    variant_id: int
    amount: Decimal
    quantity: int
    category: str
    hs_code: str
    origin: str
    unit_grams: int


@dataclass(frozen=True)
class Taxed:
    """A basket with what it is taxed: the question beside the answer, as an order keeps both."""

    basket: TaxBasket
    answer: TaxAnswer
    buyer: KnownBuyer


@dataclass(frozen=True)
class Sending:
    """How and to whom goods are sent; `shipping` is what delivery costs after discounts.

    Without a delivery all goods count as sent from where they go to.
    """

    to: Place
    delivery: DeliveryChoice | None
    shipping: Decimal
    buyer: KnownBuyer


def tax_goods(
    goods: Sequence[TaxGoods], sending: Sending, *, market: Market, now: datetime
) -> Taxed:
    """Ask the tax provider what goods and their delivery owe, by the rules of now.

    Amounts are in the market's currency. Raises NoTaxRate where something cannot be taxed.
    """
    basket = TaxBasket(
        ship_to=sending.to,
        parcels=_parcels(goods, sending, currency=market.currency),
        shipping=sending.shipping,
        currency=market.currency,
        prices_include_tax=market.prices_include_tax,
        tax_mode="net_fixed" if market.tax_mode == "net_fixed" else "gross_fixed",
        home=Place(list_countries(market)[0]),
        rounding=_rounding(market),
        on=now.astimezone(market.zone).date(),
        buyer=Buyer(
            is_business=sending.buyer.is_business,
            tax_id=sending.buyer.tax_id,
            tax_id_country=sending.buyer.tax_id_country,
            tax_id_valid=sending.buyer.tax_id_valid,
        ),
        market_id=market.pk,
    )
    return Taxed(basket, get_provider().quote(basket), sending.buyer)


def _rounding(market: Market) -> TaxRounding:
    if market.tax_rounding == "rate_group":
        return "rate_group"
    return "unit" if market.tax_rounding == "unit" else "line"


def _parcels(goods: Sequence[TaxGoods], sending: Sending, *, currency: str) -> tuple[Parcel, ...]:
    """Pack what each warehouse sends; a line's amount is shared out by units, to the last cent."""
    if sending.delivery is None or not sending.delivery.consignments:
        return (
            Parcel(sending.to, tuple(_part(line, line.amount, line.quantity) for line in goods)),
        )
    consignments = sending.delivery.consignments
    packed: list[list[Goods]] = [[] for _ in consignments]
    for line in goods:
        units = [consignment.units.get(line.variant_id, 0) for consignment in consignments]
        amounts = split(line.amount, units, currency)
        for contents, quantity, amount in zip(packed, units, amounts, strict=True):
            if quantity:
                contents.append(_part(line, amount, quantity))
    return tuple(
        Parcel(Place(row.country, row.region, row.postal_code), tuple(contents))
        for row, contents in zip(consignments, packed, strict=True)
    )


def _part(line: TaxGoods, amount: Decimal, quantity: int) -> Goods:
    return Goods(
        key=str(line.variant_id),
        amount=amount,
        quantity=quantity,
        category=line.category,
        hs_code=line.hs_code,
        origin=line.origin,
        weight_grams=line.unit_grams * quantity,
    )
