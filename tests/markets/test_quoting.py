"""The one answer to what something costs: which row wins, and why the others lose."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from djmoney.money import Money
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Variant
from markets.models import CustomerGroup, Market, Price
from markets.pricing import (
    PriceAnswer,
    PriceRequest,
    derive_prices,
    list_reductions,
    quote_price,
    quote_prices,
    set_base_price,
    set_list_price,
    set_manual_price,
)
from markets.pricing.rules import rule_of, trace_origin
from tests.factories import LONG_AGO, NOW, make_price, make_variant
from tests.markets.rows import add_peg, add_rates, bare_market

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def variant() -> Variant:
    return make_variant()


@pytest.fixture
def market() -> Market:
    return bare_market()


@pytest.fixture
def trade() -> CustomerGroup:
    return CustomerGroup.objects.create(code="trade", name="Trade")


def told(answer: PriceAnswer) -> list[tuple[str, str, str, str]]:
    return [
        (tried.rule.value, f"{tried.amount:.2f}", tried.verdict.value, tried.reason.value)
        for tried in answer.trace
    ]


def test_only_price_wins(variant: Variant, market: Market) -> None:
    row = make_price(variant, market, "20")
    answer = quote_price(variant.pk, market, moment=NOW)
    assert (answer.price, answer.amount) == (row, Decimal(20))
    assert told(answer) == [("manual", "20.00", "won", "only")]


def test_variant_without_a_price_has_an_empty_answer(variant: Variant, market: Market) -> None:
    make_price(variant, bare_market("ch", "CHF"))
    answer = quote_price(variant.pk, market, moment=NOW)
    assert (answer.price, answer.amount, answer.trace, answer.tiers) == (None, None, (), ())


def test_lowest_price_that_applies_wins(
    variant: Variant, market: Market, trade: CustomerGroup
) -> None:
    make_price(variant, market, "20")
    make_price(variant, market, "18", group=trade)
    make_price(variant, market, "17", min_quantity=10)
    make_price(variant, market, "15", min_quantity=10, group=trade)

    def quote(quantity: int, *group_ids: int) -> list[tuple[str, str, str, str]]:
        return told(
            quote_price(variant.pk, market, moment=NOW, quantity=quantity, group_ids=group_ids)
        )

    assert quote(9) == [
        ("manual", "20.00", "won", "only"),
        ("list", "15.00", "lost", "other_group"),
        ("list", "18.00", "lost", "other_group"),
        ("list", "17.00", "lost", "too_few"),
    ]
    assert quote(10, trade.pk) == [
        ("list", "15.00", "won", "lowest"),
        ("list", "17.00", "lost", "dearer"),
        ("list", "18.00", "lost", "dearer"),
        ("manual", "20.00", "lost", "dearer"),
    ]
    assert quote(10)[0] == ("list", "17.00", "won", "lowest")
    assert quote(1, trade.pk)[0] == ("list", "18.00", "won", "lowest")


def test_of_one_amount_the_price_of_the_group_wins(
    variant: Variant, market: Market, trade: CustomerGroup
) -> None:
    make_price(variant, market, "20")
    row = make_price(variant, market, "20", group=trade)
    answer = quote_price(variant.pk, market, moment=NOW, group_ids=[trade.pk])
    assert answer.price == row
    assert told(answer)[1] == ("manual", "20.00", "lost", "same_amount")


def test_trace_around_a_moment_has_what_ended_and_what_is_planned(
    variant: Variant, market: Market
) -> None:
    set_base_price(variant.pk, Money("22.00", "EUR"), now=LONG_AGO)
    derive_prices(now=NOW - 9 * DAY)
    set_manual_price(variant.pk, market, Decimal(20), now=NOW - 2 * DAY)
    set_list_price(
        variant.pk, market, Decimal(15), min_quantity=3, valid_from=NOW - DAY,
        valid_to=NOW, now=NOW - DAY,
    )  # fmt: skip
    set_list_price(variant.pk, market, Decimal(12), min_quantity=3, valid_from=NOW + DAY, now=NOW)
    answer = quote_price(variant.pk, market, moment=NOW, quantity=3, around=9 * DAY)
    assert [line[0::2] + line[3:] for line in told(answer)] == [
        ("manual", "won", "only"),
        ("list", "lost", "not_yet"),
        ("list", "lost", "ended"),
        ("derived", "lost", "set_by_hand"),
    ]
    assert len(quote_price(variant.pk, market, moment=NOW, quantity=3).trace) == 1


def test_tiers_are_the_lower_prices_of_larger_quantities(
    variant: Variant, market: Market, trade: CustomerGroup
) -> None:
    make_price(variant, market, "20")
    for quantity, amount in ((5, "18"), (10, "19"), (20, "15")):
        make_price(variant, market, amount, min_quantity=quantity)
    make_price(variant, market, "1", min_quantity=30, group=trade)
    tiers = quote_price(variant.pk, market, moment=NOW).tiers
    assert tiers == ((5, Decimal(18)), (20, Decimal(15)))
    for quantity, lower in tiers:
        answer = quote_price(variant.pk, market, moment=NOW, quantity=quantity)
        assert answer.amount == lower


def test_quote_prices_answers_in_order_in_one_query(
    market: Market, trade: CustomerGroup, django_assert_num_queries: Any
) -> None:
    variants = [make_variant() for _ in range(10)]
    for variant in variants[1:]:
        make_price(variant, market, "20")
        make_price(variant, market, "15", min_quantity=5, group=trade)
    requests = [PriceRequest(variant.pk, quantity) for variant in variants for quantity in (1, 5)]
    with django_assert_num_queries(1):
        answers = quote_prices(requests, market, moment=NOW, group_ids=[trade.pk])
        assert list_reductions(answers, market, group_ids=[trade.pk]) == (None,) * 20
    assert [(a.variant_id, a.quantity) for a in answers] == [
        (r.variant_id, r.quantity) for r in requests
    ]
    assert [a.amount for a in answers] == [None, None] + [Decimal(20), Decimal(15)] * 9


def test_price_of_no_unit_is_refused(variant: Variant, market: Market) -> None:
    with pytest.raises(ValueError, match="one unit"):
        quote_price(variant.pk, market, moment=NOW, quantity=0)


amounts = st.integers(100, 3000).map(lambda cents: Decimal(cents) / 100)
ROWS = st.dictionaries(
    st.tuples(st.sampled_from([None, 0, 1]), st.sampled_from([1, 2, 5, 10])), amounts, max_size=8
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_more_units_and_more_groups_never_make_a_unit_dearer(
    rows: dict[tuple[int | None, int], Decimal], variant: Variant, market: Market
) -> None:
    groups = [CustomerGroup.objects.get_or_create(code=code, name=code)[0] for code in "ab"]
    Price.objects.filter(variant=variant).delete()
    for (group, quantity), amount in rows.items():
        make_price(
            variant, market, str(amount), min_quantity=quantity,
            group=None if group is None else groups[group],
        )  # fmt: skip

    def cost(quantity: int, *of: int) -> Decimal:
        ids = [groups[i].pk for i in of]
        answer = quote_price(variant.pk, market, moment=NOW, quantity=quantity, group_ids=ids)
        return answer.amount or Decimal(10**6)

    for of in ((), (0,), (1,), (0, 1)):
        costs = [cost(quantity, *of) for quantity in (1, 2, 4, 5, 10, 99)]
        assert costs == sorted(costs, reverse=True)
        assert cost(5, *of) == min(
            (
                amount
                for (group, quantity), amount in rows.items()
                if quantity <= 5 and (group is None or group in of)
            ),
            default=Decimal(10**6),
        )


@pytest.mark.parametrize(
    ("currency", "fields"),
    [
        ("EUR", {"endings": "0.99 0.49", "fx_margin": Decimal("0.02")}),
        ("JPY", {"ending_step": Decimal(100), "endings": "80"}),
        ("CNY", {"ending_step": Decimal(10), "endings": "8", "avoid_digits": "4"}),
        ("CHF", {"endings": "", "price_adjustment": Decimal("0.1")}),
        ("AED", {"ending_step": Decimal(1), "endings": "0", "fx_margin": Decimal("0.03")}),
    ],
)
def test_origin_of_a_derived_price_gives_it_again(
    variant: Variant, currency: str, fields: dict[str, Any]
) -> None:
    add_rates()
    add_peg()
    market = bare_market("xx", currency, **fields)
    base = set_base_price(variant.pk, Money("37.40", "USD"), now=LONG_AGO)
    derive_prices(now=NOW)
    Market.objects.update(fx_margin=Decimal("0.9"), endings="0.11")  # Later changes tell no lies.
    price = quote_price(variant.pk, market, moment=NOW).price
    assert price is not None
    origin = trace_origin(price)
    assert origin is not None
    assert origin.result == price.amount.amount
    assert (origin.base_price_id, origin.base_amount, origin.base_currency) == (
        base.pk, Decimal("37.40"), "USD",
    )  # fmt: skip
    assert origin.target == (
        Decimal("37.40")
        * origin.conversion
        * (1 + origin.margin + origin.buffer)
        * (1 + origin.adjustment)
    )
    assert price.rate is not None
    assert (origin.rate_id, origin.rate_day, origin.rate_provider) == (
        price.rate_id, price.rate.as_of, price.rate.provider,
    )  # fmt: skip


def test_price_set_by_hand_has_no_origin(variant: Variant, market: Market) -> None:
    assert trace_origin(make_price(variant, market)) is None


def test_rule_is_written_once_for_the_same_settings(market: Market) -> None:
    first = rule_of(market)
    assert rule_of(Market.objects.get(pk=market.pk)) == first
    market.fx_margin = Decimal("0.01")
    assert rule_of(market) != first


def reduction(
    variant: Variant, market: Market, *, quantity: int = 1, group_ids: tuple[int, ...] = ()
) -> tuple[Decimal, int] | None:
    answer = quote_price(variant.pk, market, moment=NOW, quantity=quantity, group_ids=group_ids)
    found = list_reductions([answer], market, group_ids=group_ids)[0]
    return (found.prior, found.percent) if found else None


@pytest.mark.parametrize(("days", "expected"), [(30, (Decimal(18), 16)), (0, None)])
def test_reduction_is_read_from_the_history(
    variant: Variant, days: int, expected: object, django_assert_num_queries: Any
) -> None:
    market = bare_market(lowest_price_days=days)
    make_price(variant, market, "18", valid_to=NOW - 20 * DAY)
    make_price(variant, market, "20", valid_from=NOW - 20 * DAY, valid_to=NOW - DAY)
    make_price(variant, market, "15", valid_from=NOW - DAY, is_reduction=True)
    with django_assert_num_queries(2 if days else 1):
        assert reduction(variant, market) == expected


def test_reduction_after_a_rate_lowered_the_price_is_measured_by_that(variant: Variant) -> None:
    market = bare_market(lowest_price_days=30, endings="", dwell_days=0, step_limit=None)
    set_base_price(variant.pk, Money(22, "USD"), now=LONG_AGO)
    for days_ago, rate in ((60, "1.1000"), (9, "1.2000"), (8, "1.1000")):
        day = NOW - days_ago * DAY
        add_rates({"USD": rate}, as_of=day.date())
        derive_prices(now=day + DAY)
    set_list_price(variant.pk, market, Decimal("18.30"), is_reduction=True, valid_from=NOW, now=NOW)
    assert reduction(variant, market) == (Decimal("18.33"), 0)


def test_reduction_for_a_group_is_measured_by_what_its_members_could_pay(
    variant: Variant, trade: CustomerGroup
) -> None:
    market = bare_market(lowest_price_days=30)
    make_price(variant, market, "20")
    make_price(variant, market, "17", min_quantity=5)
    make_price(variant, market, "18", group=trade, valid_to=NOW)
    make_price(variant, market, "16", group=trade, valid_from=NOW, is_reduction=True)
    ids = (trade.pk,)
    assert reduction(variant, market) is None
    assert reduction(variant, market, group_ids=ids) == (Decimal(18), 11)
    assert reduction(variant, market, group_ids=ids, quantity=5) == (Decimal(17), 5)
