"""Transfers, deliveries that are expected, damage: stock that comes and goes without an order."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from catalog.models import Variant
from fulfillment.errors import NotExpected, StockReserved, StockShort
from fulfillment.models import (
    IncomingStock,
    StockLevel,
    StockMovement,
    Transfer,
    TransferLine,
    Warehouse,
)
from fulfillment.stock import available
from fulfillment.stock.incoming import announce_stock, receive_incoming
from fulfillment.stock.ledger import book_damage
from fulfillment.stock.transfers import Arrival, cancel_transfer, receive_transfer, ship_transfer
from orders.errors import StaleTransition
from tests import factories
from tests.fulfillment.scenes import make_scene

pytestmark = pytest.mark.django_db(transaction=True)
NOW = factories.NOW
TODAY = NOW.date()


def _transfer(origin: Warehouse, to: Warehouse, lines: dict[Variant, int]) -> Transfer:
    transfer = Transfer.objects.create(
        number=f"T{Transfer.objects.count() + 1}",
        origin=origin,
        destination=to,
        expected_on=TODAY + timedelta(days=5),
    )
    for variant, quantity in lines.items():
        TransferLine.objects.create(transfer=transfer, variant=variant, quantity=quantity)
    return transfer


def _on_hand(warehouse: Warehouse, variant: Variant) -> int:
    return StockLevel.objects.get(warehouse=warehouse, variant=variant).on_hand


def test_transfer_leaves_at_once_and_is_incoming_until_it_is_there() -> None:
    scene = make_scene()
    first, second = scene.warehouses
    variant = factories.make_variant()
    factories.make_stock(variant, first, 10)
    transfer = _transfer(first, second, {variant: 6})
    ship_transfer(transfer.pk, now=NOW)
    assert available([variant.pk], scene.market) == {variant.pk: 4}
    incoming = IncomingStock.objects.get()
    assert (incoming.warehouse, incoming.quantity, incoming.expected_on) == (
        second, 6, transfer.expected_on,
    )  # fmt: skip
    receive_transfer(transfer.pk, {}, now=NOW)
    assert (_on_hand(first, variant), _on_hand(second, variant)) == (4, 6)
    assert IncomingStock.objects.get().closed_at == NOW


def test_what_a_transfer_lost_has_its_reason_and_is_nowhere() -> None:
    scene = make_scene()
    first, second = scene.warehouses
    variant = factories.make_variant()
    factories.make_stock(variant, first, 10)
    transfer = _transfer(first, second, {variant: 6})
    ship_transfer(transfer.pk, now=NOW)
    line = transfer.lines.get()
    with pytest.raises(ValueError, match="has a reason"):
        receive_transfer(transfer.pk, {line.pk: Arrival(5)}, now=NOW)
    with pytest.raises(ValueError, match="6 units were sent"):
        receive_transfer(transfer.pk, {line.pk: Arrival(7, "more")}, now=NOW)
    receive_transfer(transfer.pk, {line.pk: Arrival(5, "one broke")}, now=NOW)
    line.refresh_from_db()
    assert (line.received, line.reason) == (5, "one broke")
    assert _on_hand(first, variant) + _on_hand(second, variant) == 9


def test_transfer_moves_nothing_that_orders_hold() -> None:
    scene = make_scene()
    first, second = scene.warehouses
    held, free = factories.make_variant(), factories.make_variant()
    for variant in (held, free):
        factories.make_stock(variant, first, 5)
    StockLevel.objects.filter(variant=held).update(reserved=2)
    transfer = _transfer(first, second, {held: 4, free: 5})
    with pytest.raises(StockShort) as refused:
        ship_transfer(transfer.pk, now=NOW)
    assert refused.value.skus == [held.sku]
    assert _on_hand(first, free) == 5
    assert not IncomingStock.objects.exists()


def test_transfer_is_shipped_and_received_once() -> None:
    scene = make_scene()
    first, second = scene.warehouses
    variant = factories.make_variant()
    factories.make_stock(variant, first, 10)
    transfer = _transfer(first, second, {variant: 6})
    outcomes: list[str] = []

    def run() -> None:
        try:
            ship_transfer(transfer.pk, now=NOW)
            receive_transfer(transfer.pk, {}, now=NOW)
            outcomes.append("done")
        except StaleTransition:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in outcomes
    assert (_on_hand(first, variant), _on_hand(second, variant)) == (4, 6)
    with pytest.raises(StaleTransition):
        cancel_transfer(transfer.pk)


def test_delivery_comes_in_parts_and_closes() -> None:
    scene = make_scene()
    warehouse = scene.warehouses[0]
    variant = factories.make_variant()
    incoming = announce_stock(warehouse, variant, 10, expected_on=TODAY, reference="PO-1")
    receive_incoming(incoming, 4, now=NOW)
    incoming.refresh_from_db()
    assert (incoming.received, incoming.closed_at) == (4, None)
    receive_incoming(incoming, 0, closes=True, now=NOW)
    with pytest.raises(NotExpected):
        receive_incoming(incoming, 1, now=NOW)
    assert _on_hand(warehouse, variant) == 4


def test_damage_goes_out_with_a_reason_and_never_from_what_orders_hold() -> None:
    scene = make_scene()
    warehouse = scene.warehouses[0]
    variant = factories.make_variant()
    factories.make_stock(variant, warehouse, 5)
    StockLevel.objects.update(reserved=3)
    with pytest.raises(StockReserved):
        book_damage(warehouse, variant, 3, reason="water", now=NOW)
    with pytest.raises(ValueError, match="reason"):
        book_damage(warehouse, variant, 1, reason=" ", now=NOW)
    book_damage(warehouse, variant, 2, reason="water", now=NOW)
    movement = StockMovement.objects.latest("id")
    assert (movement.kind, movement.quantity, movement.reason) == ("damage", -2, "water")
