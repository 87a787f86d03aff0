import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from djmoney.money import Money

from markets.models import BasePrice, Market, Price
from markets.money import InexactAmount
from markets.pricing import (
    clear_manual_price,
    derive_prices,
    prices_in_force,
    set_base_price,
    set_manual_price,
)
from tests.factories import LONG_AGO, NOW, make_variant
from tests.markets.rows import (
    add_base_price,
    add_peg,
    add_rates,
    bare_market,
    history,
    price_of,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)

# Of 20.00 EUR with margin and adjustment: what is shown, worked out by hand.
TWELVE: list[tuple[str, str, dict[str, str], str]] = [
    ("us", "USD", {"fx_margin": "0.02", "price_adjustment": "-0.04"}, "21.99"),  # 22.0359…
    ("gb", "GBP", {"fx_margin": "0.02", "endings": "0.95"}, "16.95"),  # 17.297…
    ("de", "EUR", {"endings": "0.90"}, "19.90"),
    ("fr", "EUR", {"endings": "0.90", "price_adjustment": "0.05"}, "20.90"),  # 21.00
    ("eu", "EUR", {"endings": "0.95 0.45"}, "19.95"),
    ("ch", "CHF", {"endings": "0.90", "price_adjustment": "0.10", "ending_grid": "0.05"}, "20.90"),
    ("jp", "JPY", {"endings": "80", "ending_step": "100", "fx_margin": "0.025"}, "3380"),  # 3348.9
    ("cn", "CNY", {"endings": "8 9", "ending_step": "10", "avoid_digits": "4"}, "159"),  # 162.93
    ("br", "BRL", {"endings": "0.90", "fx_margin": "0.03"}, "131.90"),  # 131.51…
    ("mx", "MXN", {"endings": "9", "ending_step": "10"}, "439"),  # 438.65
    ("ae", "AED", {"endings": "0", "ending_step": "1"}, "83"),  # 82.6459…
    ("au", "AUD", {"endings": "0.95"}, "34.95"),  # 35.102
]


def test_derived_prices_follow_rate_margin_adjustment_and_ending_of_twelve_markets() -> None:
    add_rates()
    add_peg()
    variant = make_variant()
    add_base_price(variant, "20.00")
    markets = [
        bare_market(
            code,
            currency,
            **{k: v if k in ("endings", "avoid_digits") else Decimal(v) for k, v in f.items()},
        )
        for code, currency, f, _shown in TWELVE
    ]
    assert derive_prices(now=NOW) == 12
    shown = {market.code: price_of(variant, market) for market in markets}
    assert shown == {code: Decimal(amount) for code, _c, _f, amount in TWELVE}


def test_derived_price_tells_its_base_rate_and_conversion() -> None:
    add_rates()
    variant, market = make_variant(), bare_market("ch", "CHF")
    base = add_base_price(variant, "20.00", "GBP")
    derive_prices(now=NOW)
    price = Price.objects.get()
    assert (price.variant, price.market, price.kind) == (variant, market, "derived")
    assert price.base_price == base
    assert price.rate is not None
    assert (price.rate.base, price.rate.quote) == ("EUR", "CHF")
    assert price.conversion == Decimal("1.10437552")  # 0.9364 / 0.8479 = 1.104375516
    assert (price.valid_from, price.valid_to) == (NOW, None)


def test_price_in_base_currency_needs_no_rate() -> None:
    variant = make_variant()
    bare_market("gb", "GBP", endings="")
    add_base_price(variant, "12.34", "GBP")
    derive_prices(now=NOW)
    price = Price.objects.get()
    assert price.amount == Money("12.34", "GBP")
    assert (price.rate, price.conversion) == (None, Decimal(1))


def test_deriving_again_changes_nothing() -> None:
    add_rates()
    variants = [make_variant() for _ in range(3)]
    for variant in variants:
        add_base_price(variant)
    for code, currency in (("us", "USD"), ("de", "EUR")):
        bare_market(code, currency)
    assert derive_prices(now=NOW) == 6
    before = list(Price.objects.order_by("pk").values())
    assert derive_prices(now=LATER) == 0
    assert derive_prices(now=NOW) == 0
    assert list(Price.objects.order_by("pk").values()) == before


def test_deriving_stays_within_the_given_variants_and_markets() -> None:
    variants = [make_variant(), make_variant()]
    for variant in variants:
        add_base_price(variant)
    de, fr = bare_market("de"), bare_market("fr")
    assert derive_prices(now=NOW, variant_ids=[]) == 0
    assert derive_prices(now=NOW, market_ids=[]) == 0
    assert derive_prices(now=NOW, variant_ids=[variants[0].pk], market_ids=[fr.pk]) == 1
    row = Price.objects.get()
    assert (row.variant, row.market) == (variants[0], fr)
    assert derive_prices(now=NOW, market_ids=[de.pk]) == 2


