from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from fulfillment.errors import NoRoute
from fulfillment.planning import Lane, Line, Network, Plan, Policy, Routing, plan_shipments
from tests.fulfillment.planning.oracle import least_cost

CUP, POT = 1, 2
PLAIN = Policy()


def _lane(
    warehouse: str, base: str = "4.00", *, per_kg: str = "1.00", limit: int = 30_000,
    service: str = "post",
) -> Lane:  # fmt: skip
    return Lane(warehouse, service, Decimal(base), Decimal(per_kg), limit)


def _cups(quantity: int = 1, *, grams: int = 500) -> Line:
    return Line(CUP, quantity, grams)


def _pots(quantity: int = 1, *, grams: int = 5_000) -> Line:
    return Line(POT, quantity, grams)


def _plan(
    lines: list[Line], lanes: list[Lane], stock: Mapping[str, Mapping[int, int]],
    policy: Policy = PLAIN, *, capacity: Mapping[str, int | None] | None = None,
) -> Routing:  # fmt: skip
    return plan_shipments(lines, stock, Network(tuple(lanes), capacity or {}), policy)


def _shape(plan: Plan) -> list[tuple[str, dict[int, int]]]:
    return [(parcel.lane.warehouse, dict(parcel.contents)) for parcel in plan.parcels]


def _reasons(routing: Routing) -> list[tuple[tuple[str, ...], str]]:
    return [(plan.warehouses, plan.reason) for plan in routing.rejected]


def test_plan_shipments_takes_the_cheapest_and_says_what_the_other_would_cost() -> None:
    routing = _plan([_cups(2)], [_lane("a", "6.00"), _lane("b")], {"a": {CUP: 5}, "b": {CUP: 5}})

    assert _shape(routing.plan) == [("b", {CUP: 2})]
    assert routing.plan.cost == Decimal("5.00")
    assert [(plan.warehouses, plan.cost, plan.parcels) for plan in routing.rejected] == [
        (("a",), Decimal("7.00"), 1)
    ]
    assert _reasons(routing) == [(("a",), "costs_more")]
    assert routing.exact


def test_plan_shipments_splits_a_line_by_units() -> None:
    routing = _plan([_cups(5)], [_lane("a"), _lane("b", "6.00")], {"a": {CUP: 3}, "b": {CUP: 4}})

    assert _shape(routing.plan) == [("a", {CUP: 3}), ("b", {CUP: 2})]
    assert _reasons(routing) == [(("a",), "stock_short"), (("b",), "stock_short")]


def test_plan_shipments_splits_between_warehouses_where_that_is_cheaper() -> None:
    lanes = [_lane("dear", "1.00", per_kg="9.00"), _lane("cheap", "2.00", per_kg="0.10")]
    stock = {"dear": {CUP: 1, POT: 1}, "cheap": {POT: 1}}

    routing = _plan([_cups(grams=100), _pots(grams=10_000)], lanes, stock)

    assert _shape(routing.plan) == [("cheap", {POT: 1}), ("dear", {CUP: 1})]


def test_plan_shipments_makes_more_parcels_of_a_heavy_load() -> None:
    routing = _plan([_pots(5, grams=4_000)], [_lane("a", limit=10_000)], {"a": {POT: 5}})

    assert _shape(routing.plan) == [("a", {POT: 2}), ("a", {POT: 2}), ("a", {POT: 1})]
    assert routing.plan.cost == 2 * Decimal(4) + 20, "by weight two boxes would do"
    assert routing.plan.freight == 3 * Decimal(4) + 20, "packed they are three"


def test_plan_shipments_splits_no_parcel_that_the_penalty_makes_dearer() -> None:
    lines = [_cups(), _pots()]
    lanes = [_lane("a", "1.00", per_kg="2.00"), _lane("b", "1.00", per_kg="0.10")]
    stock = {"a": {CUP: 1, POT: 1}, "b": {POT: 1}}

    split = _plan(lines, lanes, stock)
    whole = _plan(lines, lanes, stock, Policy(split_penalty=Decimal(20)))

    assert split.plan.warehouses == ("a", "b")
    assert whole.plan.warehouses == ("a",)
    assert whole.plan.terms["split"] == 0


