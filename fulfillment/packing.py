"""How units become parcels: first-fit decreasing, pure and deterministic.

The number of parcels is within 11/9 of the least possible, plus one; for the few units of a
shop's order it nearly always is the least (Dósa, "The tight bound of first fit decreasing
bin-packing algorithm is FFD(I) <= 11/9 OPT(I) + 6/9", ESCAPE 2007).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Units:
    """Some units of one variant; the weight is of each, in grams."""

    variant_id: int
    quantity: int
    weight_grams: int


@dataclass
class Box:
    contents: dict[int, int] = field(default_factory=dict)
    weight_grams: int = 0


def pack(load: Iterable[Units], *, max_weight_grams: int) -> list[Box]:
    """Pack units into boxes of a weight limit, heaviest first into the first box with room.

    No unit may be heavier than the limit: ValueError.
    """
    boxes: list[Box] = []
    for units in sorted(load, key=lambda units: (-units.weight_grams, units.variant_id)):
        if units.weight_grams > max_weight_grams:
            raise ValueError(f"variant {units.variant_id} is heavier than {max_weight_grams} g")
        left = units.quantity
        position = 0
        while left > 0:
            if position == len(boxes):
                boxes.append(Box())
            left -= _fill(boxes[position], units, left=left, limit=max_weight_grams)
            position += 1
    return boxes


def fewest_boxes(weight_grams: int, *, max_weight_grams: int) -> int:
    """Give a number of boxes that no packing of this weight can go below."""
    return max(1, -(-weight_grams // max_weight_grams))


def _fill(box: Box, units: Units, *, left: int, limit: int) -> int:
    room = limit - box.weight_grams
    fits = min(left, room // units.weight_grams) if units.weight_grams else left
    if fits:
        box.contents[units.variant_id] = box.contents.get(units.variant_id, 0) + fits
        box.weight_grams += fits * units.weight_grams
    return fits
