"""The long races over stock: `make soak` runs them, twenty rounds each."""

import random
from functools import partial

import pytest

from catalog.models import Variant
from fulfillment.models import ReservationLine, StockLevel
from fulfillment.stock import lay_out_hot_levels
from tests import factories
from tests.fulfillment.races import Market, buy, free_units, run_crowd, stock_errors
from tests.fulfillment.scenes import NOW, Scene, make_scene

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]
ROUNDS = 20
rounds = pytest.mark.parametrize("number", range(ROUNDS))
kinds = pytest.mark.parametrize("buckets", [0, 8], ids=["plain", "hot"])


def _stocked(scene: Scene, *units: int, buckets: int) -> Variant:
    variant = factories.make_variant()
    for warehouse, quantity in zip(scene.warehouses, units, strict=True):
        if quantity:
            factories.make_stock(variant, warehouse, quantity)
    StockLevel.objects.filter(variant=variant).update(buckets=buckets)
    lay_out_hot_levels(NOW)
    return variant


@rounds
@kinds
@pytest.mark.parametrize(
    ("buyers", "units"),
    [(20, (1, 0, 0)), (200, (30, 20, 0)), (1_000, (300, 150, 50))],
    ids=["20-for-1", "200-for-50", "1000-for-500"],
)
def test_every_unit_is_sold_once(
    number: int, buckets: int, buyers: int, units: tuple[int, int, int]
) -> None:
    scene = make_scene(costs=("4.00", "6.00", "5.00"))
    variant = _stocked(scene, *units, buckets=buckets)
    orders = [factories.make_order(scene.market, {variant: 1}) for _ in range(buyers)]

    words = run_crowd([partial(buy, order) for order in orders])

    assert words == {"reserved": sum(units), "refused": buyers - sum(units)}
    assert free_units(variant) == 0
    assert ReservationLine.objects.count() == sum(units)
    assert stock_errors() == []


@rounds
def test_carts_among_cancellations_expiries_receipts_and_transfers(number: int) -> None:
    scene = make_scene(costs=("4.00", "6.00", "5.00"))
    variants = [
        _stocked(scene, 60, 30, 10, buckets=8 if position % 2 else 0) for position in range(8)
    ]
    market = Market(scene, variants, random.Random(number))
    jobs = market.buyers(400, most=5, units=3) + market.disturbances(150)
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
    assert words == {"reserved": len(rest) - 2 * len(variants), "refused": 2 * len(variants)}
    assert [free_units(variant) for variant in variants] == [0] * len(variants)
    assert stock_errors() == []