def test_plan_shipments_counts_each_line_picked() -> None:
    lanes = [_lane("a", "1.00", per_kg="0"), _lane("b", "1.10", per_kg="0")]
    stock = {"a": {CUP: 1}, "b": {CUP: 1, POT: 1}}

    routing = _plan([_cups(2), _pots()], lanes, stock, Policy(line_cost=Decimal("0.30")))

    assert routing.plan.terms["lines"] == Decimal("0.90")
    assert routing.plan.cost == Decimal("3.00")


def test_plan_shipments_bears_duty_tax_and_clearance_of_a_lane() -> None:
    abroad = replace(
        _lane("abroad", "1.00", per_kg="0"),
        per_unit={CUP: Decimal("0.70")}, per_line={CUP: Decimal("3.00")},
        per_entry=Decimal("2.00"),
    )  # fmt: skip
    stock = {"abroad": {CUP: 2}, "home": {CUP: 2}}

    near = _plan([_cups(2)], [abroad, _lane("home", "7.00", per_kg="0")], stock)
    far = _plan([_cups(2)], [abroad, _lane("home", "8.00", per_kg="0")], stock)

    assert near.plan.warehouses == ("home",)
    assert far.plan.warehouses == ("abroad",)
    assert far.plan.terms["duty"] == Decimal("4.40")
    assert far.plan.terms["entry"] == Decimal("2.00")


def test_plan_shipments_keeps_the_promise_unless_that_costs_more_than_its_worth() -> None:
    late = replace(_lane("late", "1.00"), late_days=2)
    stock = {"late": {CUP: 1}, "punctual": {CUP: 1}}
    lanes = [late, _lane("punctual", "9.00")]

    kept = _plan([_cups()], lanes, stock, Policy(late_penalty=Decimal(5)))
    broken = _plan([_cups()], lanes, stock, Policy(late_penalty=Decimal(3)))

    assert kept.plan.warehouses == ("punctual",)
    assert _reasons(kept) == [(("late",), "late")]
    assert kept.rejected[0].late_days == 2
    assert broken.plan.warehouses == ("late",)
    assert broken.plan.terms["late"] == 6
    assert broken.plan.late_days == 2


def test_plan_shipments_spares_the_last_unit_of_a_warehouse() -> None:
    stock = {"near": {CUP: 1}, "far": {CUP: 100}}
    lanes = [_lane("near", "4.00"), _lane("far", "4.50")]

    careless = _plan([_cups()], lanes, stock)
    careful = _plan([_cups()], lanes, stock, Policy(scarcity=Decimal(1)))

    assert careless.plan.warehouses == ("near",)
    assert careful.plan.warehouses == ("far",)
    assert careful.plan.terms["scarcity"] == Decimal("0.01")


def test_plan_shipments_charges_light_and_bulky_goods_by_volume() -> None:
    kite = Line(CUP, 1, 500, volume_cm3=20_000)
    by_volume = replace(_lane("a"), volumetric_divisor=5_000)

    routing = _plan([kite], [by_volume], {"a": {CUP: 1}})

    assert routing.plan.cost == Decimal("8.00")
    assert routing.plan.parcels[0].chargeable_grams == 4_000
    assert routing.plan.parcels[0].weight_grams == 500


BRACKETS = ((500, Decimal("3.00")), (2_000, Decimal("5.00")), (10_000, Decimal("9.00")))


@pytest.mark.parametrize(
    ("grams", "cost"),
    [(500, "3.00"), (501, "5.00"), (10_000, "9.00"), (10_400, "12.00"), (10_501, "14.00")],
)
def test_plan_shipments_goes_by_brackets_where_a_lane_has_them(grams: int, cost: str) -> None:
    # A fine powder: what is too heavy for one parcel goes into the next, to the gram.
    lane = replace(_lane("a", "99"), brackets=BRACKETS)

    assert _plan([_cups(grams, grams=1)], [lane], {"a": {CUP: grams}}).plan.cost == Decimal(cost)


