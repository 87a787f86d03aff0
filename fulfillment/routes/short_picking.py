"""A picker finds fewer units than the books say: stock is set right, the rest goes elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.reference import one_reference
from fulfillment.carriers.dropping import drop_label
from fulfillment.errors import NothingMissing
from fulfillment.models import (
    ReservationLine,
    RoutingDecision,
    Shipment,
    ShipmentLine,
    StockLevel,
    StockMovement,
)
from fulfillment.routes.choosing import choose_part
from fulfillment.routes.holding import lock_holding
from fulfillment.routes.weighing import weigh_again
from fulfillment.routes.writing import Cause, Why, lock_bench, write_plan
from fulfillment.stock.buckets import lock_whole_levels
from fulfillment.stock.levels import change_reserved
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import lock_order

S = Shipment.Status
_OPEN = (S.PLANNED, S.PICKING, S.PACKED)
Kind = StockMovement.Kind


@dataclass(frozen=True)
class ShortPick:
    """What became of missing units, by sku: replaced from the same shelf, planned, or waiting."""

    missing: Mapping[str, int]
    replaced: Mapping[str, int]
    waiting: Mapping[str, int]
    decision: RoutingDecision | None


@transaction.atomic(durable=True)
def short_pick(
    shipment_id: int,
    found: Mapping[int, int],
    *,
    reason: str,
    is_damaged: bool = False,
    user: Any,
    now: datetime,
) -> ShortPick:
    """Book what a shipment lacks and plan it anew from elsewhere, at once.

    `found` maps shipment line ids to the units found; lines that are left out are complete. What
    was found stays in the shipment; with nothing left it is cancelled. Missing units mean that
    the shelf is empty: all that no order holds there is booked out with them. Damaged units are
    booked as such, and others from the same shelf take their place as far as there are any.
    What has no way now waits and is planned once there is one. Locks the order, its shipments,
    its reservation, then stock rows. Raises StaleTransition if the parcel has left or the order
    is not released, NothingMissing if nothing lacks, ValueError for more than there should be.
    """
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    order = lock_order(order_id)
    shipment = Shipment.objects.select_for_update(of=("self",)).get(pk=shipment_id)
    if shipment.status not in _OPEN or order.status != Order.Status.RELEASED:
        raise StaleTransition(f"Shipment {shipment.number} is {shipment.status}.")
    lines = list(shipment.lines.select_related("order_line__variant").order_by("id"))
    missing = _missing(lines, found)
    skus = {line.order_line.variant_id: line.order_line.sku for line in lines}
    replaced = _book(shipment, missing, reason=reason, is_damaged=is_damaged, user=user, now=now)
    lacking = {v: n - replaced.get(v, 0) for v, n in missing.items() if n > replaced.get(v, 0)}
    if not lacking:
        return ShortPick(_names(missing, skus), _names(replaced, skus), {}, None)
    _take_out(shipment, lines, lacking, now=now)
    with one_reference() as read:
        bench = lock_bench(order, now=now, read=read)
        chosen = choose_part(bench.demand, ways=bench.ways, stock=bench.stock)
        why = Why(Cause.SHORT, now, f"{shipment.number}: {reason}", user)
        decision = write_plan(bench, chosen, why=why)
    return ShortPick(
        missing=_names(missing, skus),
        replaced=_names(replaced, skus),
        waiting=decision.plan.get("waiting", {}),
        decision=decision,
    )


def _missing(lines: list[ShipmentLine], found: Mapping[int, int]) -> dict[int, int]:
    missing: dict[int, int] = {}
    for line in lines:
        units = found.get(line.pk, line.quantity)
        if not 0 <= units <= line.quantity:
            raise ValueError(f"{units} units were found of {line.quantity}.")
        if units < line.quantity:
            missing[line.order_line.variant_id] = line.quantity - units
    if not missing:
        raise NothingMissing(f"Nothing lacks of {len(lines)} lines.")
    return missing


def _book(
    shipment: Shipment, missing: Mapping[int, int], *, reason: str, is_damaged: bool,
    user: Any, now: datetime,
) -> dict[int, int]:  # fmt: skip
    """Give back what is not there and take it off the books; give what replaces damaged units."""
    place = shipment.warehouse_id
    holding = lock_holding(shipment.order)
    # All rows that planning will want: locking some now and others later could go in a circle.
    variants = shipment.order.lines.values("variant")
    levels = lock_whole_levels(
        StockLevel.objects.filter(variant__in=variants).values_list("variant_id", "warehouse_id")
    )
    replaced = {
        variant: min(units, levels[variant, place].free) if is_damaged else 0
        for variant, units in missing.items()
    }
    given_back = {
        (variant, place): min(holding.held.get((variant, place), 0), units - replaced[variant])
        for variant, units in missing.items()
    }
    change_reserved({key: -units for key, units in given_back.items()})
    for line in ReservationLine.objects.filter(
        reservation=holding.reservation, warehouse=place, variant__in=missing
    ):
        line.quantity -= given_back[line.variant_id, place]
        line.save(update_fields=["quantity"])
    StockMovement.objects.bulk_create(
        StockMovement(
            warehouse_id=place,
            variant_id=variant,
            kind=Kind.DAMAGE if is_damaged else Kind.COUNT,
            quantity=-(units if is_damaged else _absent(levels[variant, place], units)),
            reference=shipment.number,
            reason=reason[:200],
            user=user if getattr(user, "pk", None) else None,
            occurred_at=now,
        )
        for variant, units in sorted(missing.items())
    )
    return {variant: units for variant, units in replaced.items() if units}


def _absent(level: StockLevel, missing: int) -> int:
    """Count what an empty shelf lacks: what was looked for, and what no order holds."""
    return missing + level.free


def _take_out(
    shipment: Shipment, lines: list[ShipmentLine], lacking: Mapping[int, int], *, now: datetime
) -> None:
    """Leave in the shipment what was found; it counts as started, so that it stays as it is."""
    for line in lines:
        line.quantity -= lacking.get(line.order_line.variant_id, 0)
        if line.quantity:
            line.save(update_fields=["quantity"])
        else:
            line.delete()
    drop_label(shipment.pk, now=now)
    is_empty = not any(line.quantity for line in lines)
    shipment.status = S.CANCELLED if is_empty else S.PICKING
    shipment.packed_at = None
    shipment.save(update_fields=["status", "packed_at", "changed_at"])
    if not is_empty:
        weigh_again(shipment)


def _names(units: Mapping[int, int], skus: Mapping[int, str]) -> dict[str, int]:
    return {skus[variant]: count for variant, count in units.items()}
