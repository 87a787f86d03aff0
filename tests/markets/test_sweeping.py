from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.utils import timezone
from djmoney.money import Money
from redis.exceptions import ConnectionError as NoRedis

from catalog.models import Variant
from markets.exchange import set_manual_rate
from markets.models import BasePrice, ExchangeRate, Market, Price
from markets.pricing import prices_in_force, set_base_price, set_manual_price
from markets.sweeping import OVERLAP, sweep_prices
from tests.factories import make_variant
from tests.markets.rows import add_base_price, add_rates, bare_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    """Change stamps are of the true clock, so these tests start before it, at a noon."""
    return (timezone.now() - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def settled(now: datetime) -> tuple[Variant, Market]:
    """Give a variant and a market derived long ago, with a sweep since."""
    variant, market = make_variant(), bare_market(endings="")
    add_base_price(variant, "20.00")
    sweep_prices(now=now)
    old = now - timedelta(days=1)
    for model in (BasePrice, Market, Price):
        model.objects.update(changed_at=old)
    return variant, market


def shown(variant: Variant, market: Market, at: datetime) -> Decimal | None:
    price = prices_in_force([variant.pk], market, now=at).get(variant.pk)
    return Decimal(price.amount.amount) if price else None


def derived_with(now: datetime) -> list[dict[str, Any]]:
    with patch("markets.sweeping.derive_prices", return_value=0) as derive:
        sweep_prices(now=now)
    return [{k: v for k, v in call.kwargs.items() if k != "now"} for call in derive.mock_calls]


def test_sweep_looks_at_nothing_when_nothing_changed(
    settled: tuple[Variant, Market], now: datetime
) -> None:
    assert derived_with(now + timedelta(minutes=1)) == [{"market_ids": []}, {"variant_ids": set()}]


def test_sweep_without_a_memory_derives_all(settled: tuple[Variant, Market], now: datetime) -> None:
    cache.clear()
    assert derived_with(now + timedelta(minutes=1)) == [{}]


def test_sweep_without_a_cache_derives_all(settled: tuple[Variant, Market], now: datetime) -> None:
    with (
        patch.object(cache, "get", side_effect=NoRedis("gone")),
        patch.object(cache, "set", side_effect=NoRedis("gone")),
    ):
        assert derived_with(now + timedelta(minutes=1)) == [{}]


def test_sweep_follows_a_changed_base_price(settled: tuple[Variant, Market], now: datetime) -> None:
    variant, market = settled
    later = now + timedelta(minutes=1)
    set_base_price(variant.pk, Money(30, "EUR"), cost=None, now=later)
    assert derived_with(later) == [{"market_ids": []}, {"variant_ids": {variant.pk}}]
    assert sweep_prices(now=later) == 1
    assert shown(variant, market, later) == 30


def test_sweep_follows_a_changed_market(settled: tuple[Variant, Market], now: datetime) -> None:
    variant, market = settled
    market.price_adjustment = Decimal("0.1")
    market.save()
    later = now + timedelta(minutes=1)
    assert sweep_prices(now=later) == 1
    assert shown(variant, market, later) == 22


def test_sweep_follows_a_commit_that_landed_late(
    settled: tuple[Variant, Market], now: datetime
) -> None:
    variant, _market = settled
    sweep_prices(now=now + timedelta(minutes=1))
    BasePrice.objects.update(changed_at=now - OVERLAP / 2)
    assert derived_with(now + timedelta(minutes=2))[1] == {"variant_ids": {variant.pk}}


def test_sweep_follows_new_rates(settled: tuple[Variant, Market], now: datetime) -> None:
    add_rates({"USD": "1.1"}, as_of=now.date() - timedelta(days=1))
    ExchangeRate.objects.update(fetched_at=now)
    assert derived_with(now + timedelta(minutes=1)) == [{}]


def test_sweep_takes_over_when_a_manual_price_ends_by_itself(
    settled: tuple[Variant, Market], now: datetime
) -> None:
    variant, market = settled
    set_manual_price(variant.pk, market, Decimal(5), now=now + timedelta(seconds=1))
    ends = now + timedelta(hours=1)
    Price.objects.filter(kind="manual").update(valid_to=ends, changed_at=now - timedelta(days=1))
    sweep_prices(now=now + timedelta(minutes=30))
    assert shown(variant, market, ends - timedelta(seconds=1)) == 5
    assert sweep_prices(now=ends) == 1
    assert shown(variant, market, ends) == 20


def test_sweep_takes_up_a_planned_base_price_when_its_day_comes(
    settled: tuple[Variant, Market], now: datetime
) -> None:
    variant, market = settled
    day = now + timedelta(days=1)
    BasePrice.objects.update(valid_to=day)
    BasePrice.objects.create(
        variant=variant, amount=Decimal(40), amount_currency="EUR", valid_from=day
    )
    BasePrice.objects.update(changed_at=now - timedelta(days=1))
    sweep_prices(now=day - timedelta(minutes=1))
    assert shown(variant, market, day) == 20
    assert sweep_prices(now=day) == 1
    assert shown(variant, market, day) == 40


def test_sweep_goes_on_when_a_freeze_is_over(
    settled: tuple[Variant, Market], now: datetime
) -> None:
    _variant, market = settled
    Market.objects.update(freeze_until=now + timedelta(hours=9))
    assert derived_with(now + timedelta(hours=8))[0] == {"market_ids": []}
    assert derived_with(now + timedelta(hours=9))[0] == {"market_ids": [market.pk]}


@pytest.mark.parametrize("field", ["decided_at", "replaced_at"])
def test_sweep_follows_what_was_decided_of_an_old_rate(
    settled: tuple[Variant, Market], now: datetime, field: str
) -> None:
    add_rates({"USD": "1.1"}, as_of=now.date() - timedelta(days=9))
    assert derived_with(now + timedelta(minutes=1))[0] == {"market_ids": []}
    ExchangeRate.objects.update(**{field: now + timedelta(minutes=10)})
    assert derived_with(now + timedelta(minutes=10)) == [{}]


def test_sweep_derives_all_once_a_day(settled: tuple[Variant, Market], now: datetime) -> None:
    midnight = now.replace(hour=0) + timedelta(days=1)
    assert derived_with(midnight - timedelta(seconds=1)) != [{}]
    assert derived_with(midnight) == [{}]
    assert derived_with(midnight + timedelta(minutes=1)) != [{}]


def test_sweep_ends_a_rate_set_by_hand_with_its_last_day(now: datetime) -> None:
    variant, market = make_variant(), bare_market("us", "USD", endings="", dwell_days=0)
    add_base_price(variant, "20.00")
    add_rates({"USD": "1.00"}, as_of=now.date())
    ExchangeRate.objects.update(fetched_at=now)
    set_manual_rate(
        "USD", Decimal("1.05"), last_day=now.date(), reason="hedged", now=now, user_id=None
    )
    sweep_prices(now=now)
    assert shown(variant, market, now) == 21
    midnight = now.replace(hour=0) + timedelta(days=1)
    sweep_prices(now=midnight)
    assert shown(variant, market, midnight) == 20


def test_sweep_survives_a_clock_that_was_set_back(
    settled: tuple[Variant, Market], now: datetime
) -> None:
    sweep_prices(now=now + timedelta(hours=2))
    assert derived_with(now) == [{}]