def test_plan_shipments_moves_units_where_they_fall_into_a_lighter_bracket() -> None:
    lanes = [replace(_lane("a"), brackets=BRACKETS), _lane("b", "3.50", per_kg="0")]
    stock = {"a": {CUP: 1, POT: 1}, "b": {CUP: 1}}

    routing = _plan([_cups(grams=1_800), _pots(grams=400)], lanes, stock)

    assert _shape(routing.plan) == [("a", {POT: 1}), ("b", {CUP: 1})]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_down": True}, "carrier_down"),
        ({"refused_hazards": frozenset({"battery"})}, "hazard"),
        ({"barred": frozenset({CUP})}, "barred"),
        ({"max_weight_grams": 499}, "too_heavy"),
    ],
)
def test_plan_shipments_takes_no_lane_that_must_not_be(
    change: dict[str, object], reason: str
) -> None:
    lamp = replace(_cups(), hazards=frozenset({"battery"}))
    refused = replace(_lane("a", "1.00"), **change)  # type: ignore[arg-type]
    stock = {"a": {CUP: 1}, "b": {CUP: 1}}

    routing = _plan([lamp], [refused, _lane("b", "9.00")], stock)

    assert routing.plan.warehouses == ("b",)
    assert _reasons(routing) == [(("a",), reason)]
    with pytest.raises(NoRoute) as caught:
        _plan([lamp], [refused], stock)
    assert caught.value.reasons == {"a": reason}


def test_plan_shipments_sends_no_more_parcels_than_a_warehouse_can() -> None:
    stock = {"a": {POT: 4}, "b": {POT: 4}}
    lanes = [_lane("a", "1.00", limit=10_000), _lane("b", "5.00", limit=10_000)]

    routing = _plan([_pots(4)], lanes, stock, capacity={"a": 1, "b": None})
    none_left = _plan([_pots(4)], lanes, stock, capacity={"a": 0})

    assert _shape(routing.plan) == [("a", {POT: 2}), ("b", {POT: 2})]
    assert _shape(none_left.plan) == [("b", {POT: 2}), ("b", {POT: 2})]
    assert (("a",), "no_capacity") in _reasons(none_left)


def test_plan_shipments_makes_no_more_parcels_than_allowed() -> None:
    lanes = [_lane("a", "1.00", per_kg="0"), _lane("b", "1.00", per_kg="0"), _lane("c", "9.00")]
    stock = {"a": {CUP: 1}, "b": {POT: 1}, "c": {CUP: 1, POT: 1}}
    lines = [_cups(), _pots()]

    assert _plan(lines, lanes, stock).plan.warehouses == ("a", "b")
    assert _plan(lines, lanes, stock, Policy(max_parcels=1)).plan.warehouses == ("c",)
    with pytest.raises(NoRoute):
        _plan(lines, lanes[:2], stock, Policy(max_parcels=1))


def test_plan_shipments_uses_one_lane_of_a_warehouse_at_most() -> None:
    lanes = [
        replace(_lane("a", "1.00"), refused_hazards=frozenset({"battery"})),
        _lane("a", "9.00", service="hazardous"),
    ]
    lines = [replace(_cups(), hazards=frozenset({"battery"})), _pots()]

    routing = _plan(lines, lanes, {"a": {CUP: 1, POT: 1}})

    assert routing.plan.services == ("hazardous",)


def test_plan_shipments_takes_fewest_parcels_of_equal_cost() -> None:
    lanes = [_lane("a", "2.00", limit=5_000), _lane("b", "4.00")]

    routing = _plan([_pots(2)], lanes, {"a": {POT: 2}, "b": {POT: 2}})

    assert _shape(routing.plan) == [("b", {POT: 2})]
    assert _reasons(routing)[0] == (("a",), "more_parcels")


