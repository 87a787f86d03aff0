"""Promotions from the database: which terms count at a moment, for whom, and how often."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, cast

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from markets.models import (
    Coupon,
    CustomerGroup,
    Market,
    Promotion,
    PromotionAmount,
    PromotionCustomer,
    PromotionVersion,
)
from markets.promotions import (
    BasketDiscounts,
    CouponReason,
    Good,
    MissingAmounts,
    PromotionReason,
    PromotionUsedUp,
    discount_basket,
    end_promotion,
    give_back_uses,
    make_coupons,
    normalise_coupon,
    publish_promotion,
    read_circumstances,
    renew_promotion,
    take_uses,
)
from markets.promotions.customers import customer_key
from tests.factories import LONG_AGO, NOW, make_category, make_coupon, make_product, make_promotion
from tests.fulfillment.scenes import run_together
from tests.markets.rows import bare_market

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ANN = "ann@example.org"
GOODS = [Good("1", 1, 1, frozenset({1}), 2, Decimal("20.00"))]


@pytest.fixture
def market() -> Market:
    return bare_market()


def ask(market: Market, *, moment: datetime = NOW, **fields: Any) -> BasketDiscounts:
    return discount_basket(GOODS, market, moment=moment, **fields)


def take(answer: BasketDiscounts, customer: str = ANN) -> None:
    with transaction.atomic():
        take_uses(answer, customer=customer, now=NOW)


def uses(model: Any) -> list[int]:
    return list(model.objects.order_by("pk").values_list("used", flat=True))


def test_promotion_is_named_in_the_active_language_else_in_english(market: Market) -> None:
    make_promotion(market, name="Autumn sale", name_de="Herbstangebot")
    for language, name in (("de", "Herbstangebot"), ("ja", "Autumn sale"), ("en", "Autumn sale")):
        with translation.override(language):
            assert ask(market).discounts[0].label == name


def test_draft_is_not_applied_and_its_coupon_unknown(market: Market) -> None:
    draft = Promotion.objects.create(name="Draft", percent=10, needs_coupon=True)
    make_coupon(draft, "SOON")
    answer = ask(market, coupon="soon")
    assert (answer.tried, answer.total) == ((), Decimal(0))
    assert answer.coupon is not None
    assert answer.coupon.reason is CouponReason.UNKNOWN


@pytest.mark.parametrize(
    "code", ["welcome10", " WELCOME10 ", "Wel come10", "Ｗelcome１0", "wel\u200bcome10"]
)
def test_coupon_is_found_however_it_is_typed(market: Market, code: str) -> None:
    make_promotion(market, coupon="Welcome10")
    answer = ask(market, coupon=code)
    assert answer.coupon is not None
    assert (answer.coupon.code, answer.coupon.holds) == ("Welcome10", True)
    assert answer.discounts[0].coupon_id == Coupon.objects.get().pk
    assert normalise_coupon(code) == "WELCOME10"


def test_coupon_opens_only_its_own_promotion(market: Market) -> None:
    make_promotion(market, coupon="A", percent=10)
    make_promotion(market, coupon="B", percent=20)
    answer = ask(market, coupon="A")
    assert (answer.total, len(answer.tried)) == (Decimal(4), 1)
    assert ask(market, coupon="C").total == 0


def test_terms_count_as_they_were_at_the_moment(market: Market) -> None:
    promotion = make_promotion(market, percent=10)
    Promotion.objects.update(percent=20)
    second = renew_promotion(promotion.pk, now=NOW)
    assert second is not None
    assert (second.number, renew_promotion(promotion.pk, now=NOW)) == (2, None)
    assert ask(market, moment=NOW - DAY).total == 4
    assert ask(market).total == 8
    assert end_promotion(promotion.pk, now=NOW + DAY)
    assert not end_promotion(promotion.pk, now=NOW + DAY)
    assert ask(market, moment=NOW + DAY - timedelta(seconds=1)).total == 8
    assert ask(market, moment=NOW + DAY).total == 0
    publish_promotion(promotion.pk, now=NOW + 3 * DAY)
    assert ask(market, moment=NOW + 2 * DAY).total == 0
    assert ask(market, moment=NOW + 3 * DAY).total == 8
    numbers = PromotionVersion.objects.order_by("number").values_list("number", "replaced_at")
    assert list(numbers) == [(1, NOW), (2, NOW + DAY), (3, None)]


def test_edits_of_a_draft_make_no_version(market: Market) -> None:
    draft = Promotion.objects.create(name="Draft", percent=10)
    assert renew_promotion(draft.pk, now=NOW) is None
    assert not PromotionVersion.objects.exists()


def test_coupon_says_whether_its_time_is_over_or_to_come(market: Market) -> None:
    over = make_promotion(market, coupon="OVER")
    end_promotion(over.pk, now=NOW - DAY)
    make_promotion(market, coupon="LATE", valid_from=NOW + DAY)
    make_promotion(market, coupon="PAST", valid_to=NOW)
    found = {code: ask(market, coupon=code).coupon for code in ("OVER", "LATE", "PAST")}
    assert {code: answer and answer.reason for code, answer in found.items()} == {
        "OVER": CouponReason.ENDED, "LATE": CouponReason.NOT_YET, "PAST": CouponReason.ENDED,
    }  # fmt: skip
    [tried] = ask(market, moment=LONG_AGO - DAY, coupon="OVER").tried
    assert tried.reason is PromotionReason.NOT_YET


def test_reader_sees_what_is_elsewhere_past_and_planned(market: Market) -> None:
    make_promotion(bare_market("fr"))
    make_promotion(market, valid_to=NOW - DAY)
    make_promotion(market, valid_from=NOW + DAY)
    make_promotion(market, coupon="A")
    make_promotion(market, valid_to=NOW - 9 * DAY)
    seen = read_circumstances(market, moment=NOW, around=2 * DAY)
    assert len(seen.candidates) == 4
    assert read_circumstances(market, moment=NOW).candidates == ()


def test_promotion_is_for_its_markets_groups_and_goods(market: Market) -> None:
    other, trade = bare_market("fr"), CustomerGroup.objects.create(code="t", name="T")
    shelf = make_category()
    product, rest = make_product(category=shelf), make_product()
    make_promotion(market, customer_groups=[trade])
    make_promotion(market, categories=[shelf], products=[rest], excluded_products=[product])
    goods = [
        Good("1", 1, product.pk, frozenset({shelf.pk}), 1, Decimal(10)),
        Good("2", 2, rest.pk, frozenset(), 1, Decimal(10)),
    ]
    answer = discount_basket(goods, market, moment=NOW)
    assert [row.reason.value for row in answer.tried] == ["other_group", "applied"]
    assert (answer.of_line("1"), answer.of_line("2")) == (Decimal(0), Decimal(1))
    member = discount_basket(goods, market, moment=NOW, group_ids=[trade.pk])
    assert member.total == Decimal("2.90")
    assert discount_basket(goods, other, moment=NOW).tried == ()


def test_currency_that_a_market_came_with_later_is_not_applied() -> None:
    bare_market()
    make_promotion(action="amount", amounts={"EUR": ("5", None)})
    late = bare_market("jp", "JPY")
    [tried] = ask(late).tried
    assert (tried.reason, ask(late).total) == (PromotionReason.NO_AMOUNT, Decimal(0))


def test_publishing_without_an_amount_names_currency_and_market(market: Market) -> None:
    japan = bare_market("jp", "JPY", name="Japan")
    promotion = Promotion.objects.create(name="Five off", action="amount")
    promotion.markets.set([market, japan])
    for currency, amount, threshold in (("EUR", 5, 50), ("JPY", None, 5000)):
        PromotionAmount.objects.create(
            promotion=promotion, currency=currency, amount=amount, threshold=threshold
        )
    with pytest.raises(MissingAmounts, match=r"JPY \(Japan\)") as caught:
        publish_promotion(promotion.pk, now=NOW)
    [missing] = caught.value.missing
    assert (missing.currency, missing.markets) == ("JPY", ("Japan",))
    assert (missing.amount, missing.threshold) == (True, False)
    promotion.refresh_from_db()
    assert promotion.status == "draft"
    PromotionAmount.objects.filter(currency="JPY").update(amount=500, threshold=None)
    with pytest.raises(MissingAmounts) as caught:
        publish_promotion(promotion.pk, now=NOW)
    assert (caught.value.missing[0].amount, caught.value.missing[0].threshold) == (False, True)
    promotion.markets.set([market])
    assert publish_promotion(promotion.pk, now=NOW).number == 1


def test_promotion_for_all_markets_needs_the_currency_of_each_that_is_active() -> None:
    bare_market("jp", "JPY", name="Japan")
    bare_market("ch", "CHF", is_active=False)
    with pytest.raises(MissingAmounts, match="JPY"):
        make_promotion(action="free_delivery", amounts={"EUR": (None, "50")})
    make_promotion(action="free_delivery", amounts={"JPY": (None, "5000")})
    make_promotion(action="free_delivery")


def test_basket_is_asked_in_two_queries(market: Market, django_assert_num_queries: Any) -> None:
    for number in range(10):
        make_promotion(market, coupon=f"C{number}" if number % 2 else "")
    with django_assert_num_queries(2):
        assert len(ask(market, coupon="C1", customer=ANN).tried) == 6
    with django_assert_num_queries(1):
        ask(market)


def test_uses_are_counted_and_given_back(market: Market) -> None:
    make_promotion(market, coupon="SAVE", customer_limit=1, use_limit=5)
    make_promotion(market)
    answer = ask(market, coupon="save", customer=ANN)
    take(answer)
    assert (uses(Promotion), uses(Coupon), uses(PromotionCustomer)) == ([1, 1], [1], [1, 1, 1])
    again = ask(market, coupon="save", customer=" Ann+news@Example.org ")
    assert again.coupon is not None
    assert again.coupon.reason is CouponReason.CUSTOMER_LIMIT
    assert ask(market, coupon="save", customer="bob@example.org").coupon == answer.coupon
    versions = {row.version_id for row in answer.discounts}
    coupons = {row.coupon_id for row in answer.discounts if row.coupon_id}
    for _twice in range(2):  # Never below zero.
        give_back_uses(versions, coupon_ids=coupons, customer=ANN)
        assert uses(Promotion) == [0, 0]
    assert (uses(Coupon), uses(PromotionCustomer)) == ([0], [0, 0, 0])
    assert ask(market, coupon="save", customer=ANN) == answer


def test_use_beyond_a_limit_is_refused_and_leaves_nothing(market: Market) -> None:
    make_promotion(market)
    last = make_promotion(market, name="Last one", use_limit=1)
    answer = ask(market)
    take(answer)
    with pytest.raises(PromotionUsedUp) as caught:
        take(answer, "bob@example.org")
    assert (caught.value.label, uses(Promotion)) == ("Last one", [1, 1])
    assert [row.reason.value for row in ask(market).tried] == ["applied", "used_up"]
    assert ask(market).tried[1].promotion_id == last.pk


@pytest.mark.parametrize("fields", [{"use_limit": 1}, {"customer_limit": 1}])
def test_coupon_has_limits_of_its_own(market: Market, fields: Any) -> None:
    promotion = make_promotion(market, needs_coupon=True)
    make_coupon(promotion, "ONCE", **fields)
    make_coupon(promotion, "MORE")
    answer = ask(market, coupon="ONCE", customer=ANN)
    take(answer)
    with pytest.raises(PromotionUsedUp):
        take(answer)
    refused = ask(market, coupon="ONCE", customer=ANN)
    assert refused.coupon is not None
    expected = "used_up" if "use_limit" in fields else "customer_limit"
    assert refused.coupon.reason.value == expected
    assert ask(market, coupon="MORE", customer=ANN).total == 4


def test_limit_per_customer_counts_earlier_uses_too(market: Market) -> None:
    make_promotion(market)
    answer = ask(market)
    take(answer)
    Promotion.objects.update(customer_limit=1)
    with pytest.raises(PromotionUsedUp):
        take(answer)
    take(answer, "bob@example.org")
    assert ask(market).total == 4  # Nobody is known, so the limit waits for the order.


def test_uses_are_of_somebody(market: Market) -> None:
    make_promotion(market)
    with pytest.raises(ValueError, match="customer"):
        take(ask(market), "")
    take(BasketDiscounts(), "")


def test_customer_is_kept_as_a_hash() -> None:
    assert customer_key("Ann+x@Example.ORG") == customer_key(ANN) != customer_key("bob@e.org")
    assert (customer_key(" "), len(customer_key(ANN))) == ("", 64)
    assert "ann" not in customer_key(ANN)


def _ordering(answer: BasketDiscounts, customer: str) -> bool:
    try:
        take(answer, customer)
    except PromotionUsedUp:
        return False
    return True


def _in_turn(jobs: Sequence[Callable[[], bool]]) -> list[bool]:
    return [job() for job in jobs]


@pytest.mark.django_db(transaction=True)
def test_coupon_of_100_uses_is_used_100_times_by_300_at_once() -> None:
    market = bare_market()
    promotion = make_promotion(market, needs_coupon=True)
    make_coupon(promotion, "HUNDRED", use_limit=100)
    make_promotion(market)
    answer = ask(market, coupon="hundred")
    jobs = [partial(_ordering, answer, f"{number}@example.org") for number in range(300)]
    # As many at once as a database of tests has connections for.
    turns = [partial(_in_turn, jobs[start::60]) for start in range(60)]
    results = [result for turn in run_together(turns) for result in cast(list[bool], turn)]
    assert (results.count(True), results.count(False)) == (100, 200)
    assert (uses(Promotion), uses(Coupon)) == ([100, 100], [100])
    assert PromotionCustomer.objects.count() == 300  # Two promotions and a coupon.


@pytest.mark.django_db(transaction=True)
def test_one_use_per_customer_is_one_in_eight_threads() -> None:
    market = bare_market()
    make_promotion(market, customer_limit=1)
    answer = ask(market)
    results = run_together([partial(_ordering, answer, ANN)] * 8)
    assert sorted(map(str, results)) == ["False"] * 7 + ["True"]
    assert (uses(Promotion), uses(PromotionCustomer)) == ([1], [1])


@pytest.mark.django_db(transaction=True)
def test_use_that_is_rolled_back_goes_to_the_next() -> None:
    market = bare_market()
    make_promotion(market, use_limit=1)
    answer = ask(market)
    with pytest.raises(RuntimeError), transaction.atomic():
        take_uses(answer, customer=ANN, now=NOW)
        raise RuntimeError
    assert uses(Promotion) == [0]
    assert _ordering(answer, "bob@example.org")


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Promotion, {"action": "percent"}),
        (Promotion, {"action": "buy_x_get_y", "percent": 100, "buy_quantity": 2}),
        (Promotion, {"action": "magic", "percent": 10}),
        (Promotion, {"percent": 0}),
        (Promotion, {"percent": "100.01"}),
        (Promotion, {"percent": 10, "status": "lost"}),
        (Promotion, {"percent": 10, "valid_from": NOW, "valid_to": NOW}),
        (Promotion, {"percent": 10, "use_limit": 0}),
        (Promotion, {"percent": 10, "use_limit": 3, "used": 4}),
        (Promotion, {"percent": 10, "customer_limit": 0}),
        (Promotion, {"percent": 10, "min_quantity": 0}),
        (Promotion, {"percent": 10, "most_times": 0}),
        (Promotion, {"percent": 10, "priority": 0}),
        (PromotionAmount, {"currency": "EUR"}),
        (PromotionAmount, {"currency": "EUR", "amount": 0}),
        (PromotionAmount, {"currency": "EUR", "threshold": 0}),
        (PromotionAmount, {"currency": "CHF", "amount": 1}),
        (Coupon, {"code": "taken"}),
        (Coupon, {"code": ""}),
        (Coupon, {"code": "X", "use_limit": 1, "used": 2}),
        (Coupon, {"code": "X", "customer_limit": 0}),
        (PromotionVersion, {"number": 2, "terms": {}, "made_at": NOW}),
        (PromotionVersion, {"number": 1, "terms": {}, "made_at": NOW, "replaced_at": NOW}),
        (PromotionVersion, {"number": 2, "terms": {}, "made_at": NOW, "replaced_at": LONG_AGO}),
        (PromotionCustomer, {"customer": "x" * 64, "used_at": NOW}),
    ],
)
def test_database_refuses(market: Market, model: Any, fields: Any) -> None:
    kept = make_promotion(market, coupon="TAKEN", amounts={"CHF": ("1", None)})
    PromotionCustomer.objects.create(promotion=kept, customer="x" * 64, used_at=NOW)
    of = {} if model is Promotion else {"promotion": kept}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**{**({"name": "P"} if model is Promotion else {}), **of, **fields})


def test_coupons_are_made_at_random_all_or_none(market: Market) -> None:
    promotion = make_promotion(market, needs_coupon=True)
    coupons = make_coupons(promotion.pk, 500, prefix="SPRING")
    assert len({normalise_coupon(coupon.code) for coupon in coupons}) == 500
    assert all(coupon.code.startswith("SPRING-") and coupon.use_limit == 1 for coupon in coupons)
    assert ask(market, coupon=coupons[7].code.lower()).total == 4
    for wrong in (0, 10_001):
        with pytest.raises(ValueError, match="at a time"):
            make_coupons(promotion.pk, wrong)


def test_code_that_chance_made_twice_is_made_anew(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = make_promotion(market, coupon="AAAA")
    codes = iter(["AAAA", "BBBB"])
    monkeypatch.setattr("markets.promotions.coupons.random_code", lambda _prefix: next(codes))
    assert [coupon.code for coupon in make_coupons(promotion.pk, 1)] == ["BBBB"]