def test_changed_price_closes_the_old_row_and_opens_a_new_one() -> None:
    variant, market = make_variant(), bare_market(endings="")
    add_base_price(variant, "20.00")
    derive_prices(now=NOW)
    Market.objects.update(price_adjustment=Decimal("0.1"))
    assert derive_prices(now=LATER) == 1
    assert history(variant, market) == [
        ("derived", Decimal(20), NOW, LATER),
        ("derived", Decimal(22), LATER, None),
    ]


def test_change_at_the_moment_a_row_began_rewrites_it() -> None:
    variant, market = make_variant(), bare_market(endings="")
    add_base_price(variant, "20.00")
    derive_prices(now=NOW)
    Market.objects.update(price_adjustment=Decimal("0.1"))
    assert derive_prices(now=NOW) == 1
    assert history(variant, market) == [("derived", Decimal(22), NOW, None)]


def test_run_with_an_earlier_clock_leaves_what_a_later_one_decided() -> None:
    variant, market = make_variant(), bare_market(endings="")
    add_base_price(variant, "20.00")
    derive_prices(now=NOW - timedelta(days=1))
    Market.objects.update(price_adjustment=Decimal("0.1"))
    derive_prices(now=LATER)
    Market.objects.update(price_adjustment=Decimal("0.2"))
    before = history(variant, market)
    assert derive_prices(now=NOW) == 0
    assert history(variant, market) == before


def test_variant_without_base_price_any_more_loses_its_derived_price() -> None:
    variant, market = make_variant(), bare_market()
    base = add_base_price(variant)
    derive_prices(now=NOW)
    BasePrice.objects.filter(pk=base.pk).update(valid_to=LATER)
    assert derive_prices(now=LATER) == 1
    assert prices_in_force([variant.pk], market, now=LATER) == {}
    assert prices_in_force([variant.pk], market, now=NOW) != {}


def test_market_without_a_rate_keeps_its_prices(caplog: pytest.LogCaptureFixture) -> None:
    variant, kuwait, de = make_variant(), bare_market("kw", "KWD"), bare_market("de")
    add_base_price(variant)
    Price.objects.create(
        variant=variant, market=kuwait, kind="derived", amount=Decimal("7.5"),
        amount_currency="KWD", conversion=Decimal("0.345"), valid_from=LONG_AGO,
    )  # fmt: skip
    assert derive_prices(now=NOW) == 1
    assert price_of(variant, kuwait) == Decimal("7.5")
    assert price_of(variant, de) == Decimal("19.99")
    assert "Prices of kw stay: no rate for KWD" in caplog.text


def test_market_with_unusable_endings_keeps_its_prices(caplog: pytest.LogCaptureFixture) -> None:
    variant, market = make_variant(), bare_market()
    add_base_price(variant)
    derive_prices(now=NOW)
    Market.objects.update(endings="ninety", price_adjustment=Decimal("0.5"))
    assert derive_prices(now=LATER) == 0
    assert price_of(variant, market, at=LATER) == Decimal("19.99")
    assert "Prices of de stay: “ninety” is no number" in caplog.text


def test_rate_of_tomorrow_is_never_used() -> None:
    add_rates({"USD": "1.10"}, as_of=date(2026, 11, 23))
    add_rates({"USD": "2.00"}, as_of=date(2026, 11, 25))
    variant, market = make_variant(), bare_market("us", "USD", endings="")
    add_base_price(variant, "20.00")
    derive_prices(now=NOW)
    assert price_of(variant, market) == Decimal("22.00")


def test_manual_price_beats_the_derived_and_clearing_restores_it() -> None:
    variant, market = make_variant(), bare_market()
    add_base_price(variant, "20.00")
    derive_prices(now=NOW)
    price = set_manual_price(variant.pk, market, Decimal("17.77"), now=LATER)
    assert (price.kind, price.amount) == ("manual", Money("17.77", "EUR"))
    Market.objects.update(price_adjustment=Decimal("0.5"))
    assert derive_prices(now=LATER + timedelta(hours=1)) == 0
    restored = clear_manual_price(variant.pk, market, now=LATER + timedelta(hours=2))
    assert restored is not None
    assert history(variant, market) == [
        ("derived", Decimal("19.99"), NOW, LATER),
        ("manual", Decimal("17.77"), LATER, LATER + timedelta(hours=2)),
        ("derived", Decimal("29.99"), LATER + timedelta(hours=2), None),
    ]


def test_clearing_a_manual_price_without_base_price_leaves_none() -> None:
    variant, market = make_variant(), bare_market()
    set_manual_price(variant.pk, market, Decimal("5.00"), now=NOW)
    assert clear_manual_price(variant.pk, market, now=LATER) is None
    assert history(variant, market) == [("manual", Decimal(5), NOW, LATER)]


def test_same_manual_price_again_changes_nothing() -> None:
    variant, market = make_variant(), bare_market()
    first = set_manual_price(variant.pk, market, Decimal("5.00"), now=NOW)
    assert set_manual_price(variant.pk, market, Decimal("5.00"), now=LATER).pk == first.pk


