"""Which units of a parcel were picked so far: ticks that every screen sees, not books.

They live in the cache, apart from the rows: losing them costs a second look at the shelf.
"""

from collections.abc import Sequence

from django.core.cache import cache

from fulfillment.models import ShipmentLine

_DAY_SECONDS = 60 * 60 * 24


def units_picked(lines: Sequence[ShipmentLine]) -> dict[int, int]:
    """Give shipment line id to units ticked, never more than the line has."""
    found = cache.get_many([_key(line) for line in lines])
    return {line.pk: min(int(found.get(_key(line), 0)), line.quantity) for line in lines}


def pick_one(lines: Sequence[ShipmentLine]) -> ShipmentLine | None:
    """Tick one more unit on the first of some lines that lacks one; None if all are full."""
    picked = units_picked(lines)
    line = next((line for line in lines if picked[line.pk] < line.quantity), None)
    if line is not None:
        # Two scanners at once: each adds its own.
        cache.add(_key(line), 0, timeout=3 * _DAY_SECONDS)
        cache.incr(_key(line))
    return line


def toggle_line(line: ShipmentLine) -> bool:
    """Tick all units of a line, or none if all were; tells which."""
    full = units_picked([line])[line.pk] == line.quantity
    cache.set(_key(line), 0 if full else line.quantity, timeout=3 * _DAY_SECONDS)
    return not full


def _key(line: ShipmentLine) -> str:
    return f"staff:picked:{line.pk}"
