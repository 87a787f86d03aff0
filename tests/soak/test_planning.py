"""Ten thousand random orders against an independent solver."""

from random import Random

import pytest

from tests.fulfillment.planning.instances import draw_instance
from tests.fulfillment.planning.test_exactness import check_cost

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("part", range(100))
def test_plan_shipments_costs_what_a_solver_finds_ten_thousand_times(part: int) -> None:
    for seed in range(100 * part, 100 * part + 100):
        check_cost(draw_instance(Random(1_000_000 + seed)))
