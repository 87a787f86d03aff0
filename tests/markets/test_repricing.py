"""Prices that follow rates: brakes, floors, proposals and plans, through the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from djmoney.money import Money

from catalog.models import Variant
from markets.models import BasePrice, Market, Price, PriceProposal
from markets.pricing import (
    approve_proposals,
    clear_manual_price,
    derive_prices,
    prices_in_force,
    reject_proposals,
    set_base_price,
    set_manual_price,
)
from tests.factories import make_variant
from tests.markets.rows import add_base_price, add_rates, bare_market, history, price_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# A Monday, so that three days on are still one business week.
START = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)


def move(rate: str, *, on: datetime) -> None:
    """Store a day's dollars per euro."""
    add_rates({"USD": rate}, as_of=on.date())


@pytest.fixture
def dollars() -> tuple[Variant, Market]:
    """Give a variant at 20 euros, at 23.99 in dollars since the first day."""
    variant, market = make_variant(), bare_market("us", "USD")
    add_base_price(variant, "20.00")
    move("1.20", on=START)
    derive_prices(now=START)
    return variant, market


def test_small_move_changes_nothing_and_a_large_one_does(dollars: tuple[Variant, Market]) -> None:
    variant, market = dollars
    before = list(Price.objects.values())
    move("1.2048", on=START + 8 * DAY)  # 0.4 %
    assert derive_prices(now=START + 8 * DAY) == 0
    assert list(Price.objects.values()) == before
    move("1.24", on=START + 9 * DAY)  # 3.3 %
    assert derive_prices(now=START + 9 * DAY) == 1
    assert derive_prices(now=START + 9 * DAY) == 0
    assert history(variant, market) == [
        ("derived", Decimal("23.99"), START, START + 9 * DAY),
        ("derived", Decimal("24.99"), START + 9 * DAY, None),
    ]
    row = Price.objects.get(valid_to=None)
    assert (row.reason, row.target, row.asked) == ("rate", Decimal("24.8"), Decimal(20))


def test_price_waits_for_its_dwell_time(dollars: tuple[Variant, Market]) -> None:
    move("1.26", on=START + 6 * DAY)
    assert derive_prices(now=START + 6 * DAY) == 0
    assert derive_prices(now=START + 7 * DAY) == 1


def test_far_target_is_reached_in_steps(dollars: tuple[Variant, Market]) -> None:
    variant, market = dollars
    for week in range(1, 6):
        now = START + 7 * week * DAY
        move("1.50", on=now)
        derive_prices(now=now)
    rows = Price.objects.filter(variant=variant, market=market).order_by("valid_from")
    assert [(str(row.amount.amount), row.reason) for row in rows] == [
        ("23.990", "new"), ("24.990", "step"), ("25.990", "step"), ("27.990", "step"),
        ("29.990", "rate"),
    ]  # fmt: skip


def test_frozen_market_keeps_its_prices_until_the_day(dollars: tuple[Variant, Market]) -> None:
    variant, market = dollars
    Market.objects.update(freeze_until=START + 20 * DAY)
    move("1.26", on=START + 19 * DAY)
    set_base_price(variant.pk, Money(30, "EUR"), cost=None, now=START + 19 * DAY)
    assert derive_prices(now=START + 19 * DAY) == 0
    assert derive_prices(now=START + 20 * DAY) == 1
    assert price_of(variant, market, at=START + 20 * DAY) == Decimal("37.99")


def test_merchants_change_passes_band_dwell_and_step(dollars: tuple[Variant, Market]) -> None:
    variant, market = dollars
    now = START + timedelta(hours=1)
    set_base_price(variant.pk, Money(30, "EUR"), cost=None, now=now)
    assert derive_prices(now=now) == 1
    assert price_of(variant, market, at=now) == Decimal("35.99")


def test_wish_that_changes_no_ending_is_spent(dollars: tuple[Variant, Market]) -> None:
    variant, _market = dollars
    now = START + timedelta(hours=1)
    set_base_price(variant.pk, Money("20.10", "EUR"), cost=None, now=now)
    assert derive_prices(now=now) == 0
    row = Price.objects.get()
    assert (row.asked, row.target) == (Decimal("20.1"), Decimal("24.12"))
    move("1.22", on=START + DAY)  # 24.52, whose ending would be 24.99, and 1.7 % away.
    assert derive_prices(now=START + DAY) == 0


