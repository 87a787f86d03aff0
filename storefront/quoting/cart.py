import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from catalog.reference import one_reference
from fulfillment.delivery import DeliveryChoice, list_delivery
from fulfillment.stock import stock_notes
from markets.derivation import NoRate
from markets.legality import Obstacle, list_obstacles
from markets.models import Market
from markets.pricing.baskets import BasketAnswer
from markets.selectors import list_countries
from markets.tax import NoTaxRate, Place
from markets.tax_ids import buyer_of
from orders.models import Cart
from storefront.accounts.customer_groups import list_group_ids
from storefront.quoting.details import CartDetails
from storefront.quoting.pricing import Shopper, price_goods, with_cheapest
from storefront.quoting.quote import CartQuote, QuoteLine
from storefront.quoting.rows import CartRows, read_cart
from storefront.quoting.taxing import Sending, Taxed, TaxGoods, tax_goods

logger = logging.getLogger(__name__)


def quote_cart(
    cart: Cart,
    *,
    now: datetime,
    country: str | None = None,
    region: str = "",
    postal_code: str = "",
    option: str | None = None,
    customer: str = "",
) -> CartQuote:
    """Price a cart in its market; with a country also its delivery and its tax.

    Without a country the market's own first one stands in where prices include tax: the total
    is the same in all of them. `option` is a delivery option's code, else the first is taken.
    Where a tax rate is missing, or an exchange rate for a limit of law, nothing is delivered: what
    cannot be taxed is not sold. So where duty is not known and the lane does not sell without it.
    `customer` is an e-mail address, else the cart's; limits per customer are checked by it.

    Prices, rates and promotions are those of the cart's pricing moment; stock, delivery and tax
    are those of now. Free-delivery thresholds count goods before discounts; tax is assessed on
    what is left after them. A discount on delivery never exceeds the cheapest way of delivery.

    All of it comes from one reading of the reference data, in a transaction from one made there.
    Three queries, one more where that is due, and one each for a shopper with an account and for
    a coupon. What a page shows beside amounts is read when it is asked for: see CartDetails.
    """

    def choose(choices: Sequence[DeliveryChoice]) -> DeliveryChoice | None:
        named = (choice for choice in choices if choice.option == option)
        return next(named, next(iter(choices), None))

    with one_reference():
        return quote_rows(
            read_cart(cart),
            cart.market,
            now=now,
            moment=cart.pricing_moment(now),
            held_until=cart.held_until(now),
            place=None if country is None else Place(country, region, postal_code),
            choose=choose,
            shopper=Shopper(list_group_ids(cart.user_id), cart.coupon, customer or cart.email),
            tax_id=cart.tax_id,
        )


def quote_rows(
    rows: CartRows,
    market: Market,
    *,
    now: datetime,
    moment: datetime,
    held_until: datetime | None = None,
    place: Place | None,
    choose: Callable[[Sequence[DeliveryChoice]], DeliveryChoice | None],
    shopper: Shopper,
    tax_id: str = "",
) -> CartQuote:
    """Quote lines as `quote_cart` does, which may be of no cart, at the prices of a moment.

    What has no price at a moment that is held has that of now. `choose` is asked for one of the
    ways of delivery, which may be none; what it raises is raised.
    """
    today = now.astimezone(market.zone).date()
    refused = list_obstacles(
        {row.product_id for row in rows},
        market,
        today,
        country=place.country if place else "",
        region=place.region if place else "",
    )
    rows = rows.refusing(refused)
    late = now if held_until else None
    goods = price_goods(rows, market, moment=moment, late=late, shopper=shopper)
    sold = {answer.variant_id: answer.quantity for answer in goods.lines if answer.price}
    to = place or Place(next(iter(list_countries(market)), ""))
    deliveries = list_delivery(
        market,
        country=to.country,
        region=to.region,
        postal_code=to.postal_code,
        items=sold,
        goods_total=goods.goods,
        now=now,
        shelf=rows.shelf,
    )
    delivery = choose(deliveries)
    basket = with_cheapest(goods, deliveries)
    lines = _lines(rows, basket, group_ids=shopper.group_ids, refused=refused, today=today)
    taxed = None
    if sold and (place is not None or market.prices_include_tax):
        shipping = delivery.price.amount - basket.discounts.delivery if delivery else Decimal(0)
        buyer = buyer_of(tax_id, country=to.country, postal_code=to.postal_code, now=now)
        sending = Sending(to, delivery, shipping, buyer)
        try:
            taxed = _tax(rows, lines, sending, market=market, now=now)
        except (NoTaxRate, NoRate) as error:
            logger.warning("Market %s does not sell to %s: %s", market.code, to, error)
            deliveries, delivery, basket = [], None, goods
    return CartQuote(
        market=market,
        to=to,
        lines=lines,
        deliveries=tuple(deliveries),
        delivery=delivery,
        promotions=basket.discounts,
        taxed_basket=taxed,
        priced_at=moment,
        held_until=held_until,
    )


def _lines(
    rows: CartRows,
    basket: BasketAnswer,
    *,
    group_ids: Sequence[int],
    refused: Mapping[int, tuple[Obstacle, ...]],
    today: date,
) -> tuple[QuoteLine, ...]:
    market = basket.market
    prices = {answer.variant_id: answer.price for answer in basket.lines}
    variant_ids = [row.variant_id for row in rows]
    details = CartDetails(variant_ids, answers=basket.lines, market=market, group_ids=group_ids)
    notes = stock_notes(variant_ids, market, today=today, shelf=rows.shelf)
    return tuple(
        QuoteLine(
            variant_id=row.variant_id,
            quantity=row.quantity,
            stock=notes[row.variant_id],
            tax_category=row.tax_category,
            price=prices.get(row.variant_id),
            details=details,
            discount=basket.discount_of(row.variant_id),
            obstacles=refused.get(row.product_id, ()),
        )
        for row in rows
    )


def _tax(
    rows: CartRows,
    lines: Sequence[QuoteLine],
    sending: Sending,
    *,
    market: Market,
    now: datetime,
) -> Taxed:
    """Tax lines and delivery after discounts, by the rules of now."""
    goods = [
        TaxGoods(
            variant_id=line.variant_id,
            amount=line.total - line.discount,
            quantity=line.quantity,
            category=line.tax_category,
            hs_code=row.hs_code,
            origin=row.origin,
            unit_grams=row.weight_grams,
        )
        for row, line in zip(rows, lines, strict=True)
        if line.price
    ]
    return tax_goods(goods, sending, market=market, now=now)