def test_new_price_ends_where_a_planned_one_begins() -> None:
    variant, market = make_variant(), bare_market()
    add_base_price(variant)
    planned = NOW + timedelta(days=7)
    Price.objects.create(
        variant=variant,
        market=market,
        kind="manual",
        amount=Decimal(9),
        amount_currency="EUR",
        valid_from=planned,
    )
    assert derive_prices(now=NOW) == 1
    assert history(variant, market) == [
        ("derived", Decimal("19.99"), NOW, planned),
        ("manual", Decimal(9), planned, None),
    ]


@pytest.mark.parametrize(
    ("amount", "error"), [("0", ValueError), ("-1", ValueError), ("1.999", InexactAmount)]
)
def test_manual_price_refuses_what_nobody_can_pay(amount: str, error: type[Exception]) -> None:
    variant, market = make_variant(), bare_market()
    with pytest.raises(error):
        set_manual_price(variant.pk, market, Decimal(amount), now=NOW)
    with pytest.raises(error):
        set_base_price(variant.pk, Money(amount, "EUR"), cost=None, now=NOW)


def test_base_price_keeps_its_history() -> None:
    variant = make_variant()
    first = set_base_price(variant.pk, Money("10.00", "EUR"), cost=Decimal(4), now=NOW)
    same = set_base_price(variant.pk, Money("10.00", "EUR"), cost=Decimal(4), now=LATER)
    assert same.pk == first.pk
    second = set_base_price(variant.pk, Money("11.00", "GBP"), cost=None, now=LATER)
    rewritten = set_base_price(variant.pk, Money("12.00", "GBP"), cost=None, now=LATER)
    assert rewritten.pk == second.pk
    rows = BasePrice.objects.order_by("valid_from").values_list("amount", "cost", "valid_to")
    assert list(rows) == [(Decimal(10), Decimal(4), LATER), (Decimal(12), None, None)]


@pytest.mark.parametrize("seed", range(6))
def test_history_of_any_sequence_is_one_chain_whose_closed_rows_never_change(seed: int) -> None:
    chance = random.Random(seed)
    add_rates()
    variant = make_variant()
    markets = [bare_market("us", "USD"), bare_market("jp", "JPY", endings="0")]
    now = NOW
    closed: dict[int, Any] = {}
    for _ in range(40):
        now += timedelta(minutes=chance.choice([0, 0, 1, 30]))
        market = chance.choice(markets)
        match chance.randrange(5):
            case 0:
                amount = Money(Decimal(chance.randint(500, 5000)) / 100, "EUR")
                set_base_price(variant.pk, amount, cost=None, now=now)
            case 1:
                set_manual_price(variant.pk, market, Decimal(chance.randint(5, 50)), now=now)
            case 2:
                clear_manual_price(variant.pk, market, now=now)
            case _:
                derive_prices(now=now)
        rows: dict[int, Any] = {
            row["id"]: row for row in Price.objects.exclude(valid_to=None).values()
        }
        assert {key: rows[key] for key in closed} == closed
        closed = rows
    for market in markets:
        chain = history(variant, market)
        assert [row[3] for row in chain[:-1]] == [row[2] for row in chain[1:]]
        assert chain[-1][3] is None


def test_current_prices_come_in_one_query(django_assert_num_queries: Any) -> None:
    market = bare_market()
    variants = [make_variant() for _ in range(3)]
    for variant in variants:
        add_base_price(variant)
    derive_prices(now=NOW)
    with django_assert_num_queries(1):
        prices = prices_in_force((v.pk for v in variants), market, now=NOW)
    assert set(prices) == {variant.pk for variant in variants}
    assert prices_in_force([variants[0].pk], market, now=NOW - timedelta(seconds=1)) == {}


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_leave_one_row_in_force() -> None:
    add_rates()
    variants = [make_variant() for _ in range(20)]
    for variant in variants:
        add_base_price(variant)
    markets = [bare_market("us", "USD"), bare_market("de")]
    start = Barrier(4)

    def run(number: int) -> int:
        try:
            start.wait(timeout=30)
            if number == 3:
                set_manual_price(variants[0].pk, markets[0], Decimal(9), now=LATER)
                return 0
            return derive_prices(now=NOW + timedelta(microseconds=number))
        finally:
            connection.close()

    for adjustment in ("0", "0.3"):
        Market.objects.update(price_adjustment=Decimal(adjustment))
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(run, range(4)))
        in_force = Price.objects.filter(valid_to=None)
        assert in_force.count() == 40
        assert in_force.get(variant=variants[0], market=markets[0]).kind == "manual"
        derived = in_force.filter(kind="derived", market=markets[1])
        assert len(set(derived.values_list("amount", flat=True))) == 1


def test_base_price_ends_where_a_planned_one_begins() -> None:
    variant = make_variant()
    planned = set_base_price(variant.pk, Money("15.00", "EUR"), cost=None, now=LATER)
    new = set_base_price(variant.pk, Money("10.00", "EUR"), cost=None, now=NOW)
    assert (new.valid_from, new.valid_to) == (NOW, LATER)
    planned.refresh_from_db()
    assert (planned.valid_from, planned.valid_to) == (LATER, None)
