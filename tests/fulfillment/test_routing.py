from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment.errors import NoRoute
from fulfillment.packing import Units, pack
from fulfillment.routing import Lane, Plan, RejectedPlan, plan_routes

CUP, POT = 1, 2


def _lane(
    warehouse: str, base: str = "4.00", *, per_kg: str = "1.00", limit: int = 30_000,
    service: str = "post",
) -> Lane:  # fmt: skip
    return Lane(warehouse, service, Decimal(base), Decimal(per_kg), limit)


def _shape(plan: Plan) -> list[tuple[str, dict[int, int]]]:
    return [(parcel.lane.warehouse, dict(parcel.contents)) for parcel in plan.parcels]


def test_plan_routes_takes_the_cheapest_warehouse_and_says_what_the_other_would_cost() -> None:
    routing = plan_routes(
        [Units(CUP, 2, 500)],
        lanes=[_lane("a", "6.00"), _lane("b", "4.00")],
        stock={"a": {CUP: 5}, "b": {CUP: 5}},
    )

    assert _shape(routing.plan) == [("b", {CUP: 2})]
    assert routing.plan.cost == Decimal("5.00")
    assert routing.rejected == (
        RejectedPlan(("a",), ("post",), cost=Decimal("7.00"), parcels=1, reason="costs_more"),
    )
    assert routing.exact


def test_plan_routes_splits_a_line_by_units() -> None:
    routing = plan_routes(
        [Units(CUP, 5, 500)],
        lanes=[_lane("a"), _lane("b", "6.00")],
        stock={"a": {CUP: 3}, "b": {CUP: 4}},
    )

    assert _shape(routing.plan) == [("a", {CUP: 3}), ("b", {CUP: 2})]
    assert [(plan.warehouses, plan.reason) for plan in routing.rejected] == [
        (("a",), "stock_short"),
        (("b",), "stock_short"),
    ]


def test_plan_routes_splits_between_warehouses_where_that_is_cheaper() -> None:
    routing = plan_routes(
        [Units(CUP, 1, 100), Units(POT, 1, 10_000)],
        lanes=[_lane("dear", "1.00", per_kg="9.00"), _lane("cheap", "2.00", per_kg="0.10")],
        stock={"dear": {CUP: 1, POT: 1}, "cheap": {POT: 1}},
    )

    assert _shape(routing.plan) == [("cheap", {POT: 1}), ("dear", {CUP: 1})]


def test_plan_routes_makes_more_parcels_of_a_heavy_load() -> None:
    routing = plan_routes(
        [Units(POT, 5, 4_000)], lanes=[_lane("a", limit=10_000)], stock={"a": {POT: 5}}
    )

    assert _shape(routing.plan) == [("a", {POT: 2}), ("a", {POT: 2}), ("a", {POT: 1})]
    assert routing.plan.cost == 3 * Decimal(4) + 20


def test_plan_routes_takes_fewest_parcels_of_equal_cost() -> None:
    routing = plan_routes(
        [Units(POT, 2, 5_000)],
        lanes=[_lane("a", "2.00", limit=5_000), _lane("b", "4.00")],
        stock={"a": {POT: 2}, "b": {POT: 2}},
    )

    assert _shape(routing.plan) == [("b", {POT: 2})]
    assert [(plan.warehouses, plan.reason) for plan in routing.rejected] == [
        (("a",), "more_parcels")
    ]


def test_plan_routes_takes_the_first_code_of_equals_in_any_order() -> None:
    lanes = [_lane(code) for code in "cab"]
    stock = {code: {CUP: 1} for code in "abc"}

    routing = plan_routes([Units(CUP, 1, 500)], lanes=lanes, stock=stock)

    assert _shape(routing.plan) == [("a", {CUP: 1})]
    assert [(plan.warehouses, plan.reason) for plan in routing.rejected] == [
        (("b",), "later_code"),
        (("c",), "later_code"),
    ]


def test_plan_routes_refuses_what_nobody_can_send_with_a_reason_each() -> None:
    with pytest.raises(NoRoute) as caught:
        plan_routes(
            [Units(POT, 1, 5_000)],
            lanes=[_lane("a"), _lane("b", limit=4_000)],
            stock={"b": {POT: 1}},
        )

    assert caught.value.reasons == {"a": "stock_short", "b": "too_heavy"}


def test_plan_routes_keeps_ten_rejected_plans_at_most() -> None:
    codes = [f"w{n:02}" for n in range(20)]
    routing = plan_routes(
        [Units(CUP, 1, 500)],
        lanes=[_lane(code) for code in codes],
        stock={code: {CUP: 1} for code in codes},
    )

    assert len(routing.rejected) == 10
    assert routing.exact


def test_plan_routes_is_exact_for_ten_lines_over_twenty_warehouses() -> None:
    chance = Random(7)
    lines = [Units(n, chance.randint(1, 4), chance.randint(100, 3_000)) for n in range(10)]
    codes = [f"w{n:02}" for n in range(20)]
    lanes = [_lane(code, f"{chance.randint(300, 900)}e-2") for code in codes]
    stock = {
        code: {line.variant_id: chance.randint(1, 5) for line in lines if chance.random() < 0.5}
        for code in codes
    }

    assert plan_routes(lines, lanes=lanes, stock=stock).exact


