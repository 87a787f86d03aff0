import random
from collections import Counter
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Variant
from catalog.reference import one_reference
from fulfillment.allocation import allocate
from fulfillment.errors import OutOfStock
from fulfillment.models import Reservation, ReservationLine, StockLevel
from fulfillment.stock import available, read_shelf, reserve_stock
from orders.models import Order
from tests import factories
from tests.fulfillment.races import Market, buy, free_units, run_crowd, stock_errors
from tests.fulfillment.scenes import (
    NOW,
    Scene,
    held,
    make_scene,
    reserve,
    run_together,
    stock_problems,
)

pytestmark = pytest.mark.django_db


def _stocked(scene: Scene, *units: int) -> Variant:
    variant = factories.make_variant()
    for warehouse, quantity in zip(scene.warehouses, units, strict=False):
        if quantity:
            factories.make_stock(variant, warehouse, quantity)
    return variant


def test_reserve_stock_takes_the_cheapest_warehouse() -> None:
    scene = make_scene(costs=("6.00", "4.00"))
    variant = _stocked(scene, 5, 5)
    order = factories.make_order(scene.market, {variant: 3})

    reserve(order)

    assert held(order) == {("w1", variant.sku): 3}
    assert stock_problems() == []


def test_reserve_stock_prefers_one_warehouse_that_has_everything() -> None:
    scene = make_scene()
    cup, pot = _stocked(scene, 5, 5), _stocked(scene, 1, 5)
    order = factories.make_order(scene.market, {cup: 2, pot: 2})

    reserve(order)

    assert held(order) == {("w1", cup.sku): 2, ("w1", pot.sku): 2}


def test_reserve_stock_splits_a_line_where_no_warehouse_has_it_all() -> None:
    scene = make_scene()
    variant = _stocked(scene, 2, 3)
    order = factories.make_order(scene.market, {variant: 4})

    reserve(order)

    assert held(order) == {("w0", variant.sku): 2, ("w1", variant.sku): 2}
    assert stock_problems() == []


def test_reserve_stock_is_all_or_nothing_and_names_what_fell_short() -> None:
    scene = make_scene()
    cup, pot, tray = _stocked(scene, 9), _stocked(scene, 1), factories.make_variant()
    order = factories.make_order(scene.market, {cup: 1, pot: 2, tray: 1})

    with transaction.atomic(), pytest.raises(OutOfStock) as caught:
        reserve(order)

    assert sorted(caught.value.skus) == sorted([pot.sku, tray.sku])
    assert not Reservation.objects.exists()
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {0}
    # The transaction that asked goes on.
    assert Order.objects.filter(pk=order.pk).exists()


@pytest.mark.parametrize("change", ["warehouse", "service", "country", "option", "weight"])
def test_reserve_stock_ignores_warehouses_that_cannot_send(change: str) -> None:
    scene = make_scene(costs=("4.00",))
    variant = _stocked(scene, 9)
    warehouse, zone = scene.warehouses[0], scene.zones[0]
    if change == "warehouse":
        warehouse.is_active = False
    elif change == "service":
        zone.service.is_active = False
    elif change == "country":
        zone.countries = ["FR"]
    elif change == "option":
        zone.service.option = "express"
    else:
        zone.max_weight_grams = 499
    for row in (warehouse, zone, zone.service):
        row.save()

    with pytest.raises(OutOfStock):
        reserve(factories.make_order(scene.market, {variant: 1}))


def test_reserved_can_never_pass_on_hand() -> None:
    scene = make_scene(costs=("4.00",))
    _stocked(scene, 2)
    with transaction.atomic(), pytest.raises(IntegrityError, match="stock_reserved_within_on_hand"):
        StockLevel.objects.update(reserved=3)


def test_available_counts_what_the_market_can_sell_in_one_query(
    django_assert_num_queries: object,
) -> None:
    scene = make_scene()
    cup, pot, none = _stocked(scene, 5, 2), _stocked(scene, 1), factories.make_variant()
    elsewhere = factories.make_warehouse("far")
    factories.make_stock(cup, elsewhere, 100)
    reserve(factories.make_order(scene.market, {cup: 3}))

    ids = [cup.pk, pot.pk, none.pk]
    with one_reference():
        with django_assert_num_queries(1):  # type: ignore[operator]
            counts = available(ids, scene.market)
        shelf = read_shelf(ids)
        with django_assert_num_queries(0):  # type: ignore[operator]
            same = available(ids, scene.market, shelf=shelf)

    assert counts == {cup.pk: 4, pot.pk: 1, none.pk: 0}
    assert same == counts


