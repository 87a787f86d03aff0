"""Loads: the units of each line by lane, and what they are worth as a plan."""

from collections.abc import Iterable

from fulfillment.planning.model import Model

Load = dict[tuple[int, int], int]  # Units by (lane's place, line).


def weigh(model: Model, load: Load) -> dict[int, int]:
    """Give the grams that each used lane carries."""
    grams: dict[int, int] = {}
    for (place, k), units in load.items():
        grams[place] = grams.get(place, 0) + units * model.ways[place].fill[k]
    return grams


def value_of(model: Model, load: Load, *, max_parcels: int | None) -> int | None:
    """Give the value of a load without idle entries; None if it is too many parcels."""
    value = model.constant
    parcels = 0
    ways = model.ways
    grams: dict[int, int] = {}
    for (place, k), units in load.items():
        way = ways[place]
        grams[place] = grams.get(place, 0) + units * way.fill[k]
        value += way.setup[k] + units * way.unit[k]
    for place, weight in grams.items():
        way = ways[place]
        step = way.step(weight)
        if step is None:
            return None
        value += way.entry + step.value
        parcels += step.parcels
    if max_parcels is not None and parcels > max_parcels:
        return None
    return value


def covers(model: Model, places: Iterable[int]) -> bool:
    """Tell whether lanes hold all units together, weight and capacity aside."""
    ways = [model.ways[place] for place in places]
    return all(sum(way.most[k] for way in ways) >= units for k, units in enumerate(model.wanted))


class Best:
    """The best plan so far, and what was seen on the way."""

    def __init__(self, model: Model, *, max_parcels: int | None) -> None:
        self.model = model
        self.max_parcels = max_parcels
        self.value: int | None = None
        self.load: Load = {}
        self.seen: dict[tuple[int, ...], tuple[int, Load]] = {}
        # A bound from here on cannot lead to anything better.
        self.stop = 1 << 200

    def offer(self, load: Load) -> int | None:
        """Take note of a complete load; give its value, None if it cannot be sent so."""
        value = value_of(self.model, load, max_parcels=self.max_parcels)
        if value is None:
            return None
        places = tuple(sorted({place for place, _ in load}))
        known = self.seen.get(places)
        if known is None or value < known[0]:
            self.seen[places] = (value, load)
        if self.value is None or value < self.value:
            self.value = value
            self.load = load
            self.stop = value - self.model.scale.step + 1
        return value
