"""Placing an order: the one transaction that spans the rooms."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from djmoney.money import Money

from catalog.reference import one_reference
from fulfillment.errors import OutOfStock
from fulfillment.stock import count_sellable, give_up_expired, reserve_stock
from markets.promotions import Discount, take_uses
from orders.errors import CartNotOpen, EmptyCart
from orders.models import Cart, Order
from orders.placing import DiscountDraft, LineDraft, OrderDraft, freeze_order
from payments.methods import list_methods
from payments.models import Payment, PaymentMethod
from payments.starting import create_payment
from storefront.order_taxes import draft_taxes, list_charges
from storefront.quoting import CartQuote, QuoteLine, quote_cart
from storefront.shops import Shop

# How long units wait for a shopper who is at the payment page; vouchers get their own time.
PAYMENT_WINDOW = timedelta(minutes=45)


class TotalChanged(Exception):
    """The total is no longer what the shopper agreed to; nothing was ordered."""

    def __init__(self, quote: CartQuote) -> None:
        super().__init__(f"The total is {quote.total} {quote.currency} by now.")
        self.quote = quote


class LinesUnavailable(Exception):
    """The market does not sell some lines of the cart; nothing was ordered."""

    def __init__(self, lines: tuple[QuoteLine, ...]) -> None:
        super().__init__(", ".join(f"{line.variant.sku}: {line.problem}" for line in lines))
        self.lines = lines


class NoDelivery(Exception):
    """No delivery option reaches the address with these goods."""


class MethodNotOffered(Exception):
    """The payment method is not offered for this market, country, currency and amount."""


@dataclass(frozen=True)
class CheckoutDetails:
    """What the shopper entered and agreed to.

    Addresses are `orders.addresses.normalise_address`'s answers; `agreed_total` is what the
    button said, in the market's currency; `method` is a payment method's code.
    """

    shop: Shop
    email: str
    shipping_address: dict[str, str]
    billing_address: dict[str, str] | None
    delivery_option: str
    method: str
    agreed_total: Money
    user: Any = None
    ip_address: str | None = None


def place_order(cart: Cart, *, details: CheckoutDetails, now: datetime) -> tuple[Order, Payment]:
    """Order what is in the cart: freeze the order, reserve stock, write the payment row.

    Prices, rates and promotions are those of the moment that the cart holds them from, if it
    does. Locks the cart, then the order, then stock rows in variant order, then promotions and
    coupons in theirs. Raises EmptyCart, CartNotOpen, LinesUnavailable, NoDelivery,
    MethodNotOffered, TotalChanged, OutOfStock or PromotionUsedUp, and leaves nothing behind then.

    Where too little is there, unpaid orders whose time to pay is over are given up, and the
    order is tried once more.
    """
    try:
        return _place_order(cart, details=details, now=now)
    except OutOfStock:
        wanted = dict(cart.lines.values_list("variant_id", "quantity"))
        if not give_up_expired(wanted, now=now):
            raise
    return _place_order(cart, details=details, now=now)


@transaction.atomic(durable=True)
@one_reference()
def _place_order(cart: Cart, *, details: CheckoutDetails, now: datetime) -> tuple[Order, Payment]:
    cart = _lock(cart, shop=details.shop)
    address = details.shipping_address
    if not cart.market.countries.filter(country=address["country"]).exists():
        # Our warehouses may reach it all the same, for another market's prices and taxes.
        raise NoDelivery(f"{cart.market.code} does not sell to {address['country']}.")
    quote = quote_cart(
        cart,
        now=now,
        country=address["country"],
        region=address["country_area"],
        postal_code=address["postal_code"],
        option=details.delivery_option,
        customer=details.email,
    )
    delivery = quote.delivery
    if not quote.lines:
        raise EmptyCart("There is nothing in the cart.")
    not_sold = tuple(line for line in quote.lines if line.problem == "not_sold")
    if not_sold:
        raise LinesUnavailable(not_sold)
    if quote.problems:
        raise OutOfStock([line.variant.sku for line in quote.problems])
    if delivery is None or delivery.option != details.delivery_option:
        # The last unit may have gone between the two looks at the stock.
        _refuse_short(quote, now=now)
        raise NoDelivery(f"{details.delivery_option} does not reach {address['country']}.")
    if Money(quote.total, quote.currency) != details.agreed_total:
        raise TotalChanged(quote)
    method = _method(quote, details, now=now)

    order = freeze_order(
        OrderDraft(
            cart=cart,
            market=cart.market,
            language=details.shop.language,
            locale=details.shop.locale,
            email=details.email,
            shipping_address=address,
            billing_address=details.billing_address,
            delivery_option=delivery.option,
            promised_from=delivery.arrives_from,
            promised_to=delivery.arrives_to,
            lines=[_line(quote, line) for line in quote.lines],
            charges=list_charges(quote),
            taxes=draft_taxes(quote, cart),
            priced_at=quote.priced_at,
            discounts=[_discount(quote, row) for row in quote.promotions.discounts],
            user=details.user,
            ip_address=details.ip_address,
            facts={"method": method.code, "total": f"{quote.total} {quote.currency}"},
        ),
        now=now,
    )
    reserve_stock(
        order,
        country=address["country"],
        option=delivery.option,
        expires_at=now + PAYMENT_WINDOW,
        now=now,
    )
    take_uses(quote.promotions, customer=details.email, now=now)
    return order, create_payment(order, method, now=now)


def _lock(cart: Cart, *, shop: Shop) -> Cart:
    locked = (
        Cart.objects.select_for_update(of=("self",))
        .select_related("market")
        .filter(pk=cart.pk, status=Cart.Status.OPEN)
        .first()
    )
    if locked is None:
        raise CartNotOpen(f"Cart {cart.pk} was ordered already.")
    if locked.market_id != shop.market.pk:
        raise CartNotOpen(f"Cart {cart.pk} is in another market.")
    return locked


def _refuse_short(quote: CartQuote, *, now: datetime) -> None:
    stock = count_sellable(
        [line.variant.pk for line in quote.lines],
        quote.market,
        today=now.astimezone(quote.market.zone).date(),
    )
    short = [
        line.variant.sku for line in quote.lines if stock.get(line.variant.pk, 0) < line.quantity
    ]
    if short:
        raise OutOfStock(short)


def _method(quote: CartQuote, details: CheckoutDetails, *, now: datetime) -> PaymentMethod:
    country = (details.billing_address or details.shipping_address)["country"]
    offered = list_methods(
        quote.market,
        country=country,
        amount=Money(quote.total, quote.currency),
        today=now.astimezone(quote.market.zone).date(),
    )
    for method in offered:
        if method.code == details.method:
            return method
    raise MethodNotOffered(f"{details.method} is not offered for this order.")


def _line(quote: CartQuote, line: QuoteLine) -> LineDraft:
    taxed = quote.taxed(str(line.variant.pk))
    if line.price is None:
        raise LinesUnavailable((line,))
    return LineDraft(
        variant_id=line.variant.pk,
        sku=line.variant.sku,
        title=line.title,
        options=line.options,
        quantity=line.quantity,
        unit_price=line.unit_price,
        net=taxed.net,
        tax=taxed.tax,
        gross=taxed.gross,
        tax_percent=taxed.percent,
        tax_name=taxed.name[:40],
        tax_category_id=str(line.variant.tax_category_id),
        tax_rate_id=taxed.rate_id,
        price_id=line.price.pk,
        exchange_rate_id=line.price.rate_id,
        pricing_rule_id=line.price.rule_id,
        discount=line.discount,
    )


def _discount(quote: CartQuote, row: Discount) -> DiscountDraft:
    return DiscountDraft(
        variant_id=None if row.key is None else int(row.key),
        promotion_version_id=row.version_id,
        coupon_id=row.coupon_id,
        coupon_code=quote.coupon.code if quote.coupon and row.coupon_id is not None else "",
        label=row.label,
        amount=row.amount,
    )
