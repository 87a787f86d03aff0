"""The best load for lanes that are all to be used: branch and bound over the units of each line.

What a lane's parcels cost is a function of the grams that it carries. While lines are loaded one
after the other, heavy ones first, a lane carries at least what is on it, and at most what the
lines that are left could add. Each gram that is not loaded yet has a price by lane (a Lagrangian
relaxation): against it, a lane's cheapest weight in that range and each line's cheapest split are
found by themselves, and their sum is less than any plan's cost.
"""

from bisect import bisect_left

from fulfillment.planning.loads import Best, Load
from fulfillment.planning.model import Model, Way
from fulfillment.planning.slopes import slope_at

_TURNS = 6
_NEVER = 1 << 200
Table = list[list[int]]


class _Lane:
    """A chosen lane: the weights where its cost rises, and that cost with a price per parcel."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.ends = [step.grams for step in way.steps]
        self.parcels = [step.parcels for step in way.steps]
        self.charge(0)

    def charge(self, price: int) -> None:
        self.values = [step.value + price * step.parcels for step in self.way.steps]

    def least(self, grams: int, more: int, slope: int) -> tuple[int, int, int]:
        """Give the least cost less what further grams are worth, the grams it is at, the step."""
        top = grams + more
        low, at, which = _NEVER, grams, 0
        for n in range(bisect_left(self.ends, grams), len(self.ends)):
            end = self.ends[n]
            full = min(top, end)
            value = self.values[n] - slope * (full - grams)
            if value < low:
                low, at, which = value, full, n
            if end >= top:
                break
        return low, at, which


class Settling:
    """Looks for loads of given lanes that beat the best; `nodes` counts what was looked at."""

    def __init__(self, model: Model, best: Best, ways: list[Way], *, limit: int) -> None:
        self.model = model
        self.best = best
        self.ways = ways
        self.limit = limit
        self.nodes = 0
        self.most = best.max_parcels
        self.widest = max(way.limit for way in ways)
        self.lanes = [_Lane(way) for way in ways]
        self.fixed = model.constant + sum(way.entry for way in ways)
        self.carried = [0] * len(ways)
        self.load: Load = {}
        # Lines that more than one of the lanes can take, with these lanes.
        self.lines: list[int] = []
        self.takers: list[list[int]] = []
        self.slopes: list[int] = []
        self.tables: list[Table] = []

    def run(self) -> None:
        self._load_what_must_be()
        self._sort_lines()
        if self._relax() < self.best.stop:
            self._line(0, self.fixed)

    def _load_what_must_be(self) -> None:
        for k, wanted in enumerate(self.model.wanted):
            takers = [i for i, way in enumerate(self.ways) if way.most[k]]
            held = sum(self.ways[i].most[k] for i in takers)
            if len(takers) > 1 and held > wanted:
                self.lines.append(k)
                self.takers.append(takers)
                continue
            for i in takers:
                way = self.ways[i]
                units = min(way.most[k], wanted)
                self.load[way.place, k] = units
                self.carried[i] += units * way.fill[k]
                self.fixed += way.setup[k] + units * way.unit[k]

    def _sort_lines(self) -> None:
        """Put heavy lines first, and note what those after each could still add to a lane."""
        weight = [
            self.model.wanted[k] * max(self.ways[i].fill[k] for i in takers)
            for k, takers in zip(self.lines, self.takers, strict=True)
        ]
        order = sorted(range(len(self.lines)), key=lambda n: (-weight[n], n))
        self.lines = [self.lines[n] for n in order]
        self.takers = [self.takers[n] for n in order]
        self.after = [[0] * len(self.ways)]
        for k in reversed(self.lines):
            self.after.append(
                [
                    more + way.most[k] * way.fill[k]
                    for more, way in zip(self.after[-1], self.ways, strict=True)
                ]
            )
        self.after.reverse()
        self.light = [0]
        for k, takers in zip(reversed(self.lines), reversed(self.takers), strict=True):
            lightest = min(self.ways[i].fill[k] for i in takers)
            self.light.append(self.light[-1] + self.model.wanted[k] * lightest)
        self.light.reverse()

    def _relax(self) -> int:
        """Turn the prices of a gram until the bound rests; keep the tables of the highest."""
        highest = -_NEVER
        slopes = [
            slope_at(
                way.steps,
                carried + more // 2,
                heaviest=min(way.steps[-1].grams, carried + more),
            )
            for way, carried, more in zip(self.ways, self.carried, self.after[0], strict=True)
        ]
        price, kept = 0, 0
        most, widest = self.most or 0, self.widest
        for _ in range(_TURNS if self.most is None else 3 * _TURNS):
            value = self.fixed - price * most
            turns = []
            over = -most
            for lane, carried, more, slope in zip(
                self.lanes, self.carried, self.after[0], slopes, strict=True
            ):
                lane.charge(price)
                low, at, which = lane.least(carried, more, slope)
                value += low
                over += lane.parcels[which]
                turns.append(carried - at)
            tables = []
            load = dict(self.load)
            for k, takers in zip(self.lines, self.takers, strict=True):
                table = self._table(k, takers, slopes)
                tables.append(table)
                left = self.model.wanted[k]
                value += table[0][left]
                for at, i in enumerate(takers):
                    units = self._units(k, i, slopes[i], left, table, at)
                    if units:
                        load[self.ways[i].place, k] = units
                        turns[i] += units * self.ways[i].fill[k]
                        left -= units
            if value > highest:
                highest, self.slopes, self.tables, kept = value, slopes, tables, price
            if value >= self.best.stop:
                break
            self.best.offer(load)
            turns = [
                0 if not slope and turn < 0 else turn
                for slope, turn in zip(slopes, turns, strict=True)
            ]
            over = 0 if self.most is None or (not price and over < 0) else over
            length = sum(turn * turn for turn in turns) + over * over * widest * widest
            if not length or value >= self.best.stop:
                break
            gap = value // 10 if self.best.value is None else self.best.value - value
            slopes = [
                max(0, slope + gap * turn // length)
                for slope, turn in zip(slopes, turns, strict=True)
            ]
            price = max(0, price + gap * over * widest * widest // length)
        for lane in self.lanes:
            lane.charge(kept)
        self.fixed -= kept * most
        self.rest = [0]
        for k, table in zip(reversed(self.lines), reversed(self.tables), strict=True):
            self.rest.append(self.rest[-1] + table[0][self.model.wanted[k]])
        self.rest.reverse()
        return highest

    def _table(self, k: int, takers: list[int], slopes: list[int]) -> Table:
        """Give by taker and units left what these cost at least there and after it."""
        wanted = self.model.wanted[k]
        table: Table = [[0] + [_NEVER] * wanted]
        for i in reversed(takers):
            way = self.ways[i]
            unit, setup, most = way.unit[k] + slopes[i] * way.fill[k], way.setup[k], way.most[k]
            later = table[-1]
            row = list(later)
            for left in range(1, wanted + 1):
                for units in range(1, min(most, left) + 1):
                    value = later[left - units] + setup + units * unit
                    if value < row[left]:
                        row[left] = value
            table.append(row)
        table.reverse()
        return table

    def _units(self, k: int, i: int, slope: int, left: int, table: Table, at: int) -> int:
        """Give the units that the table has in mind for a taker."""
        way = self.ways[i]
        value, later = table[at][left], table[at + 1]
        if later[left] == value:
            return 0
        unit = way.unit[k] + slope * way.fill[k]
        for units in range(1, min(way.most[k], left) + 1):
            if later[left - units] + way.setup[k] + units * unit == value:
                return units
        raise AssertionError("A table is made of its takers")

    def _line(self, n: int, spent: int) -> None:
        if n == len(self.lines):
            self.best.offer(dict(self.load))
            return
        if self.most is not None and self._too_many(n):
            return
        lowest = [
            lane.least(carried, more, slope)[0]
            for lane, carried, more, slope in zip(
                self.lanes, self.carried, self.after[n], self.slopes, strict=True
            )
        ]
        self._taker(n, 0, self.model.wanted[self.lines[n]], spent, lowest)

    def _too_many(self, n: int) -> bool:
        """Tell whether what is loaded, and the weight that is not, are too many parcels."""
        assert self.most is not None  # noqa: S101 - nobody asks where there is no limit
        parcels, weight = 0, self.light[n]
        for lane, carried in zip(self.lanes, self.carried, strict=True):
            here = bisect_left(lane.ends, carried)
            if here == len(lane.ends):
                return True
            parcels += lane.parcels[here]
            weight -= lane.parcels[here] * lane.way.limit - carried
        return parcels + max(0, -(-weight // self.widest)) > self.most

    def _taker(self, n: int, at: int, left: int, spent: int, lowest: list[int]) -> None:
        """Try all numbers of units that a taker may get, the most promising first."""
        k, takers = self.lines[n], self.takers[n]
        if at == len(takers):
            self._line(n + 1, spent)
            return
        i = takers[at]
        way, lane, slope = self.ways[i], self.lanes[i], self.slopes[i]
        later = self.tables[n][at + 1]
        carried, more = self.carried[i], self.after[n + 1][i]
        others = sum(lowest) - lowest[i] + self.rest[n + 1]
        found = []
        for units in range(min(way.most[k], left) + 1):
            if later[left - units] == _NEVER:
                continue
            cost = spent + units * way.unit[k] + (way.setup[k] if units else 0)
            low = lane.least(carried + units * way.fill[k], more, slope)[0]
            bound = cost + low + others + later[left - units]
            if bound < self.best.stop:
                found.append((bound, units, cost, low))
        self.nodes += 1
        if self.nodes > self.limit:
            return
        found.sort()
        for bound, units, cost, low in found:
            if bound >= self.best.stop:
                break
            kept = lowest[i]
            lowest[i] = low
            self.carried[i] = carried + units * way.fill[k]
            key = way.place, k
            if units:
                self.load[key] = units
            self._taker(n, at + 1, left - units, cost, lowest)
            self.load.pop(key, None)
            lowest[i] = kept
        self.carried[i] = carried
