from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from catalog.models import Variant
from fulfillment.errors import OutOfStock
from fulfillment.models import ReservationLine, StockBucket, StockLevel
from fulfillment.stock import lay_out_hot_levels, release_reservation
from fulfillment.stock.buckets import lock_whole_level, lock_whole_levels
from tests import factories
from tests.fulfillment.races import Shelf, make_hot, stock_errors
from tests.fulfillment.scenes import NOW, Scene, held, make_scene, reserve, run_together

pytestmark = pytest.mark.django_db


def _scene(*costs: str) -> Scene:
    return make_scene(costs=costs or ("4.00",))


def _laid(variant: Variant) -> list[int]:
    rows = StockBucket.objects.filter(level__variant=variant)
    return list(rows.order_by("level__warehouse", "position").values_list("free", flat=True))


def _level(variant: Variant) -> tuple[int, int]:
    level = StockLevel.objects.get(variant=variant)
    return level.on_hand, level.reserved


def test_lay_out_spreads_what_is_for_sale_and_leaves_safety() -> None:
    scene = _scene()
    variant = make_hot(scene, 25, buckets=4, safety=3)

    assert _laid(variant) == [6, 6, 5, 5]
    assert _level(variant) == (25, 22)
    assert stock_errors() == []


def test_lay_out_leaves_few_units_in_the_level() -> None:
    variant = make_hot(_scene(), 15, buckets=4)

    assert _laid(variant) == []
    assert _level(variant) == (15, 0)


def test_reserve_stock_takes_from_a_bucket_and_not_from_the_level() -> None:
    scene = _scene()
    variant = make_hot(scene, 40, buckets=4)
    stamp = StockLevel.objects.get().changed_at
    order = factories.make_order(scene.market, {variant: 3})

    reserve(order)

    assert held(order) == {("w0", variant.sku): 3}
    assert sorted(_laid(variant)) == [7, 10, 10, 10]
    level = StockLevel.objects.get()
    assert (level.reserved, level.changed_at) == (40, stamp)
    assert stock_errors() == []


def test_reserve_stock_folds_buckets_where_none_has_enough_and_lays_out_the_rest() -> None:
    scene = _scene()
    variant = make_hot(scene, 100, buckets=4)
    order = factories.make_order(scene.market, {variant: 60})

    reserve(order)

    assert _laid(variant) == [10, 10, 10, 10]
    assert _level(variant) == (100, 100)
    assert held(order) == {("w0", variant.sku): 60}
    assert stock_errors() == []


def test_reserve_stock_leaves_a_small_rest_in_one_row() -> None:
    scene = _scene()
    variant = make_hot(scene, 20, buckets=4)

    reserve(factories.make_order(scene.market, {variant: 6}))

    assert _laid(variant) == [0, 0, 0, 0]
    assert _level(variant) == (20, 6)
    assert stock_errors() == []


def test_reserve_stock_sells_a_hot_level_to_the_last_unit() -> None:
    scene = _scene()
    variant = make_hot(scene, 17, buckets=4, safety=1)

    for _ in range(16):
        reserve(factories.make_order(scene.market, {variant: 1}))
    with pytest.raises(OutOfStock):
        reserve(factories.make_order(scene.market, {variant: 1}))

    assert ReservationLine.objects.aggregate(n=Sum("quantity")) == {"n": 16}
    assert stock_errors() == []


def test_release_gives_hot_units_to_the_level_and_they_are_sold_from_there() -> None:
    scene = _scene()
    variant = make_hot(scene, 16, buckets=4)
    order = factories.make_order(scene.market, {variant: 16})
    reserve(order)

    release_reservation(order)

    assert _level(variant) == (16, 0)
    reserve(factories.make_order(scene.market, {variant: 16}))
    assert stock_errors() == []


def test_a_cart_of_hot_and_cold_is_all_or_nothing() -> None:
    scene = _scene()
    hot = make_hot(scene, 40, buckets=4)
    cold = factories.make_variant()
    factories.make_stock(cold, scene.warehouses[0], 1)
    fits = factories.make_order(scene.market, {cold: 1, hot: 2})
    late = factories.make_order(scene.market, {cold: 1, hot: 2})

    reserve(fits)
    with transaction.atomic(), pytest.raises(OutOfStock) as caught:
        reserve(late)

    assert caught.value.skus == [cold.sku]
    assert held(fits) == {("w0", hot.sku): 2, ("w0", cold.sku): 1}
    assert sum(_laid(hot)) == 38
    assert stock_errors() == []


def test_reserve_stock_prefers_the_cheaper_lane_also_where_its_units_are_in_buckets() -> None:
    scene = make_scene(costs=("6.00", "4.00"))
    variant = factories.make_variant()
    for warehouse, units in zip(scene.warehouses, (50, 20), strict=True):
        factories.make_stock(variant, warehouse, units)
    StockLevel.objects.update(buckets=4)
    lay_out_hot_levels(NOW)
    first, second = (factories.make_order(scene.market, {variant: 18}) for _ in range(2))

    reserve(first)
    reserve(second)

    assert held(first) == {("w1", variant.sku): 18}
    assert held(second) == {("w0", variant.sku): 18}
    assert stock_errors() == []


def test_lock_whole_levels_gives_all_that_is_free() -> None:
    scene = _scene()
    variant = make_hot(scene, 40, buckets=4)
    reserve(factories.make_order(scene.market, {variant: 5}))

    with transaction.atomic():
        level = lock_whole_level(scene.warehouses[0], variant)
        assert level is not None
        assert level.free == 35
        assert lock_whole_levels([(variant.pk, 0)]) == {}

    assert _level(variant) == (40, 5)
    assert stock_errors() == []


def test_another_number_of_buckets_brings_their_units_back() -> None:
    variant = make_hot(_scene(), 40, buckets=8)

    StockLevel.objects.update(buckets=0)

    assert not StockBucket.objects.exists()
    assert _level(variant) == (40, 0)
    assert lay_out_hot_levels(NOW + timedelta(minutes=1)) == 0


def test_a_receipt_into_a_hot_level_is_laid_out_by_the_next_run() -> None:
    scene = _scene()
    variant = make_hot(scene, 16, buckets=4)
    factories.make_stock(variant, scene.warehouses[0], 16)

    assert lay_out_hot_levels(NOW) == 1

    assert _laid(variant) == [8, 8, 8, 8]
    assert stock_errors() == []


@pytest.mark.django_db(transaction=True)
def test_reserve_stock_passes_over_a_bucket_that_somebody_is_at() -> None:
    scene = _scene()
    variant = make_hot(scene, 16, buckets=4)
    orders = [factories.make_order(scene.market, {variant: 1}) for _ in range(3)]

    with transaction.atomic():
        list(StockBucket.objects.select_for_update(of=("self",)).filter(position__lt=3))
        # One after the other: where two come together, one of them waits for any bucket.
        results = [run_together([partial(reserve, order)]) for order in orders]

    assert results == [[None]] * 3
    assert _laid(variant) == [4, 4, 4, 1]
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_reserve_stock_waits_for_a_bucket_rather_than_refuse() -> None:
    scene = _scene()
    variant = make_hot(scene, 16, buckets=4)
    order = factories.make_order(scene.market, {variant: 1})
    shelf = Shelf()

    with shelf.all_buckets_held():
        buyer = shelf.start(partial(reserve, order))
        shelf.wait_until_somebody_waits()

    assert buyer() is None
    assert sum(_laid(variant)) == 15
    assert stock_errors() == []
    connection.close()