def test_floor_forces_a_change_at_once(dollars: tuple[Variant, Market]) -> None:
    variant, market = dollars
    Market.objects.update(minimum_margin=Decimal("0.25"), approval_limit=Decimal("0.01"))
    BasePrice.objects.update(cost=Decimal(16))  # 16 × 1.201 × 1.25 = 24.02
    move("1.201", on=START + DAY)
    assert derive_prices(now=START + DAY) == 1
    row = prices_in_force([variant.pk], market, now=START + DAY)[variant.pk]
    assert (row.amount, row.reason, row.floor) == (
        Money("24.99", "USD"), "floor", Decimal("24.02"),
    )  # fmt: skip
    assert derive_prices(now=START + 2 * DAY) == 0


def test_market_without_minimum_margin_has_no_floor(dollars: tuple[Variant, Market]) -> None:
    Market.objects.update(minimum_margin=None)
    BasePrice.objects.update(cost=Decimal(100))
    assert derive_prices(now=START + DAY) == 0


@pytest.mark.parametrize(
    ("days", "wish", "changed", "says"),
    [
        (1, "20.00", 1, ""),
        (4, "20.00", 0, "follow no rate for now: the one from EUR is old"),
        (4, "30.00", 1, "follow no rate for now"),
        (8, "20.00", 0, "stay: the rate from EUR is too old"),
        (8, "30.00", 0, "stay: the rate from EUR is too old"),
    ],
)
def test_old_rates_stop_repricing_with_a_word(
    dollars: tuple[Variant, Market],
    caplog: pytest.LogCaptureFixture,
    days: int,
    wish: str,
    changed: int,
    says: str,
) -> None:
    variant, _market = dollars
    quoted = START + 7 * DAY  # A Monday again.
    move("1.30", on=quoted)
    now = quoted + days * DAY
    set_base_price(variant.pk, Money(wish, "EUR"), cost=None, now=now)
    assert derive_prices(now=now) == changed
    assert says in caplog.text


def test_buffer_of_a_late_rate_stays_within_the_band(dollars: tuple[Variant, Market]) -> None:
    other = make_variant()
    add_base_price(other, "100.00")
    assert derive_prices(now=START + 2 * DAY) == 1
    row = Price.objects.get(variant=other)
    assert (row.buffer, row.target) == (Decimal("0.005"), Decimal("120.6"))


@pytest.fixture
def waiting(dollars: tuple[Variant, Market]) -> PriceProposal:
    """Give a rise of 25 % that waits."""
    variant, _market = dollars
    Market.objects.update(approval_limit=Decimal("0.10"))
    set_base_price(variant.pk, Money(25, "EUR"), cost=Decimal(15), now=START + DAY)
    assert derive_prices(now=START + DAY) == 0
    return PriceProposal.objects.get()


def test_large_change_waits_as_a_diff(waiting: PriceProposal) -> None:
    assert (waiting.old_amount, waiting.new_amount) == (Decimal("23.99"), Decimal("29.99"))
    assert (waiting.old_margin, waiting.new_margin) == (Decimal("0.2497"), Decimal("0.3998"))
    assert (waiting.reason, waiting.status) == ("large", "pending")
    before = list(PriceProposal.objects.values())
    assert derive_prices(now=START + DAY) == 0
    assert list(PriceProposal.objects.values()) == before


def test_approved_change_is_the_price_from_now_on(
    waiting: PriceProposal, dollars: tuple[Variant, Market]
) -> None:
    boss = get_user_model().objects.create_superuser(email="boss@example.org")
    now = START + 2 * DAY
    assert approve_proposals([waiting.pk], by=boss, now=now) == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.decided_by, waiting.decided_at) == ("approved", boss, now)
    assert history(*dollars) == [
        ("derived", Decimal("23.99"), START, now),
        ("derived", Decimal("29.99"), now, None),
    ]
    assert Price.objects.get(valid_to=None).reason == "approved"
    assert approve_proposals([waiting.pk], by=boss, now=now + DAY) == 0
    assert derive_prices(now=now) == 0
    assert not PriceProposal.objects.filter(status="pending").exists()


