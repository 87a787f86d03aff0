from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fulfillment import lost_parcels
from fulfillment.lost_parcels import refund_lost
from fulfillment.models import Shipment
from fulfillment.routes import resend_shipment
from fulfillment.shipping import mark_delivered
from orders.errors import StaleTransition
from payments.gateways.base import RefundState
from payments.models import Refund
from payments.refunding import record_refund, refund_payment
from tests import factories
from tests.fulfillment.scenes import NOW, make_scene, make_shipped_order, send, stock_problems

pytestmark = pytest.mark.django_db
S = Shipment.Status
LATER = NOW + timedelta(days=5)


def _lost(units: int = 2, *, in_stock: int = 5) -> Shipment:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], in_stock)
    order = make_shipped_order(scene, {variant: units})
    order.shipments.update(status=S.EXCEPTION)
    return order.shipments.get()


def test_resend_shipment_plans_the_lost_units_again() -> None:
    shipment = _lost()

    resend_shipment(shipment.pk, reason="lost", user=None, now=LATER)

    order = shipment.order
    again = order.shipments.get(status=S.PLANNED)
    assert again.lines.get().quantity == 2
    shipment.refresh_from_db()
    assert (shipment.status, shipment.resolution) == (S.EXCEPTION, "resent")
    send(again)
    mark_delivered(again.pk, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.fulfillment_status) == ("completed", "delivered")
    assert stock_problems() == []


def test_resend_shipment_without_stock_waits() -> None:
    shipment = _lost(in_stock=2)

    decision = resend_shipment(shipment.pk, reason="lost", user=None, now=LATER)

    assert sum(decision.plan["waiting"].values()) == 2
    assert not shipment.order.shipments.filter(status=S.PLANNED).exists()


def test_resend_shipment_happens_once() -> None:
    shipment = _lost()
    resend_shipment(shipment.pk, reason="lost", user=None, now=LATER)

    with pytest.raises(StaleTransition):
        resend_shipment(shipment.pk, reason="lost", user=None, now=LATER)
    with pytest.raises(StaleTransition):
        refund_lost(shipment.pk, now=LATER)
    assert shipment.order.shipments.filter(status=S.PLANNED).count() == 1


def test_refund_lost_pays_back_what_the_units_cost_once() -> None:
    shipment = _lost()

    first = refund_lost(shipment.pk, now=LATER)
    second = refund_lost(shipment.pk, now=LATER)

    assert first == second
    assert Refund.objects.get().amount.amount == Decimal("20.00")
    shipment.refresh_from_db()
    assert shipment.resolution == "refunded"
    with pytest.raises(StaleTransition):
        mark_delivered(shipment.pk, now=LATER)


def test_mark_delivered_takes_a_parcel_that_was_thought_lost() -> None:
    shipment = _lost()

    mark_delivered(shipment.pk, now=LATER)

    shipment.order.refresh_from_db()
    assert shipment.order.status == "completed"


def test_refund_lost_keeps_others_from_sending_it_again_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shipment = _lost()

    def meanwhile(*args: Any, **options: Any) -> Refund:
        with pytest.raises(StaleTransition):
            resend_shipment(shipment.pk, reason="lost", user=None, now=LATER)
        with pytest.raises(StaleTransition):
            mark_delivered(shipment.pk, now=LATER)
        return refund_payment(*args, **options)

    monkeypatch.setattr(lost_parcels, "refund_payment", meanwhile)

    refund_lost(shipment.pk, now=LATER)

    shipment.refresh_from_db()
    assert shipment.resolution == "refunded"


def test_refund_lost_that_fails_leaves_the_parcel_open(monkeypatch: pytest.MonkeyPatch) -> None:
    shipment = _lost()

    def refused(_payment: int, _amount: Any, *, operation_key: str, **_: Any) -> Refund:
        refund = Refund.objects.get(operation_key=operation_key)
        return record_refund(refund.pk, RefundState(Refund.Status.FAILED), now=LATER)

    with monkeypatch.context() as patch:
        patch.setattr(lost_parcels, "refund_payment", refused)
        assert refund_lost(shipment.pk, now=LATER).status == "failed"
    shipment.refresh_from_db()
    assert shipment.resolution == ""

    assert refund_lost(shipment.pk, now=LATER).status == "pending"
    shipment.refresh_from_db()
    assert shipment.resolution == "refunded"
    payment = shipment.order.payments.get()
    assert payment.refunded == Refund.objects.get().amount.amount
