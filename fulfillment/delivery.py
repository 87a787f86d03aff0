"""What a shopper can choose: delivery options with a price and the dates they arrive on.

The one place where the shop gets its dates from before an order is placed; afterwards it is
`fulfillment.promises`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from djmoney.money import Money

from catalog.reference import one_reference
from fulfillment.allocation import allocate
from fulfillment.calendar import arrives_between, order_by
from fulfillment.choosing import Load, Sender, policy_of, rank_senders
from fulfillment.connections import list_connections
from fulfillment.lanes import list_options
from fulfillment.models import DeliveryOption, Warehouse
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
    tax depend on where each unit is sent from. Whoever orders until `order_by`, in the zone of
    the warehouse whose hour it is, still gets these dates; None where no hour is near that
    changes them. `waits_until` is the day on which units that are to come are expected, if some
    are. `co2_grams` is an estimate by the carriers' own figures, None if one of them has none.
    """

    option: str
    name: str
    description: str
    price: Money
    arrives_from: date
    arrives_to: date
    warehouse_ids: tuple[int, ...]
    consignments: tuple[Consignment, ...] = ()
    order_by: datetime | None = None
    waits_until: date | None = None
    co2_grams: int | None = None


def list_delivery(
    market: Market,
    *,
    country: str,
    items: Mapping[int, int],
    goods_total: Decimal,
    now: datetime,
    shelf: Shelf | None = None,
    region: str = "",
    postal_code: str = "",
) -> list[DeliveryChoice]:
    """List the options by which all items can be sent now, in the market's order.

    `items` maps variant id to quantity; `goods_total` is in the market's currency and decides
    what is free. Dates follow from the warehouses that the units would be reserved in, and from
    the holidays at both ends; with region or postal code, from those of that part of the
    country. One query, however many items; with a shelf of them there is none.
    """
    place = (country, region, postal_code)
    counter = _Counter(market, place=place, shelf=shelf or read_shelf(items), now=now)
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
    counter = _Counter(market, place=(country, "", ""), shelf=read_shelf(variant_ids), now=now)
    promises = {}
    for variant_id in variant_ids:
        choices = counter.choices({variant_id: quantity}, goods_total=Decimal(0))
        if choices:
            promises[variant_id] = choices[0]
    return promises


class _Counter:
    """Answers for any selection of what is on a shelf."""

    def __init__(
        self, market: Market, *, place: tuple[str, str, str], shelf: Shelf, now: datetime
    ) -> None:
        self.now = now
        self.shelf = shelf
        self.today = now.astimezone(market.zone).date()
        country, region, postal_code = place
        with one_reference() as read:
            self.options = list_options(market)
            self.policy = policy_of(read, market)
            self.connections = {
                option.code: list_connections(
                    country, options=[option.code], region=region, postal_code=postal_code
                )
                for option in self.options
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
        # By weight alone, as the reservation counts; volume is charged for when it is routed.
        load = Load.of(items, grams=self.shelf.grams)
        senders = {
            sender.warehouse_id: sender
            for sender in rank_senders(
                self.connections[option.code], policy=self.policy, load=load, now=self.now
            )
        }
        taken = allocate(
            items,
            free=self._reachable(senders.values()),
            preference=list(senders),
            ahead=self._reachable_ahead(senders.values()),
        )
        if taken is None:
            return None
        parts = [self._part(senders[place], taken[place]) for place in sorted(taken)]
        arrives = (max(part.first for part in parts), max(part.last for part in parts))
        return DeliveryChoice(
            option=option.code,
            name=option.name,
            description=option.description,
            price=_price(option, goods_total=goods_total),
            arrives_from=arrives[0],
            arrives_to=arrives[1],
            warehouse_ids=tuple(sorted(taken)),
            consignments=tuple(
                _consignment(part.sender.connection.zone.warehouse, part.units) for part in parts
            ),
            order_by=self._order_by(parts, arrives),
            waits_until=max(filter(None, (part.stock_on for part in parts)), default=None),
            co2_grams=self._co2(parts),
        )

    def _part(self, sender: Sender, units: Mapping[int, int]) -> "_Part":
        """Date what one warehouse would send."""
        here = self.shelf.free.get(sender.warehouse_id, {})
        coming = self.shelf.ahead.get(sender.warehouse_id, {})
        stock_on = None
        for variant, quantity in units.items():
            missing = quantity - here.get(variant, 0)
            for ahead in coming.get(variant, ()) if missing > 0 else ():
                if missing > 0 and ahead.sellable and ahead.on >= self.today:
                    stock_on = max(stock_on or ahead.on, ahead.on)
                    missing -= ahead.sellable
        way = sender.connection.way
        first, last = arrives_between(way, self.now, stock_on=stock_on)
        return _Part(sender, units, stock_on, first, last)

    def _order_by(self, parts: Iterable["_Part"], arrives: tuple[date, date]) -> datetime | None:
        """Give the earliest hour at which some part would come too late for the dates."""
        hours = (
            order_by(part.sender.connection.way, self.now, keeps=arrives, stock_on=part.stock_on)
            for part in parts
        )
        return min(filter(None, hours), default=None)

    def _co2(self, parts: Iterable["_Part"]) -> int | None:
        total = 0
        for part in parts:
            grams = sum(self.shelf.grams.get(one, 0) * n for one, n in part.units.items())
            emitted = part.sender.connection.tariff.co2_grams(grams)
            if emitted is None:
                return None
            total += emitted
        return total

    def _reachable(self, senders: Iterable[Sender]) -> dict[int, dict[int, int]]:
        """Give the free units that some service from there is strong enough to carry."""
        return {
            sender.warehouse_id: {
                variant: units
                for variant, units in self.shelf.free.get(sender.warehouse_id, {}).items()
                if self.shelf.grams.get(variant, 0) <= sender.heaviest_grams
            }
            for sender in senders
        }

    def _reachable_ahead(self, senders: Iterable[Sender]) -> dict[int, dict[int, int]]:
        """Give the same of the units that are to come and may be sold before."""
        return {
            sender.warehouse_id: {
                variant: sum(row.sellable for row in rows if row.on >= self.today)
                for variant, rows in self.shelf.ahead[sender.warehouse_id].items()
                if self.shelf.grams.get(variant, 0) <= sender.heaviest_grams
            }
            for sender in senders
            if sender.warehouse_id in self.shelf.ahead
        }


@dataclass(frozen=True, slots=True)
class _Part:
    """What one warehouse would send, and when it arrives."""

    sender: Sender
    units: Mapping[int, int]
    stock_on: date | None
    first: date
    last: date


def _consignment(warehouse: Warehouse, units: Mapping[int, int]) -> Consignment:
    return Consignment(
        warehouse_id=warehouse.pk,
        country=warehouse.country,
        region=warehouse.region,
        postal_code=warehouse.postal_code,
        units=units,
    )


def _price(option: DeliveryOption, *, goods_total: Decimal) -> Money:
    price: Money = option.price
    if option.free_from is not None and goods_total >= option.free_from:
        return Money(0, price.currency)
    return price
