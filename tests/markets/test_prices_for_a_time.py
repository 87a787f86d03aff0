"""What follows on a price that was set by hand for a time: no moment is without a price."""

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from djmoney.money import Money

from catalog.models import Variant
from markets.models import BasePrice, Market, Price
from markets.pricing import (
    PriceAlreadyPlanned,
    clear_manual_price,
    derive_prices,
    end_list_price,
    set_base_price,
    set_list_price,
    set_manual_price,
)
from tests.factories import make_variant
from tests.markets.rows import add_base_price, add_rates, bare_market

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
START = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
Sold = tuple[Variant, Market]
Span = tuple[str, str, int, int | None]


@pytest.fixture
def sold() -> Sold:
    """Give a variant at 20 euros, at 24 dollars since the first day."""
    variant, market = make_variant(), bare_market("us", "USD", endings="")
    add_base_price(variant, "20.00")
    move("1.20", day=0)
    derive_prices(now=START)
    return variant, market


def move(rate: str, *, day: int) -> None:
    add_rates({"USD": rate}, as_of=(START + day * DAY).date())


def spans(sold: Sold) -> list[Span]:
    """Give kind, amount, first day and the day after the last."""
    return [
        (
            row.kind[0],
            f"{row.amount.amount:.2f}",
            (row.valid_from - START).days,
            (row.valid_to - START).days if row.valid_to else None,
        )
        for row in Price.objects.filter(variant=sold[0], market=sold[1]).order_by("valid_from")
    ]


def promote(sold: Sold, first: int, end: int | None, *, day: int = 0, amount: int = 15) -> Price:
    return set_list_price(
        sold[0].pk, sold[1], Decimal(amount),
        valid_from=START + first * DAY,
        valid_to=None if end is None else START + end * DAY,
        now=START + day * DAY,
    )  # fmt: skip


def test_derived_price_follows_at_once_on_one_set_by_hand_for_a_time(sold: Sold) -> None:
    promote(sold, 1, 8)
    assert spans(sold) == [("d", "24.00", 0, 1), ("m", "15.00", 1, 8), ("d", "24.00", 8, None)]
    back = Price.objects.get(valid_to=None)
    assert (back.asked, back.target, back.conversion) == (
        Decimal(20), Decimal(24), Decimal("1.2"),
    )  # fmt: skip
    assert back.base_price_id is not None
    assert derive_prices(now=START + 8 * DAY) == 0


def test_derived_price_that_waits_is_kept_fresh_until_the_hour_before(sold: Sold) -> None:
    promote(sold, 1, 8)
    move("1.50", day=4)
    derive_prices(now=START + 4 * DAY)
    set_base_price(sold[0].pk, Money(30, "EUR"), now=START + 5 * DAY)
    derive_prices(now=START + 5 * DAY)
    assert spans(sold)[1:] == [("m", "15.00", 1, 8), ("d", "45.00", 8, None)]
    move("1.60", day=7)
    derive_prices(now=START + 8 * DAY - timedelta(minutes=59))
    assert spans(sold)[-1] == ("d", "45.00", 8, None)


def test_derived_price_that_waits_follows_no_rate_while_the_market_is_frozen(sold: Sold) -> None:
    promote(sold, 1, 8)
    Market.objects.update(freeze_until=START + 20 * DAY)
    move("1.50", day=4)
    derive_prices(now=START + 4 * DAY)
    assert spans(sold)[-1] == ("d", "24.00", 8, None)


def test_derived_price_does_not_come_back_without_a_base_price(sold: Sold) -> None:
    promote(sold, 1, 8)
    BasePrice.objects.update(valid_to=START + 3 * DAY)
    derive_prices(now=START + 3 * DAY)
    assert spans(sold)[1:] == [("m", "15.00", 1, 8)]


def test_open_price_set_meanwhile_stays(sold: Sold) -> None:
    promote(sold, 1, 8)
    set_manual_price(sold[0].pk, sold[1], Decimal(17), now=START + 4 * DAY)
    assert spans(sold)[1:] == [("m", "15.00", 1, 4), ("m", "17.00", 4, None)]


