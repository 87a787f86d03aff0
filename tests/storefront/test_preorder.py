"""Goods that are sold before they are here: from the cart to the parcel."""

from datetime import timedelta

import pytest
from django.test import Client

from catalog.models import Variant
from fulfillment.models import (
    IncomingStock,
    ReservationLine,
    Shipment,
    StockLevel,
    StockMovement,
    Warehouse,
)
from fulfillment.prepaying import capture_ahead
from fulfillment.routes import route_order
from fulfillment.shipping import dispatch_shipment, pack_shipment
from fulfillment.stock import secure_reservation
from fulfillment.stock.audit import audit_stock
from fulfillment.stock.incoming import announce_stock, receive_incoming
from markets.models import Market
from orders.models import Order, OrderEvent
from payments.following import refresh_payment
from payments.models import Payment
from payments.sandbox import SandboxServer
from payments.scoring import score_order
from payments.voiding import return_money
from storefront.checkout import place_order
from tests.factories import NOW, make_cart, make_stock, make_variant
from tests.payments.paying import later, open_session, pay
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell, words
from tests.storefront.test_checkout import details, market, variant, warehouse

__all__ = ["market", "variant", "warehouse"]
pytestmark = pytest.mark.django_db(transaction=True)
SOON = NOW.date() + timedelta(days=12)


@pytest.fixture
def incoming(variant: Variant, warehouse: Warehouse) -> IncomingStock:
    row = announce_stock(warehouse, variant, 20, expected_on=SOON, reference="PO 7")
    StockLevel.objects.update(preorder_limit=10)
    return row


def _order(variant: Variant, units: int, total: str) -> tuple[Order, Payment]:
    market = Market.objects.get()
    return place_order(make_cart(market, {variant: units}), details=details(market, total), now=NOW)


def _accept(order: Order, payment: Payment) -> Order:
    """Pay with a card, and let the score release the order."""
    open_session(payment)
    payment.refresh_from_db()
    pay(payment)
    refresh_payment(payment.pk, now=later())
    secure_reservation(order)
    score_order(order.pk, now=later())
    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    return order


def test_order_takes_what_is_here_and_what_is_to_come(
    variant: Variant, warehouse: Warehouse, incoming: IncomingStock
) -> None:
    make_stock(variant, warehouse, 3)
    _order(variant, 5, "64.40")
    line = ReservationLine.objects.get()
    assert (line.quantity, line.ahead) == (3, 2)
    level = StockLevel.objects.get()
    assert (level.reserved, level.preordered) == (3, 2)


def test_order_ahead_is_paid_when_accepted_and_sent_when_its_goods_are_here(
    variant: Variant, warehouse: Warehouse, incoming: IncomingStock, sandbox: SandboxServer
) -> None:
    order = _accept(*_order(variant, 2, "28.70"))
    assert order.payment_status == Order.PaymentStatus.AUTHORISED

    assert capture_ahead(order.pk, now=later())
    assert capture_ahead(order.pk, now=later())
    order.refresh_from_db()
    assert order.payment_status == Order.PaymentStatus.PAID
    assert [charge["amount_captured"] for charge in sandbox.charges()] == [2870]
    # Nothing of it is planned while it waits.
    assert route_order(order.pk, now=NOW) is None
    assert not Shipment.objects.exists()

    receive_incoming(incoming, 20, now=later())
    line = ReservationLine.objects.get()
    assert (line.quantity, line.ahead) == (2, 0)
    assert OrderEvent.objects.filter(order=order, kind="stock_arrived").count() == 1
    route_order(order.pk, now=later())
    shipment = Shipment.objects.get()
    pack_shipment(shipment.pk, now=later())
    dispatch_shipment(shipment.pk, tracking_number="T1", user=None, now=later())
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved, level.preordered) == (18, 0, 0)
    assert StockMovement.objects.filter(kind="sale").count() == 1
    assert audit_stock(later(60)).findings == []


def test_order_of_goods_that_are_here_is_paid_when_it_leaves(
    variant: Variant, warehouse: Warehouse, sandbox: SandboxServer
) -> None:
    make_stock(variant, warehouse, 3)
    order = _accept(*_order(variant, 2, "28.70"))
    assert not capture_ahead(order.pk, now=later())
    order.refresh_from_db()
    assert order.payment_status == Order.PaymentStatus.AUTHORISED


def test_money_of_an_order_ahead_goes_back_when_it_is_cancelled(
    variant: Variant, warehouse: Warehouse, incoming: IncomingStock, sandbox: SandboxServer
) -> None:
    order = _accept(*_order(variant, 2, "28.70"))
    capture_ahead(order.pk, now=later())
    return_money(order.pk, now=later(), reason="cancelled")
    order.refresh_from_db()
    assert order.payment_status == Order.PaymentStatus.REFUNDED


def test_cart_says_when_goods_come_and_calls_it_no_problem(client: Client) -> None:
    market = open_markets("de")["de"]
    offer_card(market)
    warehouse = Warehouse.objects.get()
    ahead, partly = sell(market, stock=0), sell(market, stock=3)
    later_on = later().date() + timedelta(days=40)
    for sold in (ahead, partly):
        announce_stock(warehouse, sold, 20, expected_on=later_on)
    StockLevel.objects.update(preorder_limit=10)
    add(client, "de-en", ahead)
    add(client, "de-en", partly, 5)
    page = client.get("/de-en/cart/")
    assert [(line.problem, line.is_ahead) for line in page.context["lines"]] == [("", True)] * 2
    text = words(page)
    assert "Pre-order, expected on" in text
    assert "3 at once, 2 on" in text
    assert "Some lines cannot be ordered" not in text


def test_more_than_is_sold_ahead_cannot_be_ordered(client: Client) -> None:
    market = open_markets("de")["de"]
    warehouse = Warehouse.objects.get()
    variant = sell(market, stock=0)
    announce_stock(warehouse, variant, 20, expected_on=later().date() + timedelta(days=40))
    StockLevel.objects.update(preorder_limit=2)
    add(client, "de-en", variant, 3)
    page = client.get("/de-en/cart/")
    lines = page.context["lines"]
    assert not lines or lines[0].quantity <= 2 or lines[0].problem == "short"


def test_unrelated_variant_has_no_word_of_what_comes(client: Client) -> None:
    market = open_markets("de")["de"]
    variant = sell(market, stock=50)
    announce_stock(Warehouse.objects.get(), make_variant(), 20, expected_on=later().date())
    add(client, "de-en", variant)
    assert client.get("/de-en/cart/").context["lines"][0].stock_text == ""
