"""The long races through the web server: what buyers at its door get, and what stock says after.

Two processes of eight threads serve sixteen buyers at once. A round of a thousand buyers takes
minutes on two cores, so there are fewer of those.
"""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import Variant
from fulfillment.cancelling import cancel_fulfillment
from fulfillment.errors import StockShort
from fulfillment.models import Reservation, StockLevel, Transfer, TransferLine
from fulfillment.stock import (
    expire_reservations,
    lay_out_hot_levels,
    receive_stock,
    settle_arrived,
)
from fulfillment.stock.audit import audit_stock
from fulfillment.stock.transfers import begin_transfer, receive_transfer, ship_transfer
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import cancel_order, lock_order
from payments.models import Payment
from tests.fulfillment.races import free_units, run_crowd, stock_errors
from tests.storefront.buying import (
    ORDERED,
    REFUSED,
    Buyer,
    Hall,
    Rush,
    make_hall,
    put_on_sale,
)
from tests.storefront.web_server import WebServer, most_in_flight, open_web_server

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]
AT_ONCE = 8
BUCKETS = 8


def _put_on_sale(hall: Hall, *units: int, hot: bool) -> Variant:
    variant = put_on_sale(hall, *units)
    StockLevel.objects.filter(variant=variant).update(buckets=BUCKETS if hot else 0)
    lay_out_hot_levels(timezone.now())
    return variant


def _check(server: WebServer) -> None:
    """Compare what the server did with what it may do, and the books with one another."""
    served = server.served()
    assert {row.status for row in served} <= {200, 302}, server.log()
    assert most_in_flight(served) >= AT_ONCE
    assert stock_errors() == []
    # An hour later nothing is too young to be looked at.
    assert audit_stock(timezone.now() + timedelta(hours=1)).findings == []


@pytest.mark.parametrize("hot", [False, True], ids=["plain", "hot"])
@pytest.mark.parametrize(
    ("rounds", "buyers", "units"),
    [(20, 20, (0, 1, 0)), (20, 200, (30, 20, 0)), (2, 1_000, (300, 150, 50))],
    ids=["20-for-1", "200-for-50", "1000-for-500"],
)
def test_every_unit_is_sold_once_through_the_web_server(
    tmp_path: Path, rounds: int, buyers: int, units: tuple[int, int, int], hot: bool
) -> None:
    hall = make_hall()
    goods = [_put_on_sale(hall, *units, hot=hot) for _ in range(rounds)]
    with open_web_server(tmp_path) as server:
        for variant in goods:
            crowd = [Buyer(server.url, {variant.pk: 1}) for _ in range(buyers)]
            # Every other one stands at the payment page already when the rush begins.
            ready = run_crowd([partial(_prepare, buyer) for buyer in crowd[::2]])
            day = Rush(crowd)
            words = run_crowd(day.jobs())

            assert set(ready) == {"ready"}, server.log()
            assert words == {ORDERED: sum(units), REFUSED: buyers - sum(units)}, server.log()
            assert day.false_refusals(sum(units)) == []
            assert free_units(variant) == 0
    assert Reservation.objects.count() == Order.objects.count() == rounds * sum(units)
    _check(server)


def _prepare(buyer: Buyer) -> str:
    return buyer.prepare() or "ready"


@pytest.mark.parametrize("number", range(20))
def test_carts_among_cancellations_expiries_receipts_and_transfers_through_the_web_server(
    tmp_path: Path, number: int
) -> None:
    hall = make_hall()
    goods = [_put_on_sale(hall, 40, 8, 4, hot=position % 2 == 0) for position in range(8)]
    chance = random.Random(number)
    with open_web_server(tmp_path) as server:
        buyers = [Buyer(server.url, _draw_cart(goods, chance)) for _ in range(120)]
        jobs: list[Callable[[], str]] = [buyer.buy for buyer in buyers]
        jobs += Backroom(hall, goods, chance).jobs(60)
        chance.shuffle(jobs)

        words = run_crowd(jobs)

        allowed = {
            *(ORDERED, REFUSED, "cancelled", "expired", "received", "moved", "laid out"),
            *("too late", "nothing there"),
        }
        assert set(words) <= allowed, (words, server.log())
        assert {ORDERED, REFUSED, "cancelled", "expired", "moved"} <= set(words)
        assert stock_errors() == []
        # Nothing comes back any more: whoever is refused now is refused because nothing is left.
        left = {variant: free_units(variant) for variant in goods}
        rest = [
            Buyer(server.url, {variant.pk: 1})
            for variant in goods
            for _ in range(left[variant] + 2)
        ]
        chance.shuffle(rest)
        words = run_crowd([buyer.buy for buyer in rest])
        assert words == {ORDERED: sum(left.values()), REFUSED: 2 * len(goods)}, server.log()
        assert [free_units(variant) for variant in goods] == [0] * len(goods)
    _check(server)


def _draw_cart(goods: Sequence[Variant], chance: random.Random) -> dict[int, int]:
    chosen = chance.sample(list(goods), chance.randint(1, 5))
    return {variant.pk: chance.randint(1, 3) for variant in chosen}


class Backroom:
    """Staff and tasks who give units back, bring and move them while buyers are at it."""

    def __init__(self, hall: Hall, goods: Sequence[Variant], chance: random.Random) -> None:
        self._hall = hall
        self._goods = goods
        self._chance = chance

    def jobs(self, count: int) -> list[Callable[[], str]]:
        kinds = (self._cancel, self._expire, self._receive, self._transfer, self._lay_out)
        return [kinds[number % len(kinds)] for number in range(count)]

    def _cancel(self) -> str:
        order = Order.objects.filter(status=Order.Status.PLACED).order_by("?").first()
        if order is None:
            return "nothing there"
        try:
            with transaction.atomic():
                cancel_order(lock_order(order.pk), now=timezone.now(), reason="staff: test")
        except StaleTransition:
            return "too late"
        # As the subscriber of the cancellation does; both may come.
        cancel_fulfillment(order.pk)
        return "cancelled"

    def _expire(self) -> str:
        """Let the time of some orders be over that wait for their money."""
        now = timezone.now()
        long_ago = now - timedelta(days=1)
        held = Reservation.objects.filter(status=Reservation.Status.ACTIVE).order_by("?")[:3]
        orders = [reservation.order_id for reservation in held]
        Payment.objects.filter(order__in=orders).update(expires_at=long_ago)
        Reservation.objects.filter(order__in=orders).update(expires_at=long_ago)
        return "expired" if expire_reservations(now) else "nothing there"

    def _receive(self) -> str:
        receive_stock(
            self._chance.choice(self._hall.warehouses),
            self._chance.choice(self._goods),
            2,
            reference="restock",
            now=timezone.now(),
        )
        return "received"

    def _transfer(self) -> str:
        """Send a unit each of two variants from one warehouse to another, and take them in."""
        now = timezone.now()
        origin, destination = self._chance.sample(list(self._hall.warehouses), 2)
        transfer = begin_transfer(
            Transfer(origin=origin, destination=destination, expected_on=now.date()), now=now
        )
        for variant in self._chance.sample(list(self._goods), 2):
            TransferLine.objects.create(transfer=transfer, variant=variant, quantity=1)
        try:
            ship_transfer(transfer.pk, now=now)
        except StockShort:
            return "nothing there"
        receive_transfer(transfer.pk, {}, now=now)
        return "moved"

    def _lay_out(self) -> str:
        lay_out_hot_levels(timezone.now())
        settle_arrived(timezone.now())
        return "laid out"
