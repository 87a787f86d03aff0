"""The ways from our warehouses to a country: zones with their services and warehouses."""

from collections.abc import Collection
from datetime import date

from catalog.reference import Reference, keep, one_reference, reference
from fulfillment.calendar import Days, Desk
from fulfillment.holidays import DaysOff, find_part, weekend_of
from fulfillment.models import Carrier, CarrierService, Closure, DeliveryOption, Warehouse, Zone
from markets.models import Market
from markets.selectors import list_countries

for _model in (Carrier, CarrierService, Closure, DeliveryOption, Warehouse, Zone):
    keep(_model)

_EVERY_DAY = frozenset(range(7))


def list_options(market: Market) -> tuple[DeliveryOption, ...]:
    """List the active delivery options of a market in its order."""
    return reference().derive(_options, market.pk)


def list_zones(country: str, *, options: Collection[str] | None = None) -> list[Zone]:
    """List the active zones to a country in a fixed order; those of delivery option codes, or all.

    Service, carrier and warehouse are active and read along; a carrier may be down for now.
    """
    zones = reference().derive(_zones, country)
    return [zone for zone in zones if options is None or zone.service.option in options]


def list_serving_warehouses(market: Market) -> frozenset[int]:
    """Give the ids of the active warehouses that some delivery option of a market sends from.

    To one of the market's countries at least.
    """
    with one_reference() as read:
        return read.derive(_serving, market)


def make_desk(read: Reference, warehouse: Warehouse) -> Desk:
    """Give a warehouse's desk as of a reading."""
    closed = closed_days(read, warehouse_id=warehouse.pk)
    return Desk(
        zone=warehouse.zone,
        cutoff=warehouse.cutoff,
        handling_days=warehouse.handling_days,
        days=Days(
            _EVERY_DAY - weekend_of(warehouse.country), DaysOff((place_of(warehouse),), closed)
        ),
    )


def place_of(warehouse: Warehouse) -> tuple[str, str]:
    """Give the country of a warehouse and the part of it whose holidays count there."""
    part = find_part(warehouse.country, warehouse.region, warehouse.postal_code)
    return (warehouse.country, part)


def closed_days(
    read: Reference, *, warehouse_id: int | None = None, country: str = "", carrier_id: int = 0
) -> frozenset[date]:
    """Give the days closed besides holidays: a warehouse's, or a carrier's in a country."""
    return frozenset(
        day
        for closure in read.derive(_closures)
        if closure.warehouse_id == warehouse_id
        and closure.country == country
        and closure.carrier_id in (None, carrier_id)
        for day in closure.days()
    )


def _closures(read: Reference) -> list[Closure]:
    return read.rows(Closure)


def _options(read: Reference, market_id: int) -> tuple[DeliveryOption, ...]:
    options = read.rows(DeliveryOption, market_id=market_id, is_active=True)
    return tuple(sorted(options, key=lambda option: (option.position, option.pk)))


def _zones(read: Reference, country: str) -> list[Zone]:
    zones = [zone for zone in read.derive(_active_zones) if country in zone.countries]
    return sorted(zones, key=lambda zone: (zone.warehouse.code, zone.service.code, zone.pk))


def _active_zones(read: Reference) -> list[Zone]:
    carriers = {row.pk: row for row in read.rows(Carrier, is_active=True)}
    services = {row.pk: row for row in read.rows(CarrierService, is_active=True)}
    warehouses = {row.pk: row for row in read.rows(Warehouse, is_active=True)}
    zones = []
    for zone in read.rows(Zone):
        service, warehouse = services.get(zone.service_id), warehouses.get(zone.warehouse_id)
        carrier = carriers.get(service.carrier_id) if service else None
        if service and warehouse and carrier:
            service.carrier = carrier
            zone.service, zone.warehouse = service, warehouse
            zones.append(zone)
    return zones


def _serving(_read: Reference, market: Market) -> frozenset[int]:
    codes = {option.code for option in list_options(market)}
    return frozenset(
        zone.warehouse_id
        for country in list_countries(market)
        for zone in list_zones(country, options=codes)
    )