def test_plan_shipments_takes_the_first_code_of_equals_in_any_order() -> None:
    stock = {code: {CUP: 1} for code in "abc"}

    routing = _plan([_cups()], [_lane(code) for code in "cab"], stock)

    assert _shape(routing.plan) == [("a", {CUP: 1})]
    assert _reasons(routing) == [(("b",), "later_code"), (("c",), "later_code")]


def test_plan_shipments_takes_the_warehouses_whose_codes_stand_first_of_equal_pairs() -> None:
    lid = 3
    lanes = [
        _lane(code, base, per_kg="0")
        for code, base in (("a", "4"), ("b", "5"), ("c", "5"), ("d", "6"))
    ]
    stock = {"a": {CUP: 1}, "b": {CUP: 1, POT: 1}, "c": {lid: 1}, "d": {POT: 1, lid: 1}}

    routing = _plan([_cups(), _pots(), Line(lid, 1, 100)], lanes, stock)

    assert routing.plan.warehouses == ("a", "d")
    assert _reasons(routing)[0] == (("b", "c"), "later_code")


def test_plan_shipments_refuses_what_nobody_can_send_with_a_reason_each() -> None:
    with pytest.raises(NoRoute) as caught:
        _plan([_pots()], [_lane("a"), _lane("b", limit=4_000)], {"b": {POT: 1}})

    assert caught.value.reasons == {"a": "stock_short", "b": "too_heavy"}


def test_plan_shipments_keeps_ten_rejected_plans_at_most() -> None:
    codes = [f"w{n:02}" for n in range(20)]

    routing = _plan([_cups()], [_lane(code) for code in codes], {code: {CUP: 1} for code in codes})

    assert len(routing.rejected) == 10
    assert routing.exact


def test_plan_shipments_adds_up_lines_of_one_variant() -> None:
    routing = _plan([_cups(1), _cups(2)], [_lane("a"), _lane("b")], {"a": {CUP: 2}, "b": {CUP: 1}})

    assert routing.plan.units() == {("a", CUP): 2, ("b", CUP): 1}


def test_plan_shipments_stops_at_its_limit_with_a_plan_and_says_so() -> None:
    chance = Random(3)
    codes = [f"w{n}" for n in range(6)]
    lines = [Line(n, 30, 1_300 + 170 * n) for n in range(6)]
    lanes = [
        _lane(code, f"{chance.randint(300, 320)}e-2", limit=5_000 + 37 * n)
        for n, code in enumerate(codes)
    ]
    stock = {code: {line.variant_id: chance.randint(8, 14) for line in lines} for code in codes}

    routing = _plan(lines, lanes, stock, Policy(search_limit=60, solver_seconds=0))

    assert not routing.exact
    sent: dict[int, int] = {}
    for (code, variant), units in routing.plan.units().items():
        assert units <= stock[code][variant]
        sent[variant] = sent.get(variant, 0) + units
    assert sent == {line.variant_id: line.quantity for line in lines}


def test_plan_shipments_is_finished_by_the_solver_where_the_search_meets_its_limit() -> None:
    chance = Random(3)
    codes = [f"w{n}" for n in range(6)]
    lines = [Line(n, 30, 1_300 + 170 * n) for n in range(6)]
    lanes = [
        _lane(code, f"{chance.randint(300, 320)}e-2", limit=5_000 + 37 * n)
        for n, code in enumerate(codes)
    ]
    stock = {code: {line.variant_id: chance.randint(8, 14) for line in lines} for code in codes}

    cut = _plan(lines, lanes, stock, Policy(search_limit=60, solver_seconds=0))
    finished = _plan(lines, lanes, stock, Policy(search_limit=60))

    assert finished.exact
    assert finished.plan.cost <= cut.plan.cost
    assert float(finished.plan.cost) == pytest.approx(
        least_cost(lines, stock, Network(tuple(lanes)), Policy()), abs=2e-4
    )
