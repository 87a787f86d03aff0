"""One total: what checkout shows is what the order says and what is paid, wherever it goes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from djmoney.money import Money
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from markets.models import Market, Promotion
from markets.promotions import end_promotion
from orders.models import Address, Cart, Order, OrderCharge, OrderLine, OrderTaxComponent
from payments.methods import list_methods
from storefront.checkout import CheckoutDetails, place_order
from storefront.pages.address_form import address_data
from storefront.quoting import CartQuote, quote_cart
from storefront.shops import Shop
from tests.factories import (
    NOW,
    make_cart,
    make_promotion,
)
from tests.storefront.stalls import Stall, open_stall, places

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def stall(db: None) -> Stall:
    return open_stall()


def fill(
    stall: Stall, market: Market, *, country: str, state: str, option: str
) -> tuple[Cart, CartQuote] | None:
    """Fill a cart with all goods, or as many as can be sent there together."""
    for count in (3, 1):
        goods = stall.goods if count == 3 else stall.goods[-1:]
        made = make_cart(market, dict(zip(goods, (2, 1, 3), strict=False)))
        cart = Cart.objects.select_related("market").get(pk=made.pk)
        quote = quote_cart(cart, now=NOW, country=country, region=state, option=option)
        if quote.delivery is not None and quote.delivery.option == option:
            return cart, quote
    return None


def buy(cart: Cart, quote: CartQuote, address: Address) -> Order:
    market = cart.market
    total = Money(quote.total, quote.currency)
    offered = list_methods(market, country=address.country, amount=total, today=NOW.date())
    assert quote.delivery is not None
    details = CheckoutDetails(
        shop=Shop(market, "en", "en_GB", address.country),
        email="ada@example.com",
        shipping_address=address_data(address),
        billing_address=None,
        delivery_option=quote.delivery.option,
        method=next(method.code for method in offered if method.code == "wire"),
        agreed_total=total,
    )
    order, payment = place_order(cart, details=details, now=NOW)
    assert payment.amount == total == order.total
    return order


def check(order: Order, quote: CartQuote) -> None:
    """Check every sum of an order, down to its components."""
    lines, charges = list(order.lines.all()), list(order.charges.all())
    parts: list[OrderLine | OrderCharge] = [*lines, *charges]
    assert order.gross == quote.total == sum(part.gross for part in parts)
    assert order.net + order.tax == order.gross
    components = list(order.tax_components.all())
    for name in ("net", "tax", "gross"):
        assert getattr(order, name) == sum(getattr(row, name) for row in components)
        for part in parts:
            own = part.tax_components.aggregate(n=Sum(name))["n"]
            assert getattr(part, name) == (own or 0)  # Free delivery has no part.
    assert all(row.net >= 0 and row.tax >= 0 for row in components)
    taxes = sum((row.tax for row in quote.taxes), D(0))
    assert taxes == order.tax
    shown = quote.goods + (quote.shipping or 0) - quote.discount + quote.adjustment
    shown += sum((extra.amount for extra in quote.extras), D(0))
    included = order.prices_include_tax
    assert shown + (0 if included else taxes) == order.gross
    units: dict[int, int] = {}
    for row in components:
        if row.line_id is not None:
            units[row.line_id] = units.get(row.line_id, 0) + row.quantity
    assert units == {line.pk: line.quantity for line in lines}


@pytest.mark.parametrize("discounted", [False, True])
def test_total_shown_is_ordered_and_paid_in_every_market(stall: Stall, discounted: bool) -> None:
    if discounted:
        make_promotion(*stall.markets, percent=D("33.3"))
    seen: set[tuple[str, str]] = set()
    sent = 0
    for market in stall.markets:
        for country, state in places(market):
            for option in ("standard", "express"):
                found = fill(stall, market, country=country, state=state, option=option)
                if found is None:
                    continue
                cart, quote = found
                address = Address.objects.create(
                    country=country, country_area=state, name="Ada", street_address="1 Quay"
                )
                order = buy(cart, quote, address)
                check(order, quote)
                sent += 1
                seen |= {(row["regime"], row["terms"]) for row in order.tax_parcels}
    assert {market.pk for market in stall.markets} == set(
        Order.objects.values_list("market_id", flat=True)
    )
    assert sent > 40
    assert {regime for regime, _terms in seen} >= {"domestic", "oss", "ioss", "sales_tax"}


def test_components_are_never_changed(stall: Stall) -> None:
    market = stall.markets[0]
    cart = make_cart(market, {stall.goods[0]: 1})
    cart = Cart.objects.select_related("market").get(pk=cart.pk)
    quote = quote_cart(cart, now=NOW, country="US", region="NY")
    address = Address.objects.create(
        country="US", country_area="NY", name="Ada", street_address="1 Quay"
    )
    order = buy(cart, quote, address)
    row = order.tax_components.first()
    assert row is not None

    for change in (
        lambda: OrderTaxComponent.objects.filter(pk=row.pk).update(tax=1, gross=row.net + 1),
        lambda: OrderTaxComponent.objects.filter(pk=row.pk).delete(),
        lambda: OrderTaxComponent.objects.create(
            order=order, line=row.line, kind="goods", net=D(1), tax=D(0), gross=D(1)
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@given(
    code=st.sampled_from(["us", "gb", "de", "eu", "jp", "br", "mx", "ae", "au", "ch"]),
    units=st.tuples(*[st.integers(0, 4)] * 3).filter(any),
    percent=st.sampled_from(["0", "12.5", "33.3", "100"]),
    data=st.data(),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
def test_any_basket_is_ordered_as_it_was_shown(
    stall: Stall, code: str, units: tuple[int, ...], percent: str, data: st.DataObject
) -> None:
    for promotion in Promotion.objects.filter(status=Promotion.Status.PUBLISHED):
        end_promotion(promotion.pk, now=NOW - timedelta(days=1))
    market = next(row for row in stall.markets if row.code == code)
    if D(percent):
        make_promotion(market, percent=D(percent))
    country, state = data.draw(st.sampled_from(list(places(market))))
    wanted = {good: count for good, count in zip(stall.goods, units, strict=True) if count}
    made = make_cart(market, wanted)
    cart = Cart.objects.select_related("market").get(pk=made.pk)
    quote = quote_cart(cart, now=NOW, country=country, region=state)
    again = quote_cart(cart, now=NOW, country=country, region=state)
    assert quote.taxed_basket == again.taxed_basket
    if quote.delivery is None or not quote.total:
        return
    address = Address.objects.create(
        country=country, country_area=state, name="Ada", street_address="1 Quay"
    )
    check(buy(cart, quote, address), quote)


def test_quote_keeps_its_queries_with_all_law_at_hand(stall: Stall) -> None:
    def count(market: Market, **place: str) -> int:
        cart = make_cart(market, dict.fromkeys(stall.goods, 1))
        cart = Cart.objects.select_related("market").get(pk=cart.pk)
        with CaptureQueriesContext(connection) as captured:
            assert quote_cart(cart, now=NOW, **place).tax
        return len(captured)

    by_code = {market.code: market for market in stall.markets}
    for code, place in (("de", {"country": "AT"}), ("us", {"country": "US", "region": "NY"})):
        count(by_code[code], **place)
        assert count(by_code[code], **place) <= 4