def test_same_amount_set_without_an_end_lasts(sold: Sold) -> None:
    promote(sold, 1, 8)
    for _ in range(2):
        set_manual_price(sold[0].pk, sold[1], Decimal(15), now=START + 4 * DAY)
    assert spans(sold)[1:] == [("m", "15.00", 1, 4), ("m", "15.00", 4, None)]


def test_price_that_is_cleared_before_its_end_gives_way_at_once(sold: Sold) -> None:
    promote(sold, 1, 8)
    clear_manual_price(sold[0].pk, sold[1], now=START + 4 * DAY)
    assert spans(sold)[1:] == [("m", "15.00", 1, 4), ("d", "24.00", 4, None)]


def test_price_gives_way_to_the_derived_one_though_its_rate_is_too_old(sold: Sold) -> None:
    price = promote(sold, 1, 60)
    end_list_price(price.pk, now=START + 40 * DAY)
    assert spans(sold)[1:] == [("m", "15.00", 1, 40), ("d", "24.00", 40, None)]


def test_price_taken_back_leaves_one_derived_price(sold: Sold) -> None:
    price = promote(sold, 3, 8)
    end_list_price(price.pk, now=START + 2 * DAY)
    assert spans(sold) == [("d", "24.00", 0, None)]


def test_second_price_taken_back_leaves_the_first_with_its_end(sold: Sold) -> None:
    promote(sold, 1, 4)
    second = promote(sold, 4, 9, amount=16)
    assert spans(sold)[1:] == [
        ("m", "15.00", 1, 4), ("m", "16.00", 4, 9), ("d", "24.00", 9, None),
    ]  # fmt: skip
    end_list_price(second.pk, now=START + 2 * DAY)
    assert spans(sold)[1:] == [("m", "15.00", 1, 4), ("d", "24.00", 4, None)]


def test_longer_price_puts_the_derived_one_off(sold: Sold) -> None:
    promote(sold, 1, 8)
    promote(sold, 5, 12, amount=16)
    assert spans(sold)[1:] == [
        ("m", "15.00", 1, 5), ("m", "16.00", 5, 12), ("d", "24.00", 12, None),
    ]  # fmt: skip


def test_set_by_hand_a_moment_after_a_run_wins(sold: Sold) -> None:
    set_base_price(sold[0].pk, Money(30, "EUR"), now=START + DAY)
    derive_prices(now=START + DAY + timedelta(seconds=1))
    # Its moment was taken before the lock.
    set_manual_price(sold[0].pk, sold[1], Decimal(17), now=START + DAY)
    assert spans(sold)[-1] == ("m", "17.00", 1, None)


@pytest.mark.parametrize("seed", range(40))
def test_no_moment_is_without_a_price_whatever_is_done(sold: Sold, seed: int) -> None:
    chance = random.Random(seed)
    variant, market = sold
    now = START
    for _ in range(25):
        now += timedelta(hours=chance.choice([0, 1, 12, 24, 72]))
        kept = list(Price.objects.filter(valid_to__lt=now).order_by("pk").values())
        match chance.randrange(6):
            case 0:
                first = now + timedelta(hours=chance.choice([0, 12, 48]))
                end = chance.choice([None, first + timedelta(hours=chance.choice([6, 48, 96]))])
                with suppress(PriceAlreadyPlanned):
                    set_list_price(
                        variant.pk, market, Decimal(chance.randint(10, 20)),
                        valid_from=first, valid_to=end, now=now,
                    )  # fmt: skip
            case 1:
                set_manual_price(variant.pk, market, Decimal(chance.randint(10, 20)), now=now)
            case 2:
                clear_manual_price(variant.pk, market, now=now)
            case 3:
                manual = list(Price.objects.filter(kind="manual").values_list("pk", flat=True))
                if manual:
                    end_list_price(chance.choice(manual), now=now)
            case 4:
                amount = Money(chance.randint(15, 25), "EUR")
                set_base_price(variant.pk, amount, now=now)
                derive_prices(now=now)
            case 5:
                derive_prices(now=now)
        rows = list(Price.objects.order_by("valid_from"))
        ends = [row.valid_to for row in rows]
        assert [START, *ends] == [*(row.valid_from for row in rows), None]
        now_kept = {row["id"]: row for row in Price.objects.values()}
        assert [row for row in kept if now_kept.get(row["id"]) != row] == []
