"""What a plan cannot cost less than: dual ascent on the linear relaxation.

Each line offers a price per unit, v. Of a lane whose unit costs c and that holds m of the line,
(v - c) m goes towards opening the lane. Prices rise in turns; a lane that is paid for takes part
in full, and a line whose paid lanes hold all its units is done. The sum of what lines offer, less
what lanes get beyond their price, is a lower bound (Erlenkotter, "A dual-based procedure for
uncapacitated facility location", Operations Research 26, 1978; here with stock limits).
"""

from collections.abc import Sequence
from typing import NamedTuple

Offer = tuple[int, int, int]  # Value of a unit, units at most, place of the lane.


class Bound(NamedTuple):
    value: int
    # By lane: what is still missing of its price.
    missing: list[int]
    # By line: the lanes that are paid for and serve it.
    serving: list[list[int]]


def raise_prices(
    offers: Sequence[Sequence[Offer]],
    wanted: Sequence[int],
    *,
    missing: list[int],
    houses: Sequence[int],
    start: int,
    stop: int,
) -> Bound | None:
    """Give a bound of at least `start`; None if the lines cannot all be served.

    `offers` are by line, cheapest first; `missing` is the price of each lane, 0 if it is open
    already, and is used up. `houses` are the warehouses of the lanes: as one lane of each can be
    used, what a line has there counts once. Once the bound reaches `stop`, nothing is raised any
    further.
    """
    value = start
    count = len(wanted)
    price = [0] * count
    position = [0] * count
    mass = [0] * count
    counted: list[dict[int, int]] = [{} for _ in range(count)]
    paying: list[list[Offer]] = [[] for _ in range(count)]
    serving: list[list[int]] = [[] for _ in range(count)]
    for k in range(count):
        if not offers[k]:
            return None
        price[k] = offers[k][0][0]
        value += price[k] * wanted[k]
    todo = list(range(count))
    todo.sort(key=lambda k: len(offers[k]))
    while todo:
        if value >= stop:
            break
        again: list[int] = []
        for k in todo:
            row = offers[k]
            at = price[k]
            here = position[k]
            pays = paying[k]
            while here < len(row) and row[here][0] <= at:
                pays.append(row[here])
                here += 1
            position[k] = here
            rise = row[here][0] - at if here < len(row) else -1
            still: list[Offer] = []
            for offer in pays:
                _, most, way = offer
                left = missing[way] // most
                if left <= 0:
                    before = counted[k].get(houses[way], 0)
                    if most > before:
                        mass[k] += most - before
                        counted[k][houses[way]] = most
                    serving[k].append(way)
                else:
                    still.append(offer)
                    if left < rise or rise < 0:
                        rise = left
            paying[k] = still
            if mass[k] >= wanted[k]:
                continue
            if rise < 0:
                return None
            price[k] = at + rise
            value += rise * (wanted[k] - mass[k])
            for _, most, way in still:
                missing[way] -= rise * most
            again.append(k)
        todo = again
    return Bound(value, missing, serving)
