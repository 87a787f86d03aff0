"""The planner against an independent solver, and against its own input in another order."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment.errors import NoRoute
from fulfillment.planning import Network, Plan, Routing, plan_shipments
from tests.fulfillment.planning.instances import Instance, draw_instance
from tests.fulfillment.planning.oracle import least_cost

# The solver's own tolerance on costs of up to some hundred euros.
NEAR = 2e-4


def check_cost(instance: Instance) -> bool:
    """Compare with the solver; tell whether there was a plan."""
    least = least_cost(instance.lines, instance.stock, instance.network, instance.policy)
    routing = _plan(instance)
    if isinstance(routing, NoRoute):
        assert least is None
        assert "unfinished" not in routing.reasons.values()
        return False
    assert routing.exact
    assert least is not None
    assert abs(float(routing.plan.cost) - least) < NEAR
    check_plan(routing.plan, instance)
    return True


def _plan(instance: Instance) -> Routing | NoRoute:
    try:
        return plan_shipments(instance.lines, instance.stock, instance.network, instance.policy)
    except NoRoute as none:
        return none


def check_plan(plan: Plan, instance: Instance) -> None:
    assert plan.cost == sum(plan.terms.values())
    sent: Counter[int] = Counter()
    for (code, variant), units in plan.units().items():
        assert 0 < units <= instance.stock[code][variant]
        sent[variant] += units
    assert sent == {line.variant_id: line.quantity for line in instance.lines}
    lanes = {parcel.lane for parcel in plan.parcels}
    assert len({lane.warehouse for lane in lanes}) == len(lanes)
    lines = {line.variant_id: line for line in instance.lines}
    for parcel in plan.parcels:
        assert parcel.weight_grams <= parcel.lane.max_weight_grams
        assert not parcel.lane.is_down
        assert not parcel.lane.barred & parcel.contents.keys()
        assert not any(
            lines[variant].hazards & parcel.lane.refused_hazards for variant in parcel.contents
        )


@pytest.mark.parametrize("seed", range(20))
def test_plan_shipments_costs_what_a_solver_finds(seed: int) -> None:
    planned = [check_cost(draw_instance(Random(20 * seed + n))) for n in range(20)]

    assert any(planned)


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_plan_shipments_does_not_depend_on_the_order_of_its_input(
    seed: int, chance: Random
) -> None:
    instance = draw_instance(Random(seed), lines=5, warehouses=8)
    instance = replace(
        instance, policy=replace(instance.policy, search_limit=300, solver_seconds=0)
    )
    lines = list(instance.lines)
    lanes = list(instance.network.lanes)
    codes = list(instance.stock)
    for each in (lines, lanes, codes):
        chance.shuffle(each)
    stock = {}
    for code in codes:
        held = list(instance.stock[code].items())
        chance.shuffle(held)
        stock[code] = dict(held)
    network = Network(tuple(lanes), instance.network.capacity)

    routing = _plan(instance)
    shuffled = _plan(Instance(tuple(lines), stock, network, instance.policy))

    if isinstance(routing, NoRoute):
        assert isinstance(shuffled, NoRoute)
        assert shuffled.reasons == routing.reasons
    else:
        assert shuffled == routing
