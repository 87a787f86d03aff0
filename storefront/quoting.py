"""What a cart costs: the one computation behind the cart page, checkout and the order."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Variant
from catalog.selectors import variant_label
from fulfillment.delivery import DeliveryChoice, list_delivery
from fulfillment.stock import available
from markets.lowest_price import Reduction
from markets.models import Market, Price
from markets.pricing import PriceAnswer, PriceRequest, list_reductions, quote_prices
from markets.tax import NoTaxRate, RateTotal, Taxable, TaxedLine, TaxResult, assess
from markets.taxes import tax_rules
from orders.models import Cart, CartLine
from storefront.accounts.customer_groups import list_group_ids

logger = logging.getLogger(__name__)
# Delivery is taxed as most goods are, until an order's own mix of rates is followed.
SHIPPING_TAX_CATEGORY = "standard"
_SHIPPING = "shipping"


@dataclass(frozen=True)
class QuoteLine:
    """A line of a cart as it stands now; amounts as shown, in the market's currency.

    `price` is None where the market does not sell the variant; the line then costs nothing and
    keeps the order from being placed. `reduction` is what may be announced of the unit's price.
    """

    variant: Variant
    options: str
    quantity: int
    available: int
    price: Price | None
    reduction: Reduction | None = None

    @property
    def title(self) -> str:
        return str(self.variant.product.title)

    @property
    def unit_price(self) -> Decimal:
        return Decimal(self.price.amount.amount) if self.price else Decimal(0)

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity

    @property
    def problem(self) -> str:
        """Why the line keeps the order from being placed: empty, `not_sold` or `short`."""
        if self.price is None:
            return "not_sold"
        return "short" if self.available < self.quantity else ""


@dataclass(frozen=True)
class CartQuote:
    """A cart's lines, delivery choices and total; tax is None until the place is known.

    `total` is what the shopper pays: with tax once `tax` is known, or at once where prices
    include it.
    """

    market: Market
    lines: tuple[QuoteLine, ...]
    deliveries: tuple[DeliveryChoice, ...]
    delivery: DeliveryChoice | None
    tax: TaxResult | None

    @property
    def currency(self) -> str:
        return str(self.market.currency)

    @property
    def goods(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def shipping(self) -> Decimal | None:
        return Decimal(self.delivery.price.amount) if self.delivery else None

    @property
    def total(self) -> Decimal:
        return self.tax.gross if self.tax else self.goods + (self.shipping or Decimal(0))

    @property
    def rates(self) -> tuple[RateTotal, ...]:
        return self.tax.rates if self.tax else ()

    @property
    def problems(self) -> tuple[QuoteLine, ...]:
        return tuple(line for line in self.lines if line.problem)

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    def taxed(self, key: str) -> TaxedLine:
        """Give the taxed line of a variant's id, or of `shipping`."""
        if self.tax is None:
            raise LookupError("The quote has no tax: its country is not known.")
        return next(line for line in self.tax.lines if line.key == key)


def quote_cart(
    cart: Cart,
    *,
    now: datetime,
    country: str | None = None,
    region: str = "",
    option: str | None = None,
) -> CartQuote:
    """Price a cart in its market; with a country also its delivery and its tax.

    Without a country the market's own first one stands in where prices include tax: the total
    is the same in all of them. `option` is a delivery option's code, else the first is taken.
    Where a tax rate is missing nothing is delivered: what cannot be taxed is not sold.
    """
    market = cart.market
    lines = _lines(cart, now=now)
    sold = {line.variant.pk: line.quantity for line in lines if line.price}
    goods = sum((line.total for line in lines), Decimal(0))
    place = country or _first_country(market)
    deliveries = (
        list_delivery(market, country=place, items=sold, goods_total=goods, now=now) if sold else []
    )
    chosen = next((choice for choice in deliveries if choice.option == option), None)
    delivery = chosen or next(iter(deliveries), None)
    knows_place = country is not None or market.prices_include_tax
    tax = None
    if knows_place and sold:
        try:
            tax = _tax(market, lines, delivery, country=place, region=region, now=now)
        except NoTaxRate as error:
            logger.warning(
                "Market %s does not sell to %s %s: %s", market.code, place, region, error
            )
            deliveries, delivery = [], None
    return CartQuote(
        market=market,
        lines=tuple(lines),
        deliveries=tuple(deliveries),
        delivery=delivery,
        tax=tax,
    )


def _lines(cart: Cart, *, now: datetime) -> list[QuoteLine]:
    rows: Sequence[CartLine] = list(
        cart.lines.select_related("variant__product").prefetch_related(
            "variant__options__value", "variant__media", "variant__product__media"
        )
    )
    group_ids = list_group_ids(cart.user_id)
    answers = price_goods(
        [(row.variant, row.quantity) for row in rows], cart.market, now=now, group_ids=group_ids
    )
    reductions = list_reductions(answers, cart.market, group_ids=group_ids)
    stock = available([row.variant_id for row in rows], cart.market)
    return [
        QuoteLine(
            variant=row.variant,
            options=variant_label(row.variant),
            quantity=row.quantity,
            available=stock.get(row.variant_id, 0),
            price=answer.price,
            reduction=reduction,
        )
        for row, answer, reduction in zip(rows, answers, reductions, strict=True)
    ]


def price_goods(
    goods: Sequence[tuple[Variant, int]],
    market: Market,
    *,
    now: datetime,
    group_ids: Collection[int],
) -> tuple[PriceAnswer, ...]:
    """Price variants in their quantities, in order; what is not for sale anywhere has no price."""
    answers = quote_prices(
        [PriceRequest(variant.pk, quantity) for variant, quantity in goods],
        market,
        moment=now,
        group_ids=group_ids,
    )
    return tuple(
        answer if _for_sale(variant) else replace(answer, price=None)
        for (variant, _quantity), answer in zip(goods, answers, strict=True)
    )


def _for_sale(variant: Variant) -> bool:
    return variant.is_active and variant.product.status == Product.Status.ACTIVE


def _first_country(market: Market) -> str:
    return str(market.countries.order_by("position").values_list("country", flat=True)[0])


def _tax(
    market: Market,
    lines: Sequence[QuoteLine],
    delivery: DeliveryChoice | None,
    *,
    country: str,
    region: str,
    now: datetime,
) -> TaxResult:
    taxables = [
        Taxable(
            key=str(line.variant.pk),
            amount=line.unit_price,
            category=str(line.variant.tax_category_id),
            quantity=line.quantity,
        )
        for line in lines
        if line.price
    ]
    if delivery:
        taxables.append(Taxable(_SHIPPING, delivery.price.amount, SHIPPING_TAX_CATEGORY))
    return assess(
        taxables,
        rules=tax_rules(country, on=now.astimezone(market.zone).date()),
        country=country,
        region=region,
        prices_include_tax=market.prices_include_tax,
        currency=market.currency,
        rounding="rate_group" if market.tax_rounding == "rate_group" else "line",
    )


PROBLEMS = {
    "not_sold": _("Not sold in this market."),
    "short": _("Not enough in stock."),
}