def test_rejected_change_is_not_proposed_again_until_the_target_moves(
    waiting: PriceProposal, dollars: tuple[Variant, Market]
) -> None:
    assert reject_proposals([waiting.pk], by=None, now=START + DAY) == 1
    assert derive_prices(now=START + DAY) == 0
    assert PriceProposal.objects.count() == 1
    move("1.25", on=START + 2 * DAY)  # 4 % on.
    derive_prices(now=START + 2 * DAY)
    assert PriceProposal.objects.get(status="pending").new_amount == Decimal("30.99")
    assert price_of(*dollars, at=START + 2 * DAY) == Decimal("23.99")


def test_rejected_change_stays_rejected_without_a_band(waiting: PriceProposal) -> None:
    Market.objects.update(hold_up=0, hold_down=0)
    reject_proposals([waiting.pk], by=None, now=START + DAY)
    derive_prices(now=START + DAY)
    assert PriceProposal.objects.count() == 1


def test_approval_of_what_the_world_has_overtaken_changes_nothing(
    waiting: PriceProposal, dollars: tuple[Variant, Market]
) -> None:
    variant, _market = dollars
    set_base_price(variant.pk, Money(30, "EUR"), cost=Decimal(28), now=START + 2 * DAY)
    # No sweep has been by, and its page still shows the old proposal.
    assert approve_proposals([waiting.pk], by=None, now=START + 2 * DAY) == 0
    waiting.refresh_from_db()
    assert (waiting.status, waiting.decided_by) == ("superseded", None)
    assert price_of(*dollars, at=START + 2 * DAY) == Decimal("33.99")  # The floor: 33.60.


def test_price_too_large_to_keep_stops_no_other(
    dollars: tuple[Variant, Market], caplog: pytest.LogCaptureFixture
) -> None:
    variant, _market = dollars
    slipped, other = make_variant(), make_variant()
    add_base_price(slipped, "99999999999.00")
    add_base_price(other, "5.00")
    assert derive_prices(now=START + DAY) == 1
    assert Price.objects.filter(valid_to=None).count() == 2
    assert "1 prices of us stay" in caplog.text
    set_base_price(variant.pk, Money("99999999999", "EUR"), cost=None, now=START + DAY)
    assert derive_prices(now=START + DAY) == 0


def test_kept_floor_is_never_below_the_true_one(dollars: tuple[Variant, Market]) -> None:
    other = make_variant()
    add_base_price(other, "20.00")
    BasePrice.objects.filter(variant=other).update(cost=Decimal("16.001"))  # × 1.2 = 19.2012
    derive_prices(now=START + DAY)
    assert Price.objects.get(variant=other).floor == Decimal("19.202")


def test_newer_proposal_takes_the_place_of_the_older(
    waiting: PriceProposal, dollars: tuple[Variant, Market]
) -> None:
    variant, _market = dollars
    set_base_price(variant.pk, Money(26, "EUR"), cost=None, now=START + 2 * DAY)
    derive_prices(now=START + 2 * DAY)
    rows = PriceProposal.objects.order_by("created_at").values_list("new_amount", "status")
    assert list(rows) == [
        (Decimal("29.99"), "superseded"),
        (Decimal("30.99"), "pending"),
    ]
    set_base_price(variant.pk, Money(20, "EUR"), cost=None, now=START + 3 * DAY)
    derive_prices(now=START + 3 * DAY)
    assert not PriceProposal.objects.filter(status="pending").exists()


def test_proposal_whose_price_has_gone_is_superseded(
    waiting: PriceProposal, dollars: tuple[Variant, Market]
) -> None:
    variant, market = dollars
    set_manual_price(variant.pk, market, Decimal(5), now=START + 2 * DAY)
    assert approve_proposals([waiting.pk], by=None, now=START + 3 * DAY) == 0
    waiting.refresh_from_db()
    assert waiting.status == "superseded"
    assert price_of(variant, market, at=START + 3 * DAY) == 5


def test_one_proposal_waits_at_a_time(waiting: PriceProposal) -> None:
    waiting.pk = None
    with pytest.raises(IntegrityError, match="one_pending"), transaction.atomic():
        waiting.save()


