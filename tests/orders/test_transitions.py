from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from markets.models import Market
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import cancel_order, complete_order, hold_order, release_order
from tests.factories import NOW, make_market, make_order

pytestmark = pytest.mark.django_db(transaction=True)

STEPS: dict[str, tuple[Callable[[Order], object], set[str], str]] = {
    "hold": (lambda order: hold_order(order, now=NOW, reasons=[]), {"placed"}, "on_hold"),
    "release": (lambda order: release_order(order, now=NOW), {"placed", "on_hold"}, "released"),
    "cancel": (
        lambda order: cancel_order(order, now=NOW, reason="test"),
        {"placed", "on_hold", "released"},
        "cancelled",
    ),
    "complete": (lambda order: complete_order(order, now=NOW), {"released"}, "completed"),
}


@pytest.fixture
def market() -> Market:
    return make_market()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=6))
def test_order_moves_only_along_its_states(market: Market, steps: list[str]) -> None:
    order = make_order(market)
    status = "placed"
    for step in steps:
        move, before, after = STEPS[step]
        if status in before:
            move(order)
            status = after
        else:
            with pytest.raises(StaleTransition):
                move(order)
        assert Order.objects.get(pk=order.pk).status == status


def test_order_is_released_once_by_many_at_a_time() -> None:
    order = make_order(make_market())

    def release(_: int) -> bool:
        try:
            with transaction.atomic():
                release_order(Order.objects.get(pk=order.pk), now=NOW)
        except StaleTransition:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(release, range(8))) == 1
    assert order.events.filter(kind="order_released").count() == 1


def test_order_in_another_currency_than_its_market_is_refused() -> None:
    market = make_market()
    with pytest.raises(IntegrityError, match="order_in_market_currency"):
        make_order(market, currency="USD")


def test_order_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(IntegrityError, match="net_plus_tax"):
        make_order(make_market(), tax="0.01")


@pytest.mark.parametrize("shipped", ["part_shipped", "shipped", "delivered"])
def test_order_with_goods_on_their_way_is_not_cancelled(market: Market, shipped: str) -> None:
    """Goods and money would both be gone: what was sent comes back as a return."""
    order = make_order(market, status=Order.Status.RELEASED, fulfillment_status=shipped)
    with pytest.raises(StaleTransition):
        cancel_order(order, now=NOW, reason="asked")
    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    assert not order.events.exists()
