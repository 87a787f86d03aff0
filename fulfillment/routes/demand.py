"""What of an order is still to be planned, and what is settled because somebody is at it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fulfillment.models import Shipment
from fulfillment.planning import Line
from orders.models import Order, OrderLine

S = Shipment.Status
AT_WORK = (S.PICKING, S.PACKED)
Key = tuple[int, int]  # Variant and warehouse.


@dataclass(frozen=True)
class Demand:
    """An order's units to plan, by variant, beside the shipments that hold the others.

    `movable` shipments are planned and nobody has started on them: their units are to be planned
    again. `settled` are in work: they stay, and their units stay reserved where they are.
    """

    order: Order
    lines: tuple[OrderLine, ...]
    units: Mapping[int, int]
    movable: tuple[Shipment, ...]
    settled: tuple[Shipment, ...]

    @property
    def is_unpicked(self) -> bool:
        return bool(self.movable) and sum(self.units.values()) == sum(
            line.quantity for line in self.lines
        )

    def settled_units(self) -> dict[Key, int]:
        """Count what shipments in work hold, by variant and warehouse."""
        units: dict[Key, int] = defaultdict(int)
        for shipment in self.settled:
            for variant, count in contents_of(shipment).items():
                units[variant, shipment.warehouse_id] += count
        return units

    def planned_units(self) -> int:
        """Count the units that lie in movable shipments."""
        return sum(sum(contents_of(shipment).values()) for shipment in self.movable)

    def to_plan(self, units: Mapping[int, int] | None = None) -> list[Line]:
        """Give the planner's lines for what is open, or for some units of it by variant."""
        wanted = self.units if units is None else units
        return [_line(line, wanted[line.variant_id]) for line in self.lines
                if wanted.get(line.variant_id)]  # fmt: skip


def read_demand(order: Order, *, lock: bool = False) -> Demand:
    """Read what is to be planned: three queries. Locked, no picker starts until the caller ends."""
    lines = tuple(order.lines.select_related("variant__product").order_by("variant_id"))
    rows = (
        order.shipments.exclude(status=S.CANCELLED)
        # What was lost and is to be sent again is open once more.
        .exclude(resolution=Shipment.Resolution.RESENT)
        .order_by("id")
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    shipments = list(rows.prefetch_related("lines__order_line"))
    left = {line.variant_id: line.quantity for line in lines}
    for shipment in shipments:
        if shipment.status != S.PLANNED:
            for variant, count in contents_of(shipment).items():
                left[variant] -= count
    return Demand(
        order=order,
        lines=lines,
        units={variant: count for variant, count in left.items() if count > 0},
        movable=tuple(row for row in shipments if row.status == S.PLANNED),
        settled=tuple(row for row in shipments if row.status in AT_WORK),
    )


def contents_of(shipment: Shipment) -> dict[int, int]:
    """Give a shipment's units by variant."""
    return {line.order_line.variant_id: line.quantity for line in shipment.lines.all()}


def _line(line: OrderLine, quantity: int) -> Line:
    variant = line.variant
    sides = (variant.length_mm or 0, variant.width_mm or 0, variant.height_mm or 0)
    return Line(
        variant_id=line.variant_id,
        quantity=quantity,
        weight_grams=variant.weight_grams,
        volume_cm3=-(-sides[0] * sides[1] * sides[2] // 1000),
        hazards=frozenset(variant.hazards),
        sku=line.sku,
    )
