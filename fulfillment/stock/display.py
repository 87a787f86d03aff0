"""What a market's shoppers are told of its stock, the same wherever they look."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from catalog.reference import Reference, keep, one_reference
from fulfillment.lanes import list_serving_warehouses
from fulfillment.models import StockDisplay
from fulfillment.stock.shelf import Ahead, Shelf, read_shelf
from markets.models import Market

FEW_UP_TO = 5

keep(StockDisplay)


class StockKind(StrEnum):
    IN_STOCK = "in_stock"
    FEW = "few"
    AHEAD = "ahead"  # Not here yet, but sold with a date.
    OUT = "out"


@dataclass(frozen=True, slots=True)
class StockNote:
    """What there is of a variant in a market.

    `left` is set for FEW. `on` is the day on which the next units are due: for AHEAD, where it is
    known for OUT, and where more than what is here can be ordered. `sellable` units can go into
    a cart now; `ahead` of them are not here yet.
    """

    kind: StockKind
    sellable: int
    left: int | None = None
    on: date | None = None
    ahead: int = 0

    @property
    def here(self) -> int:
        return self.sellable - self.ahead

    @property
    def can_be_ordered(self) -> bool:
        return self.sellable > 0


def stock_notes(
    variant_ids: Collection[int], market: Market, *, today: date, shelf: Shelf | None = None
) -> dict[int, StockNote]:
    """Say what a market has of each variant: one query, every id answered.

    Counts what lies in, or is coming to, the warehouses that serve the market. `today` is the
    market's. With a shelf of the variants there is no query.
    """
    with one_reference() as read:
        serving = list_serving_warehouses(market)
        few_up_to = read.derive(_few_up_to, market.pk)
    shelf = shelf or read_shelf(variant_ids)
    return {
        variant_id: _note(
            units=sum(shelf.free.get(place, {}).get(variant_id, 0) for place in serving),
            ahead=[
                row
                for place in serving
                for row in shelf.ahead.get(place, {}).get(variant_id, ())
                if row.on >= today
            ],
            few_up_to=few_up_to,
        )
        for variant_id in variant_ids
    }


def count_sellable(
    variant_ids: Collection[int], market: Market, *, today: date, shelf: Shelf | None = None
) -> dict[int, int]:
    """Count the units of each variant that a market can sell now, here or ahead: one query."""
    notes = stock_notes(variant_ids, market, today=today, shelf=shelf)
    return {variant_id: note.sellable for variant_id, note in notes.items()}


def _note(*, units: int, ahead: Iterable[Ahead], few_up_to: int) -> StockNote:
    coming = sorted((row for row in ahead if row.units), key=lambda row: row.on)
    later = sum(row.sellable for row in coming)
    on = next((row.on for row in coming if row.sellable), None)
    if units:
        kind = StockKind.FEW if units <= few_up_to else StockKind.IN_STOCK
        left = units if kind is StockKind.FEW else None
        return StockNote(kind, units + later, left=left, on=on, ahead=later)
    if later:
        return StockNote(StockKind.AHEAD, later, on=on, ahead=later)
    return StockNote(StockKind.OUT, 0, on=coming[0].on if coming else None)


def _few_up_to(read: Reference, market_id: int) -> int:
    rows = read.rows(StockDisplay, market_id=market_id)
    return rows[0].few_up_to if rows else FEW_UP_TO
