from datetime import datetime, timedelta

import pytest
from django.db import transaction

from catalog.models import Variant
from fulfillment.errors import OutOfStock
from fulfillment.models import IncomingStock, ReservationLine, StockLevel
from fulfillment.stock import (
    lay_out_hot_levels,
    release_reservation,
    reserve_stock,
    settle_arrived,
    settle_preorders,
)
from orders.models import Order
from tests import factories
from tests.fulfillment.races import stock_errors
from tests.fulfillment.scenes import NOW, Scene, make_scene, reserve

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def _awaited(
    scene: Scene, *, here: int = 0, limit: int = 5, coming: int = 10, days: int = 7
) -> Variant:
    """Make a variant of which some units are in the first warehouse and some on their way."""
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], here + 1)
    StockLevel.objects.filter(variant=variant).update(safety=1, preorder_limit=limit)
    _announce(variant, scene, units=coming, days=days)
    return variant


def _announce(variant: Variant, scene: Scene, *, units: int, days: int, warehouse: int = 0) -> None:
    IncomingStock.objects.create(
        variant=variant,
        warehouse=scene.warehouses[warehouse],
        quantity=units,
        expected_on=TODAY + timedelta(days=days),
    )


def _order(scene: Scene, variant: Variant, units: int) -> Order:
    order = factories.make_order(scene.market, {variant: units})
    reserve(order)
    return order


def _lines(order: Order) -> list[tuple[str, int, int]]:
    return [
        (line.warehouse.code, line.quantity, line.ahead)
        for line in ReservationLine.objects.filter(reservation__order=order)
    ]


def test_reserve_stock_takes_what_is_here_and_the_rest_ahead() -> None:
    scene = make_scene(costs=("4.00",))
    order = _order(scene, _awaited(scene, here=2), 5)

    assert _lines(order) == [("w0", 2, 3)]
    level = StockLevel.objects.get()
    assert (level.reserved, level.preordered) == (2, 3)
    assert stock_errors() == []


@pytest.mark.parametrize(
    ("limit", "coming", "days", "sold"),
    [(5, 10, 7, 5), (5, 3, 7, 3), (5, 3, 0, 3), (5, 3, -1, 0), (0, 3, 7, 0)],
    ids=["limit", "coming", "due today", "overdue", "not allowed"],
)
def test_units_ahead_end_with_the_limit_and_with_what_is_coming(
    limit: int, coming: int, days: int, sold: int
) -> None:
    scene = make_scene(costs=("4.00",))
    variant = _awaited(scene, limit=limit, coming=coming, days=days)

    for _ in range(sold):
        _order(scene, variant, 1)
    with transaction.atomic(), pytest.raises(OutOfStock):
        _order(scene, variant, 1)

    assert StockLevel.objects.get().preordered == sold
    assert stock_errors() == []


def test_units_ahead_are_due_by_the_day_of_the_market() -> None:
    scene = make_scene(costs=("4.00",))
    scene.market.time_zone = "America/Sao_Paulo"
    scene.market.save()
    variant = _awaited(scene, days=0)
    # In UTC it is the next day already; the shop there still shows what is due today.
    late = NOW.replace(hour=1) + timedelta(days=1)
    order = factories.make_order(scene.market, {variant: 1})

    reserve_stock(order, country="DE", option="standard", expires_at=None, now=late)

    assert _lines(order) == [("w0", 0, 1)]


def test_units_ahead_come_by_the_cheaper_lane_first() -> None:
    scene = make_scene(costs=("6.00", "4.00"))
    variant = _awaited(scene, limit=9, coming=2, days=3)
    factories.make_stock(variant, scene.warehouses[1], 1)
    StockLevel.objects.update(safety=1, preorder_limit=9)
    _announce(variant, scene, units=3, days=9, warehouse=1)
    _announce(variant, scene, units=1, days=30, warehouse=1)

    first, second = _order(scene, variant, 2), _order(scene, variant, 4)

    assert _lines(first) == [("w1", 0, 2)]
    assert sorted(_lines(second)) == [("w0", 0, 2), ("w1", 0, 2)]
    assert stock_errors() == []


def test_settle_preorders_serves_the_oldest_first_and_tells_complete_orders() -> None:
    scene = make_scene(costs=("4.00",))
    variant = _awaited(scene)
    old, young = _order(scene, variant, 2), _order(scene, variant, 3)
    key = (variant.pk, scene.warehouses[0].pk)
    factories.make_stock(variant, scene.warehouses[0], 4)

    assert settle_preorders([key], now=NOW) == [old.pk]

    assert _lines(old) == [("w0", 2, 0)]
    assert _lines(young) == [("w0", 2, 1)]
    assert [event.kind for event in old.events.all()] == ["stock_arrived"]
    assert not young.events.exists()
    assert stock_errors() == []
    factories.make_stock(variant, scene.warehouses[0], 1)
    assert settle_arrived(NOW) == 1
    assert _lines(young) == [("w0", 3, 0)]
    assert settle_preorders([key], now=NOW) == []


def test_settle_arrived_goes_on_after_a_level_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(costs=("4.00",))
    first, second = _awaited(scene), _awaited(scene)
    for variant in (first, second):
        _order(scene, variant, 1)
        factories.make_stock(variant, scene.warehouses[0], 4)

    def fails_once(keys: list[tuple[int, int]], *, now: datetime) -> list[int]:
        if keys[0][0] == first.pk:
            raise LookupError("a level that is broken")
        return settle_preorders(keys, now=now)

    monkeypatch.setattr("fulfillment.stock.preorders.settle_preorders", fails_once)

    assert settle_arrived(NOW) == 1


def test_what_arrived_is_kept_for_those_who_bought_ahead() -> None:
    scene = make_scene(costs=("4.00",))
    variant = _awaited(scene, coming=3, limit=3)
    _order(scene, variant, 3)
    factories.make_stock(variant, scene.warehouses[0], 3)

    with transaction.atomic(), pytest.raises(OutOfStock):
        _order(scene, variant, 1)

    assert settle_arrived(NOW) == 1
    factories.make_stock(variant, scene.warehouses[0], 1)
    _order(scene, variant, 1)
    assert stock_errors() == []


def test_release_gives_back_units_ahead() -> None:
    scene = make_scene(costs=("4.00",))
    variant = _awaited(scene, here=1)
    order = _order(scene, variant, 3)

    assert release_reservation(order)

    level = StockLevel.objects.get()
    assert (level.reserved, level.preordered) == (0, 0)
    assert stock_errors() == []


def test_settle_preorders_lays_a_hot_level_out_again() -> None:
    scene = make_scene(costs=("4.00",))
    variant = _awaited(scene, limit=3)
    _order(scene, variant, 3)
    StockLevel.objects.update(buckets=2)
    factories.make_stock(variant, scene.warehouses[0], 20)

    settle_arrived(NOW)

    level = StockLevel.objects.get()
    assert sum(bucket.free for bucket in level.bucket_rows.all()) == 17
    assert (level.on_hand, level.reserved, level.preordered) == (21, 20, 0)
    assert lay_out_hot_levels(NOW) == 0
    assert stock_errors() == []
