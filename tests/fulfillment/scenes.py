"""Orders, warehouses and money that several tests of this room need."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Sum
from djmoney.money import Money

from catalog.models import Variant
from fulfillment.models import (
    Reservation,
    ReservationLine,
    Shipment,
    StockLevel,
    StockMovement,
    Warehouse,
    Zone,
)
from fulfillment.routes import route_order
from fulfillment.shipping import dispatch_shipment, pack_shipment
from fulfillment.stock import reserve_stock
from markets.models import Market
from orders.models import Order
from payments.models import Payment, PaymentMethod
from tests import factories

NOW = factories.NOW


@dataclass(frozen=True)
class Scene:
    market: Market
    warehouses: tuple[Warehouse, ...]
    zones: tuple[Zone, ...]


def make_scene(*, costs: Sequence[str] = ("4.00", "6.00"), currency: str = "EUR") -> Scene:
    """Make a market with a delivery option, and warehouses `w0`, `w1`, … of these base costs."""
    market = factories.make_market(currency=currency)
    factories.make_delivery_option(market)
    service = factories.make_service()
    warehouses = tuple(factories.make_warehouse(f"w{n}") for n, _ in enumerate(costs))
    zones = tuple(
        factories.make_zone(service, warehouse, ["DE", "AT"], base_cost=Decimal(cost))
        for warehouse, cost in zip(warehouses, costs, strict=True)
    )
    return Scene(market, warehouses, zones)


def reserve(order: Order, *, expires_at: datetime | None = NOW + timedelta(minutes=45)) -> None:
    reserve_stock(order, country="DE", option="standard", expires_at=expires_at, now=NOW)


def make_paid_order(scene: Scene, lines: dict[Variant, int], *, unit_price: str = "10.00") -> Order:
    """Make an order whose bank transfer has come, with its units reserved, ready to route."""
    order = factories.make_order(
        scene.market,
        lines,
        unit_price=unit_price,
        status=Order.Status.RELEASED,
        payment_status=Order.PaymentStatus.PAID,
    )
    method = PaymentMethod.objects.filter(code="transfer").first() or factories.make_method(
        scene.market, "transfer", gateway=PaymentMethod.Gateway.BANK_TRANSFER
    )
    factories.make_payment(order, method, status=Payment.Status.CAPTURED, captured=order.gross)
    reserve(order)
    return order


def make_shipped_order(
    scene: Scene, lines: dict[Variant, int], *, unit_price: str = "10.00"
) -> Order:
    order = make_paid_order(scene, lines, unit_price=unit_price)
    route_order(order.pk, now=NOW)
    for shipment in order.shipments.all():
        send(shipment)
    order.refresh_from_db()
    return order


def send(shipment: Shipment) -> None:
    pack_shipment(shipment.pk, now=NOW)
    dispatch_shipment(shipment.pk, tracking_number="T1", user=None, now=NOW)


def held(order: Order) -> dict[tuple[str, str], int]:
    """Give what an order's reservation holds, by warehouse code and sku."""
    return {
        (line.warehouse.code, line.variant.sku): line.quantity
        for line in ReservationLine.objects.filter(reservation__order=order)
    }


def euros(amount: str) -> Money:
    return Money(amount, "EUR")


def stock_problems() -> list[str]:
    """Compare every stock row with its movements and with what active reservations hold."""
    problems = []
    for level in StockLevel.objects.all():
        row = {"warehouse": level.warehouse_id, "variant": level.variant_id}
        moved = StockMovement.objects.filter(**row).aggregate(n=Sum("quantity"))["n"] or 0
        kept = (
            ReservationLine.objects.filter(
                reservation__status=Reservation.Status.ACTIVE, **row
            ).aggregate(n=Sum("quantity"))["n"]
            or 0
        )
        if (level.on_hand, level.reserved) != (moved, kept) or level.reserved > level.on_hand:
            problems.append(f"{level}: {moved} moved, {kept} held")
    return problems


def run_together(jobs: Sequence[Callable[[], object]]) -> list[object]:
    """Run jobs at once, each in a thread with a connection of its own; give results or errors."""
    start = threading.Barrier(len(jobs))
    results: list[object] = [None] * len(jobs)

    def run(position: int) -> None:
        try:
            start.wait(timeout=60)
            results[position] = jobs[position]()
        except Exception as error:
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    return results
