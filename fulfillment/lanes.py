"""The ways from our warehouses to a country: zones with their services and warehouses."""

from collections.abc import Collection, Mapping

from fulfillment.calendar import Desk
from fulfillment.models import StockLevel, Warehouse, Zone


def list_zones(country: str, *, options: Collection[str]) -> list[Zone]:
    """List the active zones to a country for delivery option codes, in a fixed order."""
    return list(
        Zone.objects.filter(
            countries__contains=[country],
            service__option__in=options,
            service__is_active=True,
            warehouse__is_active=True,
        )
        .select_related("service", "warehouse")
        .order_by("warehouse__code", "service__code", "id")
    )


def desk_of(warehouse: Warehouse) -> Desk:
    """Give the hours of a warehouse."""
    return Desk(zone=warehouse.zone, cutoff=warehouse.cutoff, handling_days=warehouse.handling_days)


def free_units(
    variant_ids: Collection[int], *, warehouse_ids: Collection[int]
) -> Mapping[int, Mapping[int, int]]:
    """Read the units that are not reserved, by warehouse and variant, in one query."""
    free: dict[int, dict[int, int]] = {}
    rows = StockLevel.objects.filter(
        variant_id__in=variant_ids, warehouse_id__in=warehouse_ids
    ).values_list("warehouse_id", "variant_id", "on_hand", "reserved")
    for warehouse, variant, on_hand, reserved in rows.order_by():
        free.setdefault(warehouse, {})[variant] = on_hand - reserved
    return free
