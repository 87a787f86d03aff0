"""Which warehouse gives which units before an order is routed: pure.

The reservation statement does the same inside the database; here it answers questions that
reserve nothing, such as a delivery date.
"""

from collections.abc import Mapping, Sequence


def allocate(
    wanted: Mapping[int, int], *, free: Mapping[int, Mapping[int, int]], preference: Sequence[int]
) -> dict[int, dict[int, int]] | None:
    """Take units per warehouse and variant, or None if there are too few.

    `free` maps warehouse to variant to units. One warehouse that has everything goes before
    any two; otherwise each line is filled in the order of preference.
    """
    for warehouse in preference:
        stock = free.get(warehouse, {})
        if all(stock.get(variant, 0) >= quantity for variant, quantity in wanted.items()):
            return {warehouse: dict(wanted)}
    taken: dict[int, dict[int, int]] = {}
    for variant, quantity in wanted.items():
        left = quantity
        for warehouse in preference:
            units = min(left, free.get(warehouse, {}).get(variant, 0))
            if units > 0:
                taken.setdefault(warehouse, {})[variant] = units
                left -= units
        if left:
            return None
    return taken