def test_plan_routes_stops_at_its_limit_with_a_plan_and_says_so() -> None:
    codes = [f"w{n}" for n in range(4)]
    lines = [Units(n, 100, 1_700) for n in range(5)]
    routing = plan_routes(
        lines,
        lanes=[_lane(code, f"{n}.10", limit=5_000 + n) for n, code in enumerate(codes, start=3)],
        stock={code: {line.variant_id: 60 for line in lines} for code in codes},
        search_limit=2_000,
    )

    sent = {line.variant_id: 0 for line in lines}
    for parcel in routing.plan.parcels:
        for variant, units in parcel.contents.items():
            sent[variant] += units
    assert sent == {line.variant_id: 100 for line in lines}
    assert not routing.exact


Case = tuple[list[Units], list[Lane], dict[str, dict[int, int]]]


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    lines = [
        Units(variant, draw(st.integers(1, 3)), draw(st.sampled_from([0, 300, 1_000, 1_500])))
        for variant in range(draw(st.integers(1, 3)))
    ]
    cents = st.integers(0, 6).map(lambda n: Decimal(n) / 2)
    lanes = [
        Lane(
            warehouse,
            service,
            draw(cents),
            draw(cents),
            draw(st.sampled_from([1_000, 2_000, 9_000])),
        )
        for warehouse, service in draw(
            st.lists(
                st.sampled_from([("a", "x"), ("a", "y"), ("b", "x"), ("c", "x")]),
                min_size=1,
                unique=True,
            )
        )
    ]
    stock = {code: {line.variant_id: draw(st.integers(0, 3)) for line in lines} for code in "abc"}
    return lines, lanes, stock


def _splits(total: int, most: list[int]) -> Iterator[tuple[int, ...]]:
    for parts in product(*(range(limit + 1) for limit in most)):
        if sum(parts) == total:
            yield parts


def _best_by_trying_all(case: Case) -> tuple[object, ...] | None:
    """Try every way to give units to lanes; give the rank of the best."""
    lines, lanes, stock = case
    choices = [
        list(
            _splits(
                line.quantity,
                [
                    stock[lane.warehouse][line.variant_id]
                    if line.weight_grams <= lane.max_weight_grams
                    else 0
                    for lane in lanes
                ],
            )
        )
        for line in lines
    ]
    best: tuple[object, ...] | None = None
    for parts in product(*choices):
        loads = {
            lane: [
                Units(line.variant_id, split[n], line.weight_grams)
                for line, split in zip(lines, parts, strict=True)
                if split[n]
            ]
            for n, lane in enumerate(lanes)
        }
        used = [lane for lane, load in loads.items() if load]
        if len({lane.warehouse for lane in used}) < len(used):
            continue  # One service for each warehouse.
        boxes = {lane: pack(loads[lane], max_weight_grams=lane.max_weight_grams) for lane in used}
        cost = sum(
            lane.base_cost + lane.cost_per_kg * box.weight_grams / 1000
            for lane, packed in boxes.items()
            for box in packed
        )
        rank = (
            cost,
            sum(map(len, boxes.values())),
            len(used),
            tuple(sorted(lane.warehouse for lane in used)),
        )
        best = rank if best is None or rank < best else best
    return best


@given(case=_cases(), chance=st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_plan_routes_finds_what_trying_everything_finds(case: Case, chance: Random) -> None:
    lines, lanes, stock = case
    expected = _best_by_trying_all(case)
    if expected is None:
        with pytest.raises(NoRoute):
            plan_routes(lines, lanes=lanes, stock=stock)
        return

    routing = plan_routes(lines, lanes=lanes, stock=stock)

    assert routing.plan.rank[:4] == expected
    assert routing.exact
    assert all(plan.reason for plan in routing.rejected)
    mixed = plan_routes(
        chance.sample(lines, len(lines)), lanes=chance.sample(lanes, len(lanes)), stock=stock
    )
    assert mixed == routing


@given(case=_cases())
@settings(max_examples=100, deadline=None)
def test_plan_routes_sends_exactly_what_was_ordered_and_is_there(case: Case) -> None:
    lines, lanes, stock = case
    try:
        plan = plan_routes(lines, lanes=lanes, stock=stock).plan
    except NoRoute:
        return
    weights = {line.variant_id: line.weight_grams for line in lines}
    sent: dict[tuple[str, int], int] = {}
    for parcel in plan.parcels:
        assert sum(parcel.contents.values()) > 0
        weight = sum(weights[variant] * n for variant, n in parcel.contents.items())
        assert weight == parcel.weight_grams <= parcel.lane.max_weight_grams
        for variant, n in parcel.contents.items():
            key = (parcel.lane.warehouse, variant)
            sent[key] = sent.get(key, 0) + n
    assert all(n <= stock[warehouse][variant] for (warehouse, variant), n in sent.items())
    for line in lines:
        total = sum(n for (_, variant), n in sent.items() if variant == line.variant_id)
        assert total == line.quantity


@given(
    load=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 50)), max_size=5),
    limit=st.integers(50, 90),
)
def test_pack_fills_parcels_within_the_limit_and_its_guarantee(
    load: list[tuple[int, int]], limit: int
) -> None:
    units = [Units(n, quantity, weight) for n, (quantity, weight) in enumerate(load)]

    boxes = pack(units, max_weight_grams=limit)

    assert all(0 <= box.weight_grams <= limit and box.contents for box in boxes)
    for unit in units:
        assert sum(box.contents.get(unit.variant_id, 0) for box in boxes) == unit.quantity
    # No two boxes could have been one.
    weights = sorted(box.weight_grams for box in boxes)
    assert len(weights) < 2 or weights[0] + weights[1] > limit
