from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Variant
from fulfillment.models import IncomingStock, StockBucket, StockDisplay, StockLevel, Warehouse
from fulfillment.stock import StockKind, available, read_shelf, stock_notes
from fulfillment.stock.display import StockNote
from fulfillment.stock.shelf import Ahead, read_ahead
from tests import factories
from tests.fulfillment.scenes import make_scene

pytestmark = pytest.mark.django_db
TODAY = factories.NOW.date()
SOON = TODAY + timedelta(days=10)


def _expect(warehouse: Warehouse, variant: Variant, units: int, *, on: date, limit: int) -> None:
    StockLevel.objects.update_or_create(
        warehouse=warehouse, variant=variant, defaults={"preorder_limit": limit}
    )
    IncomingStock.objects.create(
        warehouse=warehouse, variant=variant, quantity=units, expected_on=on
    )


def test_note_counts_what_is_here_without_safety_and_with_buckets() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    first, second = scene.warehouses
    factories.make_stock(variant, first, 10)
    factories.make_stock(variant, second, 4)
    level = StockLevel.objects.get(warehouse=first)
    # Six of ten lie in buckets and count as reserved, one is held for an order, two are safety.
    StockLevel.objects.filter(pk=level.pk).update(reserved=7, safety=2, buckets=2)
    for position, free in enumerate([4, 2]):
        StockBucket.objects.create(level=level, position=position, free=free)
    assert available([variant.pk], scene.market) == {variant.pk: 1 + 6 + 4}
    note = stock_notes([variant.pk], scene.market, today=TODAY)[variant.pk]
    assert note == StockNote(StockKind.IN_STOCK, 11)


def test_safety_above_what_is_free_offers_nothing_and_takes_nothing_from_elsewhere() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    first, second = scene.warehouses
    factories.make_stock(variant, first, 2)
    factories.make_stock(variant, second, 3)
    StockLevel.objects.filter(warehouse=first).update(safety=5)
    assert available([variant.pk], scene.market) == {variant.pk: 3}


def test_few_are_counted_up_to_what_the_market_says() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 5)
    few = stock_notes([variant.pk], scene.market, today=TODAY)[variant.pk]
    assert few == StockNote(StockKind.FEW, 5, left=5)
    StockDisplay.objects.create(market=scene.market, few_up_to=0)
    note = stock_notes([variant.pk], scene.market, today=TODAY)[variant.pk]
    assert note == StockNote(StockKind.IN_STOCK, 5)


def test_what_comes_is_sold_ahead_within_its_limit() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    _expect(scene.warehouses[0], variant, 20, on=SOON, limit=8)
    note = stock_notes([variant.pk], scene.market, today=TODAY)[variant.pk]
    assert note == StockNote(StockKind.AHEAD, 8, on=SOON, ahead=8)
    assert note.here == 0


def test_more_than_what_is_here_can_be_ordered_where_it_is_sold_ahead() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], 3)
    _expect(scene.warehouses[0], variant, 20, on=SOON, limit=8)
    note = stock_notes([variant.pk], scene.market, today=TODAY)[variant.pk]
    assert note == StockNote(StockKind.FEW, 11, left=3, on=SOON, ahead=8)
    assert note.here == 3


def test_what_comes_and_is_not_sold_ahead_only_has_a_date() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    _expect(scene.warehouses[0], variant, 20, on=SOON, limit=0)
    note = stock_notes([variant.pk], scene.market, today=TODAY)[variant.pk]
    assert note == StockNote(StockKind.OUT, 0, on=SOON)
    assert not note.can_be_ordered


def test_what_is_overdue_is_promised_to_nobody() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    _expect(scene.warehouses[0], variant, 20, on=TODAY - timedelta(days=1), limit=8)
    note = stock_notes([variant.pk], scene.market, today=TODAY)[variant.pk]
    assert note == StockNote(StockKind.OUT, 0)


def test_what_no_warehouse_of_the_market_has_is_out() -> None:
    scene = make_scene()
    variant = factories.make_variant()
    elsewhere = factories.make_warehouse("far")
    factories.make_stock(variant, elsewhere, 9)
    note = stock_notes([variant.pk], scene.market, today=TODAY)[variant.pk]
    assert note == StockNote(StockKind.OUT, 0)


def test_sold_ahead_is_taken_from_the_earliest_delivery() -> None:
    incoming = '[["2026-05-04", 5], ["2026-06-01", 10]]'
    assert read_ahead(12, 7, incoming) == (
        Ahead(date(2026, 5, 4), 0, 0),
        Ahead(date(2026, 6, 1), 8, 5),
    )


def test_notes_take_one_query_and_none_with_a_shelf() -> None:
    scene = make_scene()
    variants = [factories.make_variant(sku=f"sku-{n}") for n in range(3)]
    ids = [variant.pk for variant in variants]
    shelf = read_shelf(ids)
    with CaptureQueriesContext(connection) as queries:
        stock_notes(ids, scene.market, today=TODAY, shelf=shelf)
        with_shelf = len(queries)
        stock_notes(ids, scene.market, today=TODAY)
    # In a test's transaction the reference is read anew each time.
    assert len(queries) - 2 * with_shelf == 1
