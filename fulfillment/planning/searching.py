"""Which lanes are used: branch and bound over the lanes, at most one of each warehouse."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fulfillment.planning.bounds import Bound, Offer, raise_prices
from fulfillment.planning.loads import Best, Load, covers, weigh
from fulfillment.planning.model import Model, Step, Way
from fulfillment.planning.settling import Settling
from fulfillment.planning.slopes import charge, intercept, slope_at

Offers = list[list[Offer]]
# Of the whole order's weight, what a lane may be thought to carry when its steps become a line.
_SHARES = (8, 3)
# What a lane counts where lanes are counted: many, as the bounds divide it among units.
_LANE = 1 << 30
_PARTS = (0, 1, 2)
_ENOUGH_SEEN = 4
_TURNS = 10
_WIDE = 4


@dataclass(frozen=True, slots=True)
class _State:
    """What has been decided: lanes opened and closed, as bits; what lanes and units then cost."""

    opened: int
    closed: int
    prices: list[int]
    offers: Offers
    slopes: list[int]
    # By lane: the steps that are left to it.
    steps: list[Sequence[Step]]


class Search:
    """Finds the best plan and keeps it in `best`; `exact` is False if the limit came first."""

    def __init__(self, model: Model, *, max_parcels: int | None, limit: int) -> None:
        self.model = model
        self.ways = model.ways
        self.max_parcels = max_parcels
        self.best = Best(model, max_parcels=max_parcels)
        self.left = limit
        self.siblings = [
            sum(
                1 << other.place
                for other in self.ways
                if other.warehouse == way.warehouse and other is not way
            )
            for way in self.ways
        ]
        # Whether weight makes parcels; else the lines below the steps may stay as they are.
        self.heavy = any(way.steps[-1].parcels > way.steps[0].parcels for way in self.ways)
        self.houses = [way.warehouse for way in self.ways]
        self.tried: set[int] = set()
        self.settled: set[int] = set()
        self.prices: list[int] = []
        self.start = model.constant
        self.slopes: list[int] = []
        self.steps: list[Sequence[Step]] = []
        self.offers: Offers = []

    @property
    def exact(self) -> bool:
        return self.left > 0

    def run(self) -> None:
        if not covers(self.model, range(len(self.ways))) or self._too_heavy():
            return
        for way in self.ways:
            if covers(self.model, [way.place]):
                self._try(1 << way.place)
        bound = self._choose_slopes()
        if bound is None:
            return
        root = _State(0, 0, self.prices, self.offers, self.slopes, self.steps)
        self._try(self._serving(bound, root))
        if bound.value < self.best.stop:
            self._improve(bound)
        if bound.value < self.best.stop:
            self._node(root)
        if len(self.best.seen) < _ENOUGH_SEEN:
            self._look_around()

    def _too_heavy(self) -> bool:
        """Tell whether all lanes together, or the parcels allowed, cannot hold the weight."""
        needed = sum(
            units * min(way.fill[k] for way in self.ways if way.most[k])
            for k, units in enumerate(self.model.wanted)
        )
        room: dict[int, int] = {}
        for way in self.ways:
            room[way.warehouse] = max(room.get(way.warehouse, 0), way.steps[-1].grams)
        if needed > sum(room.values()):
            return True
        if self.max_parcels is None:
            return False
        return needed > self.max_parcels * max(way.limit for way in self.ways)

    def _choose_slopes(self) -> Bound | None:
        """Take the lines below the steps whose bound is highest before anything is decided."""
        whole = sum(
            units * max(way.fill[k] for way in self.ways)
            for k, units in enumerate(self.model.wanted)
        )
        stepped = any(len(way.steps) > 1 for way in self.ways)
        highest: Bound | None = None
        for share in _SHARES if stepped else _SHARES[:1]:
            bound = self._lay(whole // share, 0, highest)
            if bound is None:
                return None
            if highest is None or bound.value > highest.value:
                highest, best_share = bound, share
        if self.max_parcels is None or highest is None:
            return highest
        # A price for each parcel, as no more than so many may be sent.
        step, price = highest.value // 8, 0
        for _ in range(_TURNS):
            bound = self._lay(whole // best_share, max(0, price + step), highest)
            if bound is None or highest.value >= self.best.stop:
                break
            if bound.value > highest.value:
                highest, price = bound, max(0, price + step)
            else:
                step = step // 2 if step < 0 else -step
        return highest

    def _lay(self, grams: int, price: int, highest: Bound | None) -> Bound | None:
        """Give the bound for lines that touch the steps at a weight, and keep the highest."""
        prices: list[int] = []
        offers: Offers = [[] for _ in self.model.wanted]
        start = self.model.constant - price * (self.max_parcels or 0)
        slopes: list[int] = []
        charged: list[Sequence[Step]] = []
        for way in self.ways:
            steps = charge(way.steps, price)
            slope = _slope(way, steps, grams)
            slopes.append(slope)
            charged.append(steps)
            prices.append(way.entry + intercept(steps, slope, heaviest=way.heaviest))
            for k, most in enumerate(way.most):
                if most:
                    offers[k].append((self._unit(way, k, slope), most, way.place))
        for row in offers:
            row.sort()
        bound = raise_prices(
            offers, self.model.wanted, missing=list(prices), houses=self.houses,
            start=start, stop=self.best.stop,
        )  # fmt: skip
        if bound is not None and (highest is None or bound.value > highest.value):
            self.prices, self.offers, self.start = prices, offers, start
            self.slopes, self.steps = slopes, charged
        return bound

    def _too_many(self, state: _State) -> bool:
        """Tell whether more lanes would have to be used than parcels are allowed."""
        if self.max_parcels is None:
            return False
        return any(self._least_parcels(state, part) > self.max_parcels * _LANE for part in _PARTS)

    def _least_parcels(self, state: _State, part: int) -> int:
        """Bound the parcels, in 1/_LANE: a part of each counted by weight, the rest by lane."""
        by_weight = _LANE * part // _PARTS[-1]
        missing = [_LANE - by_weight for _ in self.ways]
        start = 0
        for place in _places(state.opened):
            start += missing[place]
            missing[place] = 0
        bound = raise_prices(
            [
                sorted(
                    (self.ways[place].fill[k] * by_weight // self.ways[place].limit, most, place)
                    for _, most, place in row
                )
                for k, row in enumerate(state.offers)
            ],
            self.model.wanted,
            missing=missing,
            houses=self.houses,
            start=start,
            stop=1 << 200,
        )
        return 1 << 200 if bound is None else bound.value

    def _node(self, state: _State) -> None:
        self.left -= 1
        if self.left <= 0:
            return
        opened, closed = state.opened, state.closed
        if self.max_parcels is not None and opened.bit_count() > self.max_parcels:
            return
        bound = self._bound(state)
        if bound is None or bound.value >= self.best.stop:
            return
        serving = self._serving(bound, state)
        if (
            self.max_parcels is not None
            and serving.bit_count() > self.max_parcels
            and self._too_many(state)
        ):
            return
        load = self._try(serving, state.offers)
        if self.heavy and load is not None and bound.value < self.best.stop:
            again = self._bend(state, load)
            other = self._bound(again) if again else None
            if again and other and other.value > bound.value:
                state, bound = again, other
                if bound.value < self.best.stop:
                    serving = self._serving(bound, state)
                    load = self._try(serving, state.offers)
        stop = self.best.stop
        if bound.value >= stop:
            return
        missing = bound.missing
        # A lane whose opening alone would cost too much stays closed below here.
        for place, lacking in enumerate(missing):
            if bound.value + lacking >= stop and not opened >> place & 1:
                closed |= 1 << place
        undecided = ((1 << len(self.ways)) - 1) & ~opened & ~closed
        offers = _without(state.offers, closed)
        if load is not None and not serving & ~opened:
            self._settle(opened)
            if bound.value >= self.best.stop:
                return
        if not undecided:
            self._settle(opened)
            return
        if load is not None:
            rest = replace(state, closed=closed, offers=offers)
            halves = self._halves(rest, load, stop - bound.value)
            for half in halves:
                self._node(half)
            if halves:
                return
        place = self._pick(bound, undecided, serving)
        bit = 1 << place
        shut = closed | self.siblings[place]
        self._node(
            replace(
                state, opened=opened | bit, closed=shut,
                offers=_without(offers, self.siblings[place]),
            )
        )  # fmt: skip
        self._node(replace(state, closed=closed | bit, offers=_without(offers, bit)))

    def _bound(self, state: _State) -> Bound | None:
        missing = list(state.prices)
        start = self.start
        for place in _places(state.opened):
            start += missing[place]
            missing[place] = 0
        return raise_prices(
            state.offers, self.model.wanted, missing=missing, houses=self.houses, start=start,
            stop=self.best.stop,
        )  # fmt: skip

    def _bend(self, state: _State, load: Load) -> _State | None:
        """Let the lines below the steps of the lanes used touch where they are loaded."""
        touching = {
            place: _slope(self.ways[place], state.steps[place], grams, state.opened >> place & 1)
            for place, grams in weigh(self.model, load).items()
        }
        changed = {
            place: slope for place, slope in touching.items() if slope != state.slopes[place]
        }
        return self._lean(state, changed) if changed else None

    def _lean(self, state: _State, changed: dict[int, int]) -> _State:
        """Give the state with new slopes, and lines as high as the steps that are left allow."""
        prices, slopes = list(state.prices), list(state.slopes)
        for place, slope in changed.items():
            way, steps = self.ways[place], state.steps[place]
            slopes[place] = slope
            prices[place] = way.entry + intercept(steps, slope, heaviest=way.heaviest)
        offers: Offers = []
        for k, row in enumerate(state.offers):
            bent: list[Offer] = []
            for offer in row:
                place = offer[2]
                if place not in changed:
                    bent.append(offer)
                    continue
                way, room = self.ways[place], state.steps[place][-1].grams
                most = min(offer[1], room // way.fill[k]) if way.fill[k] else offer[1]
                if most:
                    unit = way.unit[k] + slopes[place] * way.fill[k] + way.setup[k] // most
                    bent.append((unit, most, place))
            bent.sort()
            offers.append(bent)
        return replace(state, prices=prices, slopes=slopes, offers=offers)

    def _halves(self, state: _State, load: Load, spare: int) -> list[_State]:
        """Part the steps of the open lane that costs most above its line, if that is much."""
        widest, at = spare // _WIDE, None
        for place, grams in weigh(self.model, load).items():
            steps = state.steps[place]
            if not state.opened >> place & 1 or steps[-1].parcels == steps[0].parcels:
                continue
            way = self.ways[place]
            here = next((n for n, step in enumerate(steps) if grams <= step.grams), len(steps) - 1)
            line = state.prices[place] - way.entry + state.slopes[place] * grams
            gap = steps[here].value - line
            if gap > widest:
                widest, at = gap, (place, max(here, 1), grams)
        if at is None:
            return []
        place, here, grams = at
        halves = []
        for part in (state.steps[place][here:], state.steps[place][:here]):
            left = list(state.steps)
            left[place] = part
            slope = _slope(self.ways[place], part, min(grams, part[-1].grams), 1)
            halves.append(self._lean(replace(state, steps=left), {place: slope}))
        return halves

    def _unit(self, way: Way, k: int, slope: int) -> int:
        return way.unit[k] + slope * way.fill[k] + way.setup[k] // way.most[k]

    def _pick(self, bound: Bound, undecided: int, serving: int) -> int:
        """Pick the undecided lane that serves most lines, those of the trial plan first."""
        served = [0] * len(self.ways)
        for row in bound.serving:
            for place in row:
                served[place] += 1
        return max(
            _places(undecided),
            key=lambda place: (serving >> place & 1, served[place], -bound.missing[place], -place),
        )

    def _serving(self, bound: Bound, state: _State) -> int:
        """Give the lanes that are paid for, less those that the others can do without."""
        opened = state.opened
        chosen = opened
        served: dict[int, int] = {}
        for row in bound.serving:
            for place in row:
                served[place] = served.get(place, 0) + 1
        for place in sorted(served, key=lambda place: (-served[place], place)):
            if not chosen & (self.siblings[place] | 1 << place):
                chosen |= 1 << place
        for place in sorted(served, key=lambda place: (served[place], -self.prices[place], place)):
            bit = 1 << place
            if chosen & bit and not opened & bit and covers(self.model, _places(chosen ^ bit)):
                chosen ^= bit
        return chosen

    def _improve(self, bound: Bound) -> None:
        """Add, leave out and exchange lanes as long as the best plan gets better by it."""
        if self.best.value is None:
            self._try(self._greedy())
        before = None
        while self.best.value is not None and self.best.value != before:
            before = self.best.value
            used = 0
            for place, _ in self.best.load:
                used |= 1 << place
            for place, lacking in enumerate(bound.missing):
                bit = 1 << place
                if used & bit:
                    self._try(used ^ bit)
                elif bound.value + lacking < self.best.stop:
                    added = used & ~self.siblings[place] | bit
                    self._try(added)

    def _look_around(self) -> None:
        """Try the best plan with one lane more, so that there is something to compare it with."""
        used = 0
        for place, _ in self.best.load:
            used |= 1 << place
        for place in range(len(self.ways)):
            self._try(used & ~self.siblings[place] | 1 << place)

    def _greedy(self) -> int:
        """Take the lane with most units that are still missing, again and again."""
        left = list(self.model.wanted)
        chosen = 0
        while any(left):
            ranked = [
                (-sum(map(min, left, way.most)), self.prices[way.place], way.place)
                for way in self.ways
                if not chosen & (self.siblings[way.place] | 1 << way.place)
            ]
            if not ranked or not min(ranked)[0]:
                return chosen
            place = min(ranked)[2]
            chosen |= 1 << place
            left = [max(0, units - most) for units, most in zip(
                left, self.ways[place].most, strict=True
            )]  # fmt: skip
        return chosen

    def _try(self, chosen: int, offers: Offers | None = None) -> Load | None:
        """Load each line onto the cheapest of the chosen lanes, and offer that."""
        if offers is None:
            if chosen in self.tried:
                return None
            self.tried.add(chosen)
        load: Load = {}
        for k, units in enumerate(self.model.wanted):
            left = units
            for _, most, place in (offers or self.offers or self._plain())[k]:
                if chosen >> place & 1:
                    take = min(left, most)
                    load[place, k] = take
                    left -= take
                    if not left:
                        break
            if left:
                return None
        self.best.offer(load)
        return load

    def _plain(self) -> Offers:
        return [
            [(0, way.most[k], way.place) for way in self.ways if way.most[k]]
            for k in range(len(self.model.wanted))
        ]

    def _settle(self, opened: int) -> None:
        """Find the best plan that uses all of some lanes and no other."""
        if opened in self.settled:
            return
        self.settled.add(opened)
        ways = [self.ways[place] for place in _places(opened)]
        if ways and covers(self.model, _places(opened)):
            settling = Settling(self.model, self.best, ways, limit=self.left)
            settling.run()
            self.left -= settling.nodes


def _slope(way: Way, steps: Sequence[Step], grams: int, opened: int = 0) -> int:
    if not grams or len(steps) == 1:
        return 0
    if opened:
        return slope_at(steps, grams, heaviest=way.heaviest)
    # Beyond the steepest, opening the lane would have a negative price.
    steepest = min(
        (way.entry + step.value) // max(1, min(step.grams, way.heaviest)) for step in steps
    )
    return max(0, min(steepest, slope_at(steps, grams, heaviest=way.heaviest)))


def _places(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _without(offers: Offers, closed: int) -> Offers:
    return [[offer for offer in row if not closed >> offer[2] & 1] for row in offers]
