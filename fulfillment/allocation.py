"""Which warehouse gives which units before an order is routed: pure.

The reservation statement does the same inside the database; here it answers questions that
reserve nothing, such as a delivery date.
"""

from collections.abc import Mapping, Sequence

Units = Mapping[int, Mapping[int, int]]
NOTHING: Units = {}


def allocate(
    wanted: Mapping[int, int], *, free: Units, preference: Sequence[int], ahead: Units = NOTHING
) -> dict[int, dict[int, int]] | None:
    """Take units per warehouse and variant, or None if there are too few.

    `free` and `ahead`, units that are here and units to come, map warehouse to variant to units.
    One warehouse that has everything here goes before any two; otherwise each line is filled in
    the order of preference, with what is here first and then with what is to come.
    """
    for warehouse in preference:
        here = free.get(warehouse, {})
        if all(here.get(variant, 0) >= quantity for variant, quantity in wanted.items()):
            return {warehouse: dict(wanted)}
    taken: dict[int, dict[int, int]] = {}
    for variant, quantity in wanted.items():
        left = quantity
        for stock in (free, ahead):
            for warehouse in preference:
                units = min(left, stock.get(warehouse, {}).get(variant, 0))
                if units > 0:
                    sent = taken.setdefault(warehouse, {})
                    sent[variant] = sent.get(variant, 0) + units
                    left -= units
        if left:
            return None
    return taken
