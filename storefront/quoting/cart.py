import logging
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from catalog.reference import one_reference
from fulfillment.delivery import list_delivery
from fulfillment.stock import available
from markets.models import Market
from markets.pricing.baskets import BasketAnswer
from markets.selectors import list_countries
from markets.tax import NoTaxRate, Taxable, TaxResult, assess
from markets.taxes import tax_rules
from orders.models import Cart
from storefront.accounts.customer_groups import list_group_ids
from storefront.quoting.details import CartDetails
from storefront.quoting.pricing import Shopper, price_goods, with_cheapest
from storefront.quoting.quote import CartQuote, QuoteLine
from storefront.quoting.rows import CartRows, read_cart

logger = logging.getLogger(__name__)
# Delivery is taxed as most goods are, until an order's own mix of rates is followed.
SHIPPING_TAX_CATEGORY = "standard"
_SHIPPING = "shipping"


def quote_cart(
    cart: Cart,
    *,
    now: datetime,
    country: str | None = None,
    region: str = "",
    option: str | None = None,
    customer: str = "",
) -> CartQuote:
    """Price a cart in its market; with a country also its delivery and its tax.

    Without a country the market's own first one stands in where prices include tax: the total
    is the same in all of them. `option` is a delivery option's code, else the first is taken.
    Where a tax rate is missing nothing is delivered: what cannot be taxed is not sold.
    `customer` is an e-mail address, else the cart's; limits per customer are checked by it.

    Prices, rates and promotions are those of the cart's pricing moment; stock, delivery and tax
    are those of now. Free-delivery thresholds count goods before discounts; tax is assessed on
    what is left after them. A discount on delivery never exceeds the cheapest way of delivery.

    All of it comes from one reading of the reference data, in a transaction from one made there.
    Three queries, one more where that is due, and one each for a shopper with an account and for
    a coupon. What a page shows beside amounts is read when it is asked for: see CartDetails.
    """
    with one_reference():
        return _quote(
            cart, now=now, country=country, region=region, option=option, customer=customer
        )


def _quote(
    cart: Cart,
    *,
    now: datetime,
    country: str | None,
    region: str,
    option: str | None,
    customer: str,
) -> CartQuote:
    market = cart.market
    rows = read_cart(cart)
    shopper = Shopper(list_group_ids(cart.user_id), cart.coupon, customer or cart.email)
    goods = price_goods(cart, rows, now=now, shopper=shopper)
    sold = {answer.variant_id: answer.quantity for answer in goods.lines if answer.price}
    place = country or list_countries(market)[0]
    deliveries = list_delivery(
        market, country=place, items=sold, goods_total=goods.goods, now=now, shelf=rows.shelf
    )
    chosen = next((choice for choice in deliveries if choice.option == option), None)
    delivery = chosen or next(iter(deliveries), None)
    basket = with_cheapest(goods, deliveries)
    lines = _lines(rows, basket, group_ids=shopper.group_ids)
    tax = None
    if sold and (country is not None or market.prices_include_tax):
        shipping = delivery.price.amount - basket.discounts.delivery if delivery else None
        try:
            tax = _tax(market, lines, shipping, country=place, region=region, now=now)
        except NoTaxRate as error:
            logger.warning(
                "Market %s does not sell to %s %s: %s", market.code, place, region, error
            )
            deliveries, delivery, basket = [], None, goods
    return CartQuote(
        market=market,
        lines=lines,
        deliveries=tuple(deliveries),
        delivery=delivery,
        promotions=basket.discounts,
        tax=tax,
        priced_at=cart.pricing_moment(now),
        held_until=cart.held_until(now),
    )


def _lines(
    rows: CartRows, basket: BasketAnswer, *, group_ids: Sequence[int]
) -> tuple[QuoteLine, ...]:
    market = basket.market
    prices = {answer.variant_id: answer.price for answer in basket.lines}
    variant_ids = [row.variant_id for row in rows]
    details = CartDetails(variant_ids, answers=basket.lines, market=market, group_ids=group_ids)
    stock = available(variant_ids, market, shelf=rows.shelf)
    return tuple(
        QuoteLine(
            variant_id=row.variant_id,
            quantity=row.quantity,
            available=stock[row.variant_id],
            tax_category=row.tax_category,
            price=prices.get(row.variant_id),
            details=details,
            discount=basket.discount_of(row.variant_id),
        )
        for row in rows
    )


def _tax(
    market: Market,
    lines: Sequence[QuoteLine],
    shipping: Decimal | None,
    *,
    country: str,
    region: str,
    now: datetime,
) -> TaxResult:
    """Assess lines and delivery after discounts, by the rates of now."""
    taxables = [
        Taxable(
            key=str(line.variant_id),
            amount=line.total - line.discount,
            category=line.tax_category,
        )
        for line in lines
        if line.price
    ]
    if shipping is not None:
        taxables.append(Taxable(_SHIPPING, shipping, SHIPPING_TAX_CATEGORY))
    return assess(
        taxables,
        rules=tax_rules(country, on=now.astimezone(market.zone).date()),
        country=country,
        region=region,
        prices_include_tax=market.prices_include_tax,
        currency=market.currency,
        rounding="rate_group" if market.tax_rounding == "rate_group" else "line",
    )
