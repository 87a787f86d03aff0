"""The ways from our warehouses to a country: zones with their services and warehouses."""

from collections.abc import Collection

from catalog.reference import Reference, keep, one_reference, reference
from fulfillment.calendar import Desk
from fulfillment.models import CarrierService, DeliveryOption, Warehouse, Zone
from markets.models import Market
from markets.selectors import list_countries

for _model in (CarrierService, DeliveryOption, Warehouse, Zone):
    keep(_model)


def list_options(market: Market) -> tuple[DeliveryOption, ...]:
    """List the active delivery options of a market in its order."""
    return reference().derive(_options, market.pk)


def list_zones(country: str, *, options: Collection[str]) -> list[Zone]:
    """List the active zones to a country for delivery option codes, in a fixed order."""
    zones = reference().derive(_zones, country)
    return [zone for zone in zones if zone.service.option in options]


def list_serving_warehouses(market: Market) -> frozenset[int]:
    """Give the ids of the active warehouses that some delivery option of a market sends from.

    To one of the market's countries at least.
    """
    with one_reference() as read:
        return read.derive(_serving, market)


def desk_of(warehouse: Warehouse) -> Desk:
    """Give the hours of a warehouse."""
    return Desk(zone=warehouse.zone, cutoff=warehouse.cutoff, handling_days=warehouse.handling_days)


def _options(read: Reference, market_id: int) -> tuple[DeliveryOption, ...]:
    options = read.rows(DeliveryOption, market_id=market_id, is_active=True)
    return tuple(sorted(options, key=lambda option: (option.position, option.pk)))


def _zones(read: Reference, country: str) -> list[Zone]:
    zones = [zone for zone in read.derive(_active_zones) if country in zone.countries]
    return sorted(zones, key=lambda zone: (zone.warehouse.code, zone.service.code, zone.pk))


def _active_zones(read: Reference) -> list[Zone]:
    services = {row.pk: row for row in read.rows(CarrierService, is_active=True)}
    warehouses = {row.pk: row for row in read.rows(Warehouse, is_active=True)}
    zones = []
    for zone in read.rows(Zone):
        if zone.service_id in services and zone.warehouse_id in warehouses:
            zone.service = services[zone.service_id]
            zone.warehouse = warehouses[zone.warehouse_id]
            zones.append(zone)
    return zones


def _serving(_read: Reference, market: Market) -> frozenset[int]:
    codes = {option.code for option in list_options(market)}
    return frozenset(
        zone.warehouse_id
        for country in list_countries(market)
        for zone in list_zones(country, options=codes)
    )
