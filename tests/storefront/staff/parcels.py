"""Shipments and returns as the rooms below make them."""

from datetime import datetime, timedelta

from djmoney.money import Money

from catalog.models import Variant
from fulfillment.models import Return, Shipment
from fulfillment.returns import request_return
from fulfillment.routes import route_order
from orders.models import Order
from payments.following import refresh_payment
from payments.models import Payment, PaymentMethod, RiskAssessment
from payments.scoring import score_order
from tests import factories
from tests.fulfillment.scenes import Scene, make_paid_order, make_shipped_order, reserve
from tests.payments.paying import later, opened, pay

NOW = factories.NOW


def make_shipments(
    scene: Scene, number: int, *, quantity: int = 2, unit_price: str = "77.31"
) -> list[Shipment]:
    """Make paid orders of a variant of their own each, planned as one shipment each."""
    return [make_shipment(scene, quantity=quantity, unit_price=unit_price) for _ in range(number)]


def make_shipment(scene: Scene, *, quantity: int = 2, unit_price: str = "77.31") -> Shipment:
    variant = stocked_variant(scene)
    order = make_paid_order(scene, {variant: quantity}, unit_price=unit_price)
    route_order(order.pk, now=NOW)
    return order.shipments.get()


def stocked_variant(scene: Scene, units: int = 50) -> Variant:
    product = factories.make_product(title="Teapot")
    variant = factories.make_variant(product, barcode=f"40{product.pk:011d}")
    factories.make_stock(variant, scene.warehouses[0], units)
    return variant


def make_card_shipment(scene: Scene, *, unit_price: str = "77.31") -> Shipment:
    """Make a shipment of an order whose shopper has just authorised a card at the gateway."""
    variant = stocked_variant(scene)
    order = factories.make_order(scene.market, {variant: 2}, unit_price=unit_price)
    reserve(order, expires_at=None)
    payment = opened(order)
    pay(payment)
    refresh_payment(payment.pk, now=later())
    score_order(order.pk, now=later())
    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    route_order(order.pk, now=later())
    return order.shipments.get()


def make_returns(scene: Scene, number: int) -> list[Return]:
    return [make_return(scene) for _ in range(number)]


def make_return(scene: Scene, *, quantity: int = 2, unit_price: str = "3890") -> Return:
    """Make a return that was asked for of an order that has been shipped."""
    order = make_shipped_order(scene, {stocked_variant(scene): quantity}, unit_price=unit_price)
    line = order.lines.get()
    return request_return(order, [(line.pk, quantity, "damaged")], note="Broken.", now=NOW)


def make_held_order(scene: Scene, *, score: int = 62) -> Order:
    """Make a paid order that the fraud rules gave to a person."""
    order = factories.make_order(
        scene.market,
        {stocked_variant(scene): 1},
        unit_price="77.31",
        status=Order.Status.ON_HOLD,
        payment_status=Order.PaymentStatus.PAID,
    )
    RiskAssessment.objects.create(
        order=order,
        score=score,
        decision="review",
        reasons=[
            {"code": "failed_payments_24h", "points": 45, "value": "6"},
            {"code": "countries_differ", "points": 15, "value": "yes"},
        ],
        rules_version="v1",
        assessed_at=NOW,
    )
    return order


def make_transfer(scene: Scene) -> Payment:
    """Make an order that waits for a bank transfer."""
    order = factories.make_order(scene.market, {stocked_variant(scene): 1}, unit_price="77.31")
    method = PaymentMethod.objects.filter(code="transfer").first() or factories.make_method(
        scene.market, "transfer", gateway=PaymentMethod.Gateway.BANK_TRANSFER
    )
    return factories.make_payment(
        order,
        method,
        status=Payment.Status.PROCESSING,
        expires_at=NOW + timedelta(days=7),
        amount=Money(order.gross, order.currency),
    )


def put_off(shipment: Shipment, *, to: datetime) -> None:
    Shipment.objects.filter(pk=shipment.pk).update(ship_by=to)