def test_price_that_no_step_can_reach_is_proposed() -> None:
    variant = make_variant()
    bare_market("jp", "JPY", ending_step=Decimal(100), endings="80")
    add_base_price(variant, "3.00")
    add_rates({"JPY": "160"}, as_of=START.date())
    derive_prices(now=START)
    add_rates({"JPY": "178"}, as_of=date(2026, 11, 10))
    assert derive_prices(now=START + 8 * DAY) == 0
    proposal = PriceProposal.objects.get()
    assert proposal.reason == "coarse"
    assert (proposal.old_amount, proposal.new_amount) == (Decimal(480), Decimal(580))


def test_planned_base_and_manual_prices_come_into_force_on_their_day(
    dollars: tuple[Variant, Market],
) -> None:
    variant, market = dollars
    set_base_price(variant.pk, Money(30, "EUR"), cost=None, now=START + 3 * DAY)
    set_manual_price(variant.pk, market, Decimal(18), now=START + 5 * DAY)
    assert derive_prices(now=START + 2 * DAY) == 0
    move("1.20", on=START + 3 * DAY)
    assert derive_prices(now=START + 3 * DAY) == 1
    assert derive_prices(now=START + 5 * DAY) == 0
    assert history(variant, market) == [
        ("derived", Decimal("23.99"), START, START + 3 * DAY),
        ("derived", Decimal("35.99"), START + 3 * DAY, START + 5 * DAY),
        ("manual", Decimal(18), START + 5 * DAY, None),
    ]


def test_manual_price_under_a_blocked_rate_stays_when_cleared(
    dollars: tuple[Variant, Market],
) -> None:
    variant, market = dollars
    now = START + 30 * DAY
    set_manual_price(variant.pk, market, Decimal(5), now=now)
    price = clear_manual_price(variant.pk, market, now=now + DAY)
    assert price is not None
    assert (price.kind, price.amount) == ("manual", Money(5, "USD"))


def test_queries_do_not_grow_with_the_catalogue(
    dollars: tuple[Variant, Market], django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(30):
        add_base_price(make_variant(), "20.00")
    with django_assert_max_num_queries(24):
        assert derive_prices(now=START + DAY) == 30


@pytest.mark.django_db(transaction=True)
def test_approval_clicked_twice_while_prices_are_derived_counts_once() -> None:
    variant, market = make_variant(), bare_market(endings="", approval_limit=Decimal("0.10"))
    add_base_price(variant, "20.00")
    derive_prices(now=START)
    set_base_price(variant.pk, Money(25, "EUR"), now=START + DAY)
    derive_prices(now=START + DAY)
    proposal = PriceProposal.objects.get()
    start, later = Barrier(4), START + 2 * DAY
    set_base_price(make_variant().pk, Money(9, "EUR"), now=later)

    def run(number: int) -> int:
        moment = later + timedelta(microseconds=number)
        try:
            start.wait(timeout=30)
            if number < 3:
                return approve_proposals([proposal.pk], by=None, now=moment)
            derive_prices(now=moment)
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 1
    assert [row[1] for row in history(variant, market)] == [20, 25]
    proposal.refresh_from_db()
    assert proposal.status == "approved"


@pytest.mark.django_db(transaction=True)
def test_two_repricings_at_once_leave_one_contiguous_history() -> None:
    variants = [make_variant() for _ in range(20)]
    for number, variant in enumerate(variants):
        add_base_price(variant, str(20 + number))
    markets = [bare_market("us", "USD"), bare_market("ca", "USD", endings="0.95")]
    move("1.20", on=START)
    derive_prices(now=START)
    start = Barrier(3)

    def run(number: int) -> int:
        try:
            start.wait(timeout=30)
            return derive_prices(now=later + timedelta(microseconds=number))
        finally:
            connection.close()

    for week, rate in enumerate(["1.28", "1.21"], 1):
        later = START + 8 * week * DAY
        move(rate, on=later)
        with ThreadPoolExecutor(3) as threads:
            counts = list(threads.map(run, range(3)))
        assert sum(counts) == Price.objects.filter(valid_from__gte=later).count() > 30
    for market in markets:
        for variant in variants:
            chain = history(variant, market)
            assert [row[3] for row in chain[:-1]] == [row[2] for row in chain[1:]]
            assert chain[-1][3] is None
