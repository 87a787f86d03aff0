"""What promotions take off a basket: the guarantees, and each reason why one does not apply."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets.money import smallest_unit
from markets.promotions import BasketDiscounts, Good, PromotionReason, discount_goods
from markets.promotions.engine import Candidate, Circumstances, CouponFound
from markets.promotions.terms import Action, CouponReason, Terms, Verdict
from tests.factories import NOW

DAY = timedelta(days=1)
_number = count(1)


def good(key: str, price: str, quantity: int = 1, *, product: int = 0, **fields: Any) -> Good:
    fields = {"variant_id": int(key), "product_id": product or int(key), **fields}
    return Good(
        key=key,
        quantity=quantity,
        unit_price=Decimal(price),
        **{"category_ids": frozenset(), **fields},
    )


def terms(action: Action = Action.PERCENT, **fields: Any) -> Terms:
    number = next(_number)
    ids = {"promotion_id": number, "version_id": number, "name": f"P{number}"}
    if action in (Action.PERCENT, Action.BUY_X_GET_Y):
        fields.setdefault("percent", Decimal(10))
    return Terms(**{**ids, "action": action, **fields})


def amount_off(amount: str, currency: str = "EUR", **fields: Any) -> Terms:
    return terms(Action.AMOUNT, amounts={currency: Decimal(amount)}, **fields)


def three_for_two(**fields: Any) -> Terms:
    return terms(Action.BUY_X_GET_Y, **{"buy": 2, "get": 1, "percent": Decimal(100), **fields})


def known(*promotions: Terms | Candidate, **fields: Any) -> Circumstances:
    candidates = [row if isinstance(row, Candidate) else Candidate(row) for row in promotions]
    return Circumstances(
        **{
            "market_id": 1,
            "currency": "EUR",
            "moment": NOW,
            "candidates": tuple(candidates),
            **fields,
        }
    )


def off(answer: BasketDiscounts) -> list[tuple[str | None, str]]:
    return [(row.key, str(row.amount)) for row in answer.discounts]


def reasons(answer: BasketDiscounts) -> list[str]:
    return [row.reason.value for row in answer.tried]


BASKET = [good("1", "20.00", 2), good("2", "9.99"), good("3", "5.00", 3)]


def test_percentage_is_rounded_line_by_line() -> None:
    answer = discount_goods(BASKET, known(terms(percent=Decimal(15))))
    assert off(answer) == [("1", "6.00"), ("2", "1.50"), ("3", "2.25")]
    assert (answer.of_line("2"), answer.delivery, answer.total) == (
        Decimal("1.50"), Decimal(0), Decimal("9.75"),
    )  # fmt: skip


def test_amount_is_split_over_the_lines() -> None:
    assert off(discount_goods(BASKET, known(amount_off("10")))) == [
        ("1", "6.15"), ("2", "1.54"), ("3", "2.31"),
    ]  # fmt: skip


def test_amount_takes_no_more_than_there_is() -> None:
    assert discount_goods(BASKET, known(amount_off("500"))).total == Decimal("64.99")


def test_amount_that_a_line_has_not_comes_from_the_next() -> None:
    free = terms(percent=Decimal(100), product_ids=frozenset({1}))
    answer = discount_goods(BASKET, known(free, amount_off("20")))
    assert off(answer) == [("1", "40.00"), ("2", "9.99"), ("3", "10.01")]


def test_amount_of_another_currency_is_not_used() -> None:
    answer = discount_goods(BASKET, known(amount_off("10", "CHF")))
    assert (answer.total, reasons(answer)) == (Decimal(0), ["no_amount"])
    floor = terms(thresholds={"CHF": Decimal(1)})
    assert reasons(discount_goods(BASKET, known(floor))) == ["no_amount"]


def test_free_delivery_takes_what_delivery_costs() -> None:
    free = known(terms(Action.FREE_DELIVERY, thresholds={"EUR": Decimal("64.99")}))
    answer = discount_goods(BASKET, free, delivery=Decimal("4.90"))
    assert (off(answer), answer.delivery) == ([(None, "4.90")], Decimal("4.90"))
    assert reasons(discount_goods(BASKET, free)) == ["no_delivery"]
    assert reasons(discount_goods(BASKET, free, delivery=Decimal(0))) == ["nothing_left"]
    [tried] = discount_goods(BASKET[:1], free, delivery=Decimal(5)).tried
    assert (tried.reason, tried.missing) == (PromotionReason.BELOW_THRESHOLD, Decimal("24.99"))


def test_what_is_free_already_asks_for_no_larger_basket() -> None:
    free = known(terms(Action.FREE_DELIVERY, thresholds={"EUR": Decimal("64.99")}))
    [tried] = discount_goods(BASKET[:1], free, delivery=Decimal(0)).tried
    assert (tried.reason, tried.missing) == (PromotionReason.NOTHING_LEFT, None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("3", "10.00")]),  # Six units: the two cheapest.
        ({"most_times": 1}, [("3", "5.00")]),
        ({"percent": Decimal(50)}, [("3", "5.00")]),
        ({"buy": 1}, [("3", "15.00")]),
        ({"buy": 1, "get": 2}, [("3", "15.00"), ("2", "9.99")]),
        ({"excluded_product_ids": frozenset({3})}, [("2", "9.99")]),
    ],
)
def test_cheapest_units_are_the_ones_for_less(fields: Any, expected: Any) -> None:
    answer = discount_goods(BASKET, known(three_for_two(**fields)))
    assert sorted(off(answer)) == sorted(expected)


def test_thresholds_count_what_a_promotion_is_for_as_shown() -> None:
    only: Any = {"product_ids": frozenset({3}), "thresholds": {"EUR": Decimal(15)}}
    half = terms(percent=Decimal(50), priority=1)
    answer = discount_goods(BASKET, known(terms(priority=2, **only), half))
    assert reasons(answer) == ["applied", "applied"]


def test_matching_is_by_product_and_by_category() -> None:
    goods = [
        good("1", "10.00", category_ids=frozenset({7, 8})),
        good("2", "10.00", product=20),
        good("3", "10.00", category_ids=frozenset({9})),
    ]
    one = terms(product_ids=frozenset({20}), category_ids=frozenset({8}))
    assert off(discount_goods(goods, known(one))) == [("1", "1.00"), ("2", "1.00")]
    but = replace(one, excluded_product_ids=frozenset({1}))
    assert off(discount_goods(goods, known(but))) == [("2", "1.00")]


def test_promotions_apply_by_priority_to_what_is_left() -> None:
    tenth = terms(priority=2)
    five = amount_off("5.00", priority=1)
    answer = discount_goods([good("1", "20.00")], known(tenth, five))
    assert [(row.label, str(row.amount)) for row in answer.discounts] == [
        (five.name, "5.00"), (tenth.name, "1.50"),
    ]  # fmt: skip


def alone(percent: int, **fields: Any) -> Terms:
    return terms(percent=Decimal(percent), combines=False, **fields)


def test_one_that_stands_alone_wins_if_it_is_worth_more() -> None:
    together = [terms(), terms()]  # 10 % and 10 % of the rest: 19 %.
    one = [good("1", "100.00")]
    answer = discount_goods(one, known(*together, alone(18), alone(20)))
    assert reasons(answer) == ["not_best", "not_best", "not_best", "applied"]
    assert [str(row.amount) for row in answer.tried] == ["10.00", "9.00", "18.00", "20.00"]
    assert [row.verdict for row in answer.tried] == [Verdict.LOST] * 3 + [Verdict.WON]
    assert answer.total == 20
    tie = discount_goods(one, known(alone(19), *together))
    assert reasons(tie) == ["applied", "applied", "not_best"]
    two = discount_goods(one, known(alone(30, priority=2), alone(30, priority=1)))
    assert reasons(two) == ["applied", "not_best"]


def test_delivery_counts_in_the_worth() -> None:
    free = terms(Action.FREE_DELIVERY)
    circumstances = known(free, alone(10))
    one = [good("1", "50.00")]
    assert reasons(discount_goods(one, circumstances, delivery=Decimal("4.99")))[0] == "not_best"
    assert reasons(discount_goods(one, circumstances, delivery=Decimal("5.00")))[0] == "applied"


COUPON = CouponFound(coupon_id=5, code="Welcome10", promotion_id=0)


def with_coupon(promotion: Terms | Candidate, **fields: Any) -> BasketDiscounts:
    candidate = promotion if isinstance(promotion, Candidate) else Candidate(promotion)
    coupon = replace(COUPON, promotion_id=candidate.terms.promotion_id, **fields)
    return discount_goods(BASKET, known(candidate, typed="welcome10", coupon=coupon))


COUPONED = terms(needs_coupon=True)


@pytest.mark.parametrize(
    ("promotion", "coupon", "reason", "coupon_reason"),
    [
        (COUPONED, {}, "applied", "holds"),
        (COUPONED, {"used_up": True}, "coupon_used_up", "used_up"),
        (COUPONED, {"customer_used_up": True}, "customer_limit", "customer_limit"),
        (Candidate(COUPONED, customer_used_up=True), {}, "customer_limit", "customer_limit"),
        (Candidate(COUPONED, used_up=True), {}, "used_up", "used_up"),
        (Candidate(COUPONED, lapse=PromotionReason.ENDED), {}, "ended", "ended"),
        (replace(COUPONED, market_ids=frozenset({2})), {}, "other_market", "other_market"),
        (replace(COUPONED, starts_at=NOW + DAY), {}, "not_yet", "not_yet"),
        (replace(COUPONED, ends_at=NOW), {}, "ended", "ended"),
        (replace(COUPONED, group_ids=frozenset({3})), {}, "other_group", "other_group"),
        (replace(COUPONED, product_ids=frozenset({99})), {}, "no_match", "no_match"),
        (replace(COUPONED, min_quantity=7), {}, "too_few", "conditions"),
        (replace(COUPONED, thresholds={"EUR": Decimal(65)}), {}, "below_threshold", "conditions"),
        (replace(COUPONED, thresholds={"CHF": Decimal(65)}), {}, "no_amount", "other_market"),
        (replace(COUPONED, action=Action.FREE_DELIVERY), {}, "no_delivery", "holds"),
        (replace(COUPONED, percent=Decimal("0.01")), {}, "nothing_left", "not_best"),
    ],
)
def test_coupon_is_told_why(
    promotion: Terms | Candidate, coupon: Any, reason: str, coupon_reason: str
) -> None:
    answer = with_coupon(promotion, **coupon)
    assert reasons(answer) == [reason]
    assert answer.coupon is not None
    assert (answer.coupon.code, answer.coupon.reason.value) == ("Welcome10", coupon_reason)
    assert answer.coupon.holds is (coupon_reason == "holds")
    missing = Decimal("0.01") if reason == "below_threshold" else None
    assert answer.coupon.missing == missing
    assert {row.coupon_id for row in answer.discounts} == ({5} if reason == "applied" else set())


def test_coupon_that_is_worth_less_says_so() -> None:
    coupon = replace(COUPON, promotion_id=COUPONED.promotion_id)
    answer = discount_goods(BASKET, known(COUPONED, alone(50), typed="w", coupon=coupon))
    assert answer.coupon is not None
    assert answer.coupon.reason is CouponReason.NOT_BEST


def test_promotion_with_a_coupon_waits_for_it() -> None:
    answer = discount_goods(BASKET, known(COUPONED))
    assert (reasons(answer), answer.coupon) == (["needs_coupon"], None)
    unknown = discount_goods(BASKET, known(COUPONED, typed="NOPE")).coupon
    assert unknown is not None
    assert (unknown.code, unknown.reason) == ("NOPE", CouponReason.UNKNOWN)


def test_lines_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="one key"):
        discount_goods([BASKET[0], BASKET[0]], known())


def test_empty_basket_has_no_discounts() -> None:
    answer = discount_goods([], known(terms(), amount_off("5")))
    assert (answer.total, reasons(answer)) == (Decimal(0), ["no_match", "no_match"])


def test_goods_that_cost_nothing_have_nothing_taken_off() -> None:
    free = [good("1", "0.00", 3)]
    answer = discount_goods(free, known(terms(), amount_off("5"), three_for_two()))
    assert (answer.total, reasons(answer)) == (Decimal(0), ["nothing_left"] * 3)


# Few products and amounts, so that promotions meet on the same lines and run out of them.
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
PRODUCTS = st.frozensets(st.integers(1, 4), max_size=3)


@st.composite
def baskets(draw: st.DrawFn, currency: str) -> list[Good]:
    unit = smallest_unit(currency)
    lines = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5)), max_size=5))
    return [
        good(str(number), str(price * unit), quantity, product=number)
        for number, (price, quantity) in enumerate(lines, start=1)
    ]


@st.composite
def promotions(draw: st.DrawFn, currency: str, number: int) -> Terms:
    unit = smallest_unit(currency)
    action = draw(st.sampled_from(list(Action)))
    percent = draw(st.integers(1, 10_000).map(lambda part: Decimal(part) / 100))
    is_some = action is Action.BUY_X_GET_Y
    return Terms(
        promotion_id=number,
        version_id=number,
        name=str(number),
        action=action,
        percent=percent,
        amounts={currency: draw(st.integers(1, 200)) * unit},
        thresholds=draw(st.sampled_from([{}, {currency: 30 * unit}])),
        min_quantity=draw(st.integers(1, 3)),
        buy=draw(st.integers(1, 3)) if is_some else 0,
        get=draw(st.integers(1, 2)) if is_some else 0,
        most_times=draw(st.sampled_from([None, 1, 2])),
        product_ids=draw(PRODUCTS),
        excluded_product_ids=draw(st.frozensets(st.integers(1, 5), max_size=1)),
        priority=draw(st.integers(1, 3)),
        combines=draw(st.booleans() | st.just(True)),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Good], Circumstances, Decimal | None]:
    currency = draw(CURRENCIES)
    goods = draw(baskets(currency))
    count = draw(st.integers(0, 5))
    rows = [draw(promotions(currency, number)) for number in range(1, count + 1)]
    unit = smallest_unit(currency)
    delivery = draw(st.none() | st.integers(0, 40).map(lambda units: units * unit))
    return goods, known(*rows, currency=currency), delivery


@settings(max_examples=400, deadline=None)
@given(situations())
def test_discounts_never_exceed_what_they_are_taken_off(
    case: tuple[list[Good], Circumstances, Decimal | None],
) -> None:
    goods, circumstances, delivery = case
    answer = discount_goods(goods, circumstances, delivery=delivery)
    unit = smallest_unit(circumstances.currency)
    for row in answer.discounts:
        assert row.amount > 0
        assert row.amount % unit == 0
    for line in goods:
        assert answer.of_line(line.key) <= line.unit_price * line.quantity
    assert answer.delivery <= (delivery or 0)
    parts = sum((answer.of_line(line.key) for line in goods), Decimal(0))
    assert parts + answer.delivery == answer.total
    by_promotion = {row.promotion_id: row.amount for row in answer.tried if row.verdict == "won"}
    assert sum(by_promotion.values()) == answer.total
    assert set(by_promotion) == {row.promotion_id for row in answer.discounts}


@settings(max_examples=400, deadline=None)
@given(situations())
def test_amount_off_alone_is_the_whole_amount_or_all_there_is(
    case: tuple[list[Good], Circumstances, Decimal | None],
) -> None:
    goods, circumstances, _delivery = case
    for candidate in circumstances.candidates:
        one = replace(candidate.terms, action=Action.AMOUNT, buy=0, get=0)
        answer = discount_goods(goods, replace(circumstances, candidates=(Candidate(one),)))
        [tried] = answer.tried
        if tried.reason in (PromotionReason.APPLIED, PromotionReason.NOTHING_LEFT):
            matching = sum(
                line.unit_price * line.quantity
                for line in goods
                if line.product_id not in one.excluded_product_ids
                and (not one.product_ids or line.product_id in one.product_ids)
            )
            assert answer.total == min((one.amounts or {})[circumstances.currency], matching)


@settings(max_examples=500, deadline=None)
@given(situations())
def test_one_more_promotion_never_makes_a_basket_dearer(
    case: tuple[list[Good], Circumstances, Decimal | None],
) -> None:
    goods, circumstances, delivery = case
    full = discount_goods(goods, circumstances, delivery=delivery).total
    rows = circumstances.candidates
    for index in range(len(rows)):
        fewer = replace(circumstances, candidates=rows[:index] + rows[index + 1 :])
        assert discount_goods(goods, fewer, delivery=delivery).total <= full


@settings(max_examples=300, deadline=None)
@given(situations(), st.randoms(use_true_random=False))
def test_neither_order_nor_asking_again_changes_the_answer(
    case: tuple[list[Good], Circumstances, Decimal | None], chance: Any
) -> None:
    goods, circumstances, delivery = case
    first = discount_goods(goods, circumstances, delivery=delivery)
    assert discount_goods(goods, circumstances, delivery=delivery) == first
    rows = list(circumstances.candidates)
    chance.shuffle(goods)
    chance.shuffle(rows)
    shuffled = replace(circumstances, candidates=tuple(rows))
    assert discount_goods(goods, shuffled, delivery=delivery) == first


@settings(max_examples=300, deadline=None)
@given(situations())
def test_coupon_never_makes_a_basket_dearer(
    case: tuple[list[Good], Circumstances, Decimal | None],
) -> None:
    goods, circumstances, delivery = case
    if not circumstances.candidates:
        return
    *rest, last = circumstances.candidates
    opened = Candidate(replace(last.terms, needs_coupon=True))
    closed = replace(circumstances, candidates=(*rest, opened))
    coupon = replace(COUPON, promotion_id=last.terms.promotion_id)
    without = discount_goods(goods, closed, delivery=delivery)
    entered = discount_goods(goods, replace(closed, typed="w", coupon=coupon), delivery=delivery)
    assert entered.total >= without.total
