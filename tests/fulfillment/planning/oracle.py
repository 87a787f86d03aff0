"""The same problem as a mixed integer programme, written anew for `scipy.optimize.milp`."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from fulfillment.planning import Lane, Line, Network, Policy

FIFTH = Decimal("0.00001")


def _rounded(euros: Decimal) -> Decimal:
    return euros.quantize(FIFTH, ROUND_HALF_UP)


class _Programme:
    def __init__(self) -> None:
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.rows: list[dict[int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def variable(self, cost: Decimal, *, upper: float = 1) -> int:
        self.cost.append(float(cost))
        self.upper.append(upper)
        return len(self.cost) - 1

    def constrain(self, row: dict[int, float], low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def solve(self) -> float | None:
        entries = [(r, c, v) for r, row in enumerate(self.rows) for c, v in row.items()]
        at_rows, at_columns, values = zip(*entries, strict=True)
        matrix = csr_matrix((values, (at_rows, at_columns)), shape=(len(self.rows), len(self.cost)))
        answer = milp(
            np.array(self.cost),
            constraints=LinearConstraint(matrix, np.array(self.low), np.array(self.high)),
            integrality=np.ones(len(self.cost)),
            bounds=Bounds(np.zeros(len(self.cost)), np.array(self.upper)),
            options={"mip_rel_gap": 0.0},
        )
        return float(answer.fun) if answer.success else None


def least_cost(
    lines: Sequence[Line],
    stock: Mapping[str, Mapping[int, int]],
    network: Network,
    policy: Policy,
) -> float | None:
    """Give the least cost in EUR; None if nothing sends everything."""
    programme = _Programme()
    served: list[dict[int, float]] = [{} for _ in lines]
    parcels: dict[int, float] = {}
    by_warehouse: dict[str, list[int]] = {}
    parcels_of: dict[str, dict[int, float]] = {}
    for lane in network.lanes:
        if lane.is_down:
            continue
        _add_lane(programme, lane, lines, stock, policy, served, parcels, by_warehouse, parcels_of)
    for row, line in zip(served, lines, strict=True):
        if not row:
            return None
        programme.constrain(row, line.quantity, line.quantity)
    for used in by_warehouse.values():
        programme.constrain(dict.fromkeys(used, 1.0), 0, 1)
    for code, row in parcels_of.items():
        capacity = network.capacity.get(code)
        if capacity is not None:
            programme.constrain(row, 0, capacity)
    if policy.max_parcels is not None:
        programme.constrain(parcels, 0, policy.max_parcels)
    answer = programme.solve()
    return None if answer is None else answer - float(policy.split_penalty)


def _add_lane(
    programme: _Programme,
    lane: Lane,
    lines: Sequence[Line],
    stock: Mapping[str, Mapping[int, int]],
    policy: Policy,
    served: list[dict[int, float]],
    parcels: dict[int, float],
    by_warehouse: dict[str, list[int]],
    parcels_of: dict[str, dict[int, float]],
) -> None:
    limit = lane.max_weight_grams
    choices = [(limit, lane.base_cost)]
    if lane.brackets:
        limit = min(limit, lane.brackets[-1][0])
        choices = [
            (min(up_to, limit), cost)
            for n, (up_to, cost) in enumerate(lane.brackets)
            if n == 0 or lane.brackets[n - 1][0] < limit
        ]
    per_parcel = policy.split_penalty + policy.late_penalty * lane.late_days
    used = programme.variable(lane.per_entry)
    full = programme.variable(choices[-1][1] + per_parcel, upper=200)
    last = [programme.variable(cost + per_parcel) for _, cost in choices]
    programme.constrain({**dict.fromkeys(last, 1.0), used: -1.0}, 0, 0)
    programme.constrain({full: 1.0, used: -200.0}, -np.inf, 0)
    room = {full: -float(limit)} | {
        one: -float(up_to) for one, (up_to, _) in zip(last, choices, strict=True)
    }
    for row, line in zip(served, lines, strict=True):
        held = stock.get(lane.warehouse, {}).get(line.variant_id, 0)
        if (
            held <= 0
            or line.variant_id in lane.barred
            or line.hazards & lane.refused_hazards
            or line.weight_grams > limit
        ):
            continue
        grams = line.weight_grams
        if lane.volumetric_divisor:
            grams = max(grams, -(-line.volume_cm3 * 1000 // lane.volumetric_divisor))
        kilos = Decimal(0) if lane.brackets else lane.cost_per_kg * Decimal(grams) / 1000
        unit = programme.variable(
            _rounded(kilos)
            + _rounded(lane.per_unit.get(line.variant_id, Decimal(0)))
            + _rounded(policy.scarcity / held),
            upper=min(held, line.quantity),
        )
        picked = programme.variable(
            policy.line_cost + lane.per_line.get(line.variant_id, Decimal(0))
        )
        row[unit] = 1.0
        room[unit] = float(min(grams, limit))
        programme.constrain({unit: 1.0, picked: -float(min(held, line.quantity))}, -np.inf, 0)
        programme.constrain({picked: 1.0, used: -1.0}, -np.inf, 0)
    programme.constrain(room, -np.inf, 0)
    parcels.update({full: 1.0, used: 1.0})
    by_warehouse.setdefault(lane.warehouse, []).append(used)
    parcels_of.setdefault(lane.warehouse, {}).update({full: 1.0, used: 1.0})
