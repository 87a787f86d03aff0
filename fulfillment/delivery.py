"""What a shopper can choose: delivery options with a price and the dates they arrive on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from djmoney.money import Money

from catalog.reference import one_reference
from fulfillment.allocation import allocate
from fulfillment.calendar import arrives_on
from fulfillment.lanes import desk_of, list_options, list_zones
from fulfillment.models import DeliveryOption, Warehouse, Zone
from fulfillment.stock import Shelf, read_shelf
from markets.models import Market


@dataclass(frozen=True)
class Consignment:
    """What one warehouse would send of an order; `units` maps variant id to quantity."""

    warehouse_id: int
    country: str
    region: str
    postal_code: str
    units: Mapping[int, int]


@dataclass(frozen=True)
class DeliveryChoice:
    """A delivery option as it stands for some goods and a country, at one moment.

    The consignments are what would be reserved now, in the order of their warehouses: duty and
    tax depend on where each unit is sent from.
    """

    option: str
    name: str
    description: str
    price: Money
    arrives_from: date
    arrives_to: date
    warehouse_ids: tuple[int, ...]
    consignments: tuple[Consignment, ...] = ()


def list_delivery(
    market: Market,
    *,
    country: str,
    items: Mapping[int, int],
    goods_total: Decimal,
    now: datetime,
    shelf: Shelf | None = None,
) -> list[DeliveryChoice]:
    """List the options by which all items can be sent now, in the market's order.

    `items` maps variant id to quantity; `goods_total` is in the market's currency and decides
    what is free. Dates follow from the warehouses that the units would be reserved in. One
    query, however many items; with a shelf of them there is none.
    """
    counter = _Counter(market, country=country, shelf=shelf or read_shelf(items), now=now)
    return counter.choices(items, goods_total=goods_total)


def promise(
    market: Market, *, country: str, variant_id: int, now: datetime, quantity: int = 1
) -> DeliveryChoice | None:
    """Give the first option for one variant, or None if it cannot be sent to the country now."""
    return list_promises(
        market, country=country, variant_ids=[variant_id], now=now, quantity=quantity
    ).get(variant_id)


def list_promises(
    market: Market,
    *,
    country: str,
    variant_ids: Collection[int],
    now: datetime,
    quantity: int = 1,
) -> dict[int, DeliveryChoice]:
    """Give the first option for each variant alone; those that cannot be sent are left out.

    The price is that of an order of nothing else, free thresholds apart. One query.
    """
    counter = _Counter(market, country=country, shelf=read_shelf(variant_ids), now=now)
    promises = {}
    for variant_id in variant_ids:
        choices = counter.choices({variant_id: quantity}, goods_total=Decimal(0))
        if choices:
            promises[variant_id] = choices[0]
    return promises


class _Counter:
    """Answers for any selection of what is on a shelf."""

    def __init__(self, market: Market, *, country: str, shelf: Shelf, now: datetime) -> None:
        self.now = now
        self.shelf = shelf
        with one_reference():
            self.options = list_options(market)
            self.zones = {
                option.code: list_zones(country, options=[option.code]) for option in self.options
            }

    def choices(self, items: Mapping[int, int], *, goods_total: Decimal) -> list[DeliveryChoice]:
        if not items:
            return []
        found = (
            self._choice(option, items=items, goods_total=goods_total) for option in self.options
        )
        return [choice for choice in found if choice is not None]

    def _choice(
        self, option: DeliveryOption, *, items: Mapping[int, int], goods_total: Decimal
    ) -> DeliveryChoice | None:
        zones = self._cheapest_zones(self.zones[option.code], items=items)
        taken = allocate(items, free=self._reachable(option.code), preference=list(zones))
        if taken is None:
            return None
        used = [zones[warehouse] for warehouse in sorted(taken)]
        return DeliveryChoice(
            option=option.code,
            name=option.name,
            description=option.description,
            price=_price(option, goods_total=goods_total),
            arrives_from=max(_arrival(zone, zone.transit_days_min, now=self.now) for zone in used),
            arrives_to=max(_arrival(zone, zone.transit_days_max, now=self.now) for zone in used),
            warehouse_ids=tuple(sorted(taken)),
            consignments=tuple(
                _consignment(zones[warehouse].warehouse, taken[warehouse])
                for warehouse in sorted(taken)
            ),
        )

    def _cheapest_zones(
        self, zones: Iterable[Zone], *, items: Mapping[int, int]
    ) -> dict[int, Zone]:
        """Give each warehouse's cheapest zone for the load, the cheapest warehouse first."""
        grams = sum(self.shelf.grams.get(variant, 0) * units for variant, units in items.items())
        kilos = Decimal(grams).scaleb(-3)

        def cost(zone: Zone) -> tuple[Decimal, int, int]:
            return (zone.base_cost + zone.cost_per_kg * kilos, zone.warehouse_id, zone.pk)

        cheapest: dict[int, Zone] = {}
        for zone in sorted(zones, key=cost):
            cheapest.setdefault(zone.warehouse_id, zone)
        return cheapest

    def _reachable(self, option: str) -> dict[int, dict[int, int]]:
        """Give the free units that some zone of the option is strong enough to carry."""
        heaviest: dict[int, int] = {}
        for zone in self.zones[option]:
            limit = max(heaviest.get(zone.warehouse_id, 0), zone.max_weight_grams)
            heaviest[zone.warehouse_id] = limit
        return {
            warehouse: {
                variant: units
                for variant, units in self.shelf.free.get(warehouse, {}).items()
                if self.shelf.grams.get(variant, 0) <= limit
            }
            for warehouse, limit in heaviest.items()
        }


def _consignment(warehouse: Warehouse, units: Mapping[int, int]) -> Consignment:
    return Consignment(
        warehouse_id=warehouse.pk,
        country=warehouse.country,
        region=warehouse.region,
        postal_code=warehouse.postal_code,
        units=units,
    )


def _arrival(zone: Zone, days: int, *, now: datetime) -> date:
    return arrives_on(now, days, desk=desk_of(zone.warehouse))


def _price(option: DeliveryOption, *, goods_total: Decimal) -> Money:
    price: Money = option.price
    if option.free_from is not None and goods_total >= option.free_from:
        return Money(0, price.currency)
    return price
