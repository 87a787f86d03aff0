"""The problem as a mixed integer programme, for the few orders that the search does not finish.

HiGHS, through `scipy.optimize.milp`, proves them; it takes tens of milliseconds for what the
search does in two, so that it is asked last. Its answer costs least; among equals it is any.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fulfillment.planning.loads import Load
from fulfillment.planning.model import Model, Way

# Amounts are 1/1000 cents; the solver's tolerances are meant for numbers of the size of euros.
_EURO = 100_000


class Unsolved(Exception):
    """The time was over before anything was proved."""


def solve(model: Model, *, max_parcels: int | None, seconds: float) -> Load | None:
    """Find the load that costs least; None if there is none. Raises Unsolved."""
    programme = _Programme(model)
    if max_parcels is not None:
        programme.constrain(programme.parcels, 0, max_parcels)
    return programme.solve(seconds=seconds)


@dataclass
class _Programme:
    """Variables by number: what each costs and may be at most; rows of what they sum up to."""

    model: Model
    costs: list[int] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, int], float, float]] = field(default_factory=list)
    units: dict[tuple[int, int], int] = field(default_factory=dict)
    parcels: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        houses: dict[int, dict[int, int]] = {}
        for way in self.model.ways:
            used = self._add(way)
            houses.setdefault(way.warehouse, {})[used] = 1
        for row in houses.values():
            self.constrain(row, 0, 1)
        for k, wanted in enumerate(self.model.wanted):
            serving = {unit: 1 for (_, line), unit in self.units.items() if line == k}
            self.constrain(serving, wanted, wanted)

    def constrain(self, row: dict[int, int], low: float, high: float) -> None:
        self.rows.append((row, low, high))

    def _variable(self, cost: int, *, most: int = 1) -> int:
        self.costs.append(cost)
        self.most.append(most)
        return len(self.costs) - 1

    def _add(self, way: Way) -> int:
        """Add a lane: whether it is used, which of its steps it is on, and its units."""
        amount = self.model.scale.amount
        used = self._variable(amount(way.entry))
        steps = {self._variable(amount(step.value)): step for step in way.steps}
        self.constrain({**dict.fromkeys(steps, 1), used: -1}, 0, 0)
        room = {variable: -step.grams for variable, step in steps.items()}
        for k, most in enumerate(way.most):
            if not most:
                continue
            unit = self._variable(amount(way.unit[k]), most=most)
            picked = self._variable(amount(way.setup[k]))
            self.units[way.place, k] = unit
            room[unit] = way.fill[k]
            self.constrain({unit: 1, picked: -most}, -most, 0)
            self.constrain({picked: 1, used: -1}, -1, 0)
        self.constrain(room, -way.steps[-1].grams, 0)
        self.parcels |= {variable: step.parcels for variable, step in steps.items()}
        return used

    def solve(self, *, seconds: float) -> Load | None:
        # Large libraries, which few processes ever need.
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_matrix

        rows, columns, factors = _entries([row for row, _, _ in self.rows])
        shape = (len(self.rows), len(self.costs))
        answer = milp(
            np.array(self.costs) / _EURO,
            constraints=LinearConstraint(
                csr_matrix((factors, (rows, columns)), shape=shape),
                np.array([low for _, low, _ in self.rows]),
                np.array([high for _, _, high in self.rows]),
            ),
            integrality=np.ones(len(self.costs)),
            bounds=Bounds(np.zeros(len(self.costs)), np.array(self.most)),
            options={"mip_rel_gap": 0.0, "time_limit": seconds},
        )
        if answer.status == 2:
            return None
        if not answer.success:
            raise Unsolved(answer.message)
        found = {key: round(answer.x[unit]) for key, unit in self.units.items()}
        return {key: units for key, units in found.items() if units}


def _entries(rows: Sequence[dict[int, int]]) -> tuple[list[int], list[int], list[float]]:
    entries = [(n, column, factor) for n, row in enumerate(rows) for column, factor in row.items()]
    return (
        [n for n, _, _ in entries],
        [column for _, column, _ in entries],
        [float(factor) for _, _, factor in entries],
    )
