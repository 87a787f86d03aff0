from collections.abc import Callable
from random import Random

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Variant
from fulfillment.errors import OutOfStock, StockReserved
from fulfillment.models import Reservation, Shipment, StockLevel, StockMovement
from fulfillment.routes import route_order
from fulfillment.stock import count_stock, receive_stock, release_reservation
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import (
    NOW,
    Scene,
    make_paid_order,
    make_scene,
    reserve,
    send,
    stock_problems,
)

pytestmark = pytest.mark.django_db


def test_receive_stock_adds_to_what_is_on_hand() -> None:
    warehouse, variant = factories.make_warehouse(), factories.make_variant()

    receive_stock(warehouse, variant, 5, reference="PO 1", now=NOW, user=None)
    receive_stock(warehouse, variant, 2, reference="PO 1", now=NOW, user=None)

    assert StockLevel.objects.get().on_hand == 7
    assert list(StockMovement.objects.values_list("kind", "quantity", "reference")) == [
        ("receipt", 2, "PO 1"),
        ("receipt", 5, "PO 1"),
    ]
    with pytest.raises(ValueError, match="one unit"):
        receive_stock(warehouse, variant, 0, reference="PO 2", now=NOW, user=None)


@pytest.mark.parametrize(("counted", "difference"), [(3, -2), (9, 4), (5, None)])
def test_count_stock_books_the_difference(counted: int, difference: int | None) -> None:
    warehouse, variant = factories.make_warehouse(), factories.make_variant()
    factories.make_stock(variant, warehouse, 5)

    movement = count_stock(warehouse, variant, counted, reference="count", now=NOW)

    assert (movement.quantity if movement else None) == difference
    assert StockLevel.objects.get().on_hand == counted


def test_count_stock_refuses_less_than_orders_hold() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    reserve(factories.make_order(scene.market, {variant: 3}))

    with pytest.raises(StockReserved):
        count_stock(scene.warehouses[0], variant, 2, reference="count", now=NOW)

    assert StockLevel.objects.get().on_hand == 5


def _change_on_hand() -> None:
    StockLevel.objects.update(on_hand=99)


def _delete_level() -> None:
    StockLevel.objects.all().delete()


def _change_movement() -> None:
    StockMovement.objects.update(quantity=99)


def _delete_movement() -> None:
    StockMovement.objects.all().delete()


@pytest.mark.parametrize(
    "tamper", [_change_on_hand, _delete_level, _change_movement, _delete_movement]
)
def test_ledger_refuses_to_be_rewritten(tamper: Callable[[], None]) -> None:
    factories.make_stock(factories.make_variant(), factories.make_warehouse(), 5)

    with transaction.atomic(), pytest.raises(DatabaseError):
        tamper()

    assert StockLevel.objects.get().on_hand == 5


def test_stock_can_never_be_negative() -> None:
    warehouse, variant = factories.make_warehouse(), factories.make_variant()
    factories.make_stock(variant, warehouse, 5)

    with transaction.atomic(), pytest.raises(IntegrityError, match="stock_reserved_within_on_hand"):
        factories.make_stock(variant, warehouse, -6)


def _step(name: str, *, scene: Scene, variants: list[Variant], chance: Random) -> None:
    """Do something that warehouses do, if it can be done now."""
    variant, warehouse = chance.choice(variants), chance.choice(scene.warehouses)
    if name == "receive":
        receive_stock(warehouse, variant, chance.randint(1, 5), reference="r", now=NOW, user=None)
    elif name == "count":
        try:
            count_stock(warehouse, variant, chance.randint(0, 8), reference="c", now=NOW)
        except StockReserved:
            return
    elif name == "order":
        lines = {each: chance.randint(1, 3) for each in chance.sample(variants, 2)}
        try:
            with transaction.atomic():
                make_paid_order(scene, lines)
        except OutOfStock:
            return
    elif name == "release":
        held = Reservation.objects.filter(status="active", order__routings__isnull=True).first()
        if held:
            release_reservation(held.order)
    elif name == "route":
        order = Order.objects.filter(
            status="released", routings__isnull=True, reservation__status="active"
        ).first()
        if order:
            route_order(order.pk, now=NOW)
    else:
        shipment = Shipment.objects.filter(status="planned").first()
        if shipment:
            send(shipment)


@given(
    steps=st.lists(
        st.sampled_from(["receive", "count", "order", "release", "route", "send"]),
        min_size=10,
        max_size=20,
    ),
    chance=st.randoms(use_true_random=False),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_ledger_adds_up_whatever_happens(steps: list[str], chance: Random) -> None:
    before = transaction.savepoint()
    try:
        scene = make_scene()
        variants = [factories.make_variant() for _ in range(3)]
        problems = []
        for step in ["receive"] * 4 + steps:
            _step(step, scene=scene, variants=variants, chance=chance)
            problems += stock_problems()
    finally:
        # No atomic block: services begin transactions of their own.
        transaction.savepoint_rollback(before)
    assert problems == []
