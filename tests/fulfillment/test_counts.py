import pytest

from fulfillment.errors import BadCount
from fulfillment.models import StockCount, StockLevel, StockMovement
from fulfillment.stock.counts import approve_count, read_count, reject_count
from orders.errors import StaleTransition
from tests import factories
from tests.fulfillment.scenes import NOW, make_scene, reserve

pytestmark = pytest.mark.django_db(transaction=True)


def test_difference_is_booked_when_it_is_approved() -> None:
    scene = make_scene()
    warehouse = scene.warehouses[0]
    missing, right = factories.make_variant(sku="A"), factories.make_variant(sku="B")
    for variant in (missing, right):
        factories.make_stock(variant, warehouse, 10)
    count = read_count(["SKU;Counted\n", "A;8\n", "B;10\n"], warehouse, now=NOW, note="yearly")
    assert StockLevel.objects.get(variant=missing).on_hand == 10
    assert approve_count(count.pk, now=NOW) == ()
    assert StockLevel.objects.get(variant=missing).on_hand == 8
    movement = StockMovement.objects.get(kind="count")
    assert (movement.quantity, movement.reference, movement.reason) == (-2, count.number, "yearly")
    with pytest.raises(StaleTransition):
        approve_count(count.pk, now=NOW)


def test_what_leaves_after_counting_is_no_difference() -> None:
    scene = make_scene()
    warehouse = scene.warehouses[0]
    variant = factories.make_variant(sku="A")
    factories.make_stock(variant, warehouse, 10)
    count = read_count(["sku,counted", "A,9"], warehouse, now=NOW)
    StockMovement.objects.create(
        warehouse=warehouse, variant=variant, kind="sale", quantity=-4, reference="S1",
        occurred_at=NOW,
    )  # fmt: skip
    approve_count(count.pk, now=NOW)
    assert StockLevel.objects.get().on_hand == 5


def test_line_that_orders_hold_more_of_blocks_the_count_and_names_them() -> None:
    scene = make_scene()
    warehouse = scene.warehouses[0]
    variant = factories.make_variant(sku="A")
    factories.make_stock(variant, warehouse, 3)
    order = factories.make_order(scene.market, {variant: 3})
    reserve(order)
    count = read_count(["sku,counted", "A,2"], warehouse, now=NOW)
    (blocked,) = approve_count(count.pk, now=NOW)
    assert (blocked.sku, blocked.counted, blocked.reserved, blocked.orders) == (
        "A", 2, 3, (order.number,),
    )  # fmt: skip
    assert StockLevel.objects.get().on_hand == 3
    assert StockCount.objects.get().status == "open"
    reject_count(count.pk, now=NOW)
    assert StockCount.objects.get().status == "rejected"


def test_file_is_taken_whole_or_not_at_all_and_says_where() -> None:
    scene = make_scene()
    factories.make_variant(sku="A")
    lines = ["sku,counted", "A,3", "Z,1", "A,4", "A,-1", ",5", ""]
    with pytest.raises(BadCount) as refused:
        read_count(lines, scene.warehouses[0], now=NOW)
    assert [(row.line, row.column) for row in refused.value.problems] == [
        (3, "sku"), (4, "sku"), (5, "counted"), (6, "sku"),
    ]  # fmt: skip
    assert not StockCount.objects.exists()


def test_file_without_its_columns_is_refused() -> None:
    scene = make_scene()
    with pytest.raises(BadCount, match="sku and counted"):
        read_count(["article,number", "A,3"], scene.warehouses[0], now=NOW)
    with pytest.raises(BadCount):
        read_count([], scene.warehouses[0], now=NOW)
