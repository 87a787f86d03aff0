from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fulfillment.models import (
    IncomingStock,
    Reservation,
    ReservationLine,
    Shipment,
    StockLevel,
)
from fulfillment.promises import Promise, promise_of
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_scene

pytestmark = pytest.mark.django_db
# NOW is Tuesday, 24 November 2026, in the morning; an order leaves on Wednesday.
FIRST, LAST = date(2026, 11, 26), date(2026, 11, 30)


def _order(scene: Scene, **fields: Any) -> Order:
    return factories.make_order(scene.market, promised_from=FIRST, promised_to=LAST, **fields)


def _shipment(scene: Scene, **fields: Any) -> Shipment:
    order = _order(scene)
    defaults = {
        "number": f"{order.number}-1", "order": order, "warehouse": scene.warehouses[0],
        "service": scene.zones[0].service, "ship_by": NOW + timedelta(days=1, hours=10),
        "promised_from": FIRST, "promised_to": LAST,
    }  # fmt: skip
    return Shipment.objects.create(**{**defaults, **fields})


def _hold(order: Order, scene: Scene, *, quantity: int = 0, ahead: int = 0) -> None:
    variant = order.lines.get().variant
    StockLevel.objects.get_or_create(
        variant=variant, warehouse=scene.warehouses[0],
        defaults={"preorder_limit": 20, "preordered": ahead},
    )  # fmt: skip
    reservation = Reservation.objects.create(order=order)
    ReservationLine.objects.create(
        reservation=reservation, variant=variant, warehouse=scene.warehouses[0],
        quantity=quantity, ahead=ahead,
    )  # fmt: skip


def test_promise_of_a_shipment_stands_while_it_can_be_kept() -> None:
    shipment = _shipment(make_scene(costs=("4.00",)))
    assert promise_of(shipment, now=NOW) == Promise(FIRST, LAST)

    shipment.status = Shipment.Status.DISPATCHED
    shipment.dispatched_at = NOW + timedelta(days=1)
    assert promise_of(shipment, now=NOW + timedelta(days=1)) == Promise(FIRST, LAST)


def test_promise_of_a_shipment_moves_when_it_has_not_left_in_time() -> None:
    shipment = _shipment(make_scene(costs=("4.00",)))

    # Friday morning: it leaves today at the earliest.
    moved = promise_of(shipment, now=datetime(2026, 11, 27, 9, tzinfo=UTC))

    assert moved == Promise(date(2026, 11, 30), date(2026, 12, 2), is_moved=True)


def test_promise_of_a_shipment_that_left_late_follows_its_lane() -> None:
    left = datetime(2026, 11, 30, 9, tzinfo=UTC)
    shipment = _shipment(
        make_scene(costs=("4.00",)), status=Shipment.Status.DISPATCHED, dispatched_at=left
    )

    assert promise_of(shipment, now=left) == Promise(
        date(2026, 12, 1), date(2026, 12, 3), is_moved=True
    )


def test_promise_of_an_overdue_shipment_is_never_in_the_past() -> None:
    shipment = _shipment(
        make_scene(costs=("4.00",)),
        status=Shipment.Status.DISPATCHED,
        dispatched_at=NOW + timedelta(days=1),
    )

    moved = promise_of(shipment, now=datetime(2026, 12, 5, 9, tzinfo=UTC))

    assert moved == Promise(date(2026, 12, 7), date(2026, 12, 9), is_moved=True)


def test_promise_of_a_shipment_is_the_day_that_its_carrier_names() -> None:
    shipment = _shipment(
        make_scene(costs=("4.00",)),
        status=Shipment.Status.DISPATCHED,
        dispatched_at=NOW + timedelta(days=1),
        expected_on=date(2026, 12, 4),
    )

    assert promise_of(shipment, now=NOW + timedelta(days=2)) == Promise(
        date(2026, 12, 4), date(2026, 12, 4), is_moved=True
    )


def test_promise_of_an_order_stands_while_it_is_being_paid() -> None:
    scene = make_scene(costs=("4.00",))
    order = _order(scene)
    _hold(order, scene, quantity=1)

    # The cut-off of 15:00 in Rotterdam passed while the shopper was at the bank.
    order.placed_at = datetime(2026, 11, 24, 13, 59, tzinfo=UTC)
    assert promise_of(order, now=datetime(2026, 11, 24, 14, 20, tzinfo=UTC)) == Promise(FIRST, LAST)


def test_promise_of_an_order_that_is_paid_later_moves() -> None:
    scene = make_scene(costs=("4.00",))
    order = _order(scene)
    _hold(order, scene, quantity=1)

    assert promise_of(order, now=NOW + timedelta(days=3)) == Promise(
        date(2026, 12, 1), date(2026, 12, 3), is_moved=True
    )


def test_promise_of_an_order_that_waits_for_units_follows_their_day() -> None:
    scene = make_scene(costs=("4.00",))
    variant = factories.make_variant()
    earlier, order = (_order(scene, lines={variant: 2}) for _ in range(2))
    for one in (earlier, order):
        _hold(one, scene, ahead=2)
    for day, units in ((7, 3), (14, 3)):
        IncomingStock.objects.create(
            warehouse=scene.warehouses[0], variant=variant, quantity=units,
            expected_on=date(2026, 12, day),
        )  # fmt: skip

    # Two of the first three are the earlier order's, so that the second waits for the second.
    first, second = promise_of(earlier, now=NOW), promise_of(order, now=NOW)

    assert first == Promise(
        date(2026, 12, 9), date(2026, 12, 11), is_moved=True, waits_until=date(2026, 12, 7)
    )
    assert second == Promise(
        date(2026, 12, 16), date(2026, 12, 18), is_moved=True, waits_until=date(2026, 12, 14)
    )


def test_promise_of_an_order_without_one_is_none() -> None:
    scene = make_scene(costs=("4.00",))
    assert promise_of(factories.make_order(scene.market), now=NOW) is None


def test_promise_of_an_order_forgets_a_parcel_that_is_sent_again() -> None:
    scene = make_scene(costs=("4.00",))
    lost = _shipment(scene, status=Shipment.Status.EXCEPTION, resolution="resent")
    days = date(2026, 12, 7), date(2026, 12, 9)
    Shipment.objects.create(
        number="again", order=lost.order, warehouse=lost.warehouse, service=lost.service,
        ship_by=NOW + timedelta(days=9), promised_from=days[0], promised_to=days[1],
    )  # fmt: skip

    promise = promise_of(lost.order, now=NOW)

    assert promise is not None
    assert (promise.arrives_from, promise.arrives_to) == days