@given(
    lines=st.lists(
        st.tuples(st.integers(1, 5), st.tuples(*[st.integers(0, 4)] * 3)), min_size=1, max_size=3
    )
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_allocation_of_a_date_is_the_reservation_that_follows(
    lines: list[tuple[int, tuple[int, int, int]]],
) -> None:
    with transaction.atomic():
        scene = make_scene(costs=("5.00", "4.00", "4.00"))
        wanted = {_stocked(scene, *units): quantity for quantity, units in lines}
        free = {
            warehouse.pk: {
                variant.pk: units[n]
                for variant, (_, units) in zip(wanted, lines, strict=True)
                if units[n]
            }
            for n, warehouse in enumerate(scene.warehouses)
        }
        expected = allocate(
            {variant.pk: quantity for variant, quantity in wanted.items()},
            free=free,
            preference=[scene.warehouses[n].pk for n in (1, 2, 0)],
        )
        found = _reserved(factories.make_order(scene.market, wanted))
        problems = stock_problems()
        transaction.set_rollback(True)
    assert found == expected
    assert problems == []


def _reserved(order: Order) -> dict[int, dict[int, int]] | None:
    try:
        reserve(order)
    except OutOfStock:
        return None
    found: dict[int, dict[int, int]] = {}
    for line in ReservationLine.objects.filter(reservation__order=order):
        found.setdefault(line.warehouse_id, {})[line.variant_id] = line.quantity
    return found


def _try(order: Order) -> str:
    with transaction.atomic():
        reserve_stock(order, country="DE", option="standard", expires_at=None, now=NOW)
    return "reserved"


def _outcomes(orders: list[Order]) -> Counter[str]:
    results = run_together([partial(_try, order) for order in orders])
    return Counter(
        result if isinstance(result, str) else type(result).__name__ for result in results
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("buyers", "stock"), [(200, (30, 20)), (20, (1, 0))], ids=["200-for-50", "20-for-1"]
)
def test_reserve_stock_never_oversells(buyers: int, stock: tuple[int, int]) -> None:
    scene = make_scene()
    variant = _stocked(scene, *stock)
    orders = [factories.make_order(scene.market, {variant: 1}) for _ in range(buyers)]

    outcomes = _outcomes(orders)

    assert outcomes == {"reserved": sum(stock), "OutOfStock": buyers - sum(stock)}
    assert Reservation.objects.count() == sum(stock)
    assert stock_problems() == []


@pytest.mark.django_db(transaction=True)
def test_reserve_stock_never_deadlocks_over_carts_in_opposite_order() -> None:
    scene = make_scene()
    variants = [_stocked(scene, 8, 8) for _ in range(4)]
    orders = [
        factories.make_order(
            scene.market, dict.fromkeys(variants if n % 2 else reversed(variants), 1)
        )
        for n in range(40)
    ]

    outcomes = _outcomes(orders)

    assert outcomes == {"reserved": 16, "OutOfStock": 24}
    assert stock_problems() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("buckets", [0, 4], ids=["plain", "hot"])
def test_a_market_day_sells_nothing_twice_and_refuses_nobody_without_need(buckets: int) -> None:
    scene = make_scene(costs=("4.00", "6.00", "5.00"))
    variants = [_stocked(scene, 20, 8, 4) for _ in range(5)]
    StockLevel.objects.filter(variant__in=variants[::2]).update(buckets=buckets)
    market = Market(scene, variants, random.Random(7))
    jobs = market.buyers(60, most=5) + market.disturbances(20)
    market.chance.shuffle(jobs)

    words = run_crowd(jobs)

    allowed = {"reserved", "refused", "cancelled", "expired", "received", "moved", "laid out"}
    assert set(words) <= allowed, words
    assert stock_errors() == []
    # Nothing comes back any more: whoever is refused now is refused because nothing is left.
    rest = [
        factories.make_order(scene.market, {variant: 1})
        for variant in variants
        for _ in range(free_units(variant) + 2)
    ]
    words = run_crowd([partial(buy, order) for order in rest])
    assert words == {"reserved": len(rest) - 10, "refused": 10}
    assert [free_units(variant) for variant in variants] == [0] * 5
    assert stock_errors() == []
