"""Twenty buyers at the web server's door for the last unit."""

from pathlib import Path
from threading import Barrier

import pytest
from django.utils import timezone

from fulfillment.models import Reservation, StockLevel
from fulfillment.stock.audit import audit_stock
from orders.models import Order
from tests.fulfillment.races import run_crowd
from tests.storefront.buying import ORDERED, REFUSED, Buyer, Rush, make_hall, put_on_sale
from tests.storefront.web_server import most_in_flight, open_web_server

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS = 20
AT_ONCE = 8


def test_twenty_buyers_get_one_unit_through_the_web_server(tmp_path: Path) -> None:
    hall = make_hall()
    variant = put_on_sale(hall, 0, 1, 0)
    ready = Barrier(BUYERS, timeout=120)

    def rush(buyer: Buyer) -> str:
        word = buyer.prepare()
        ready.wait()
        return word or buyer.buy()

    with open_web_server(tmp_path) as server:
        buyers = [Buyer(server.url, {variant.pk: 1}) for _ in range(BUYERS)]
        day = Rush(buyers, go=rush)
        words = run_crowd(day.jobs(), at_once=BUYERS)
        served = server.served()

    assert words == {ORDERED: 1, REFUSED: BUYERS - 1}, server.log()
    paying = [row for row in served if row.method == "POST" and row.path.endswith("/payment/")]
    assert most_in_flight(paying) >= AT_ONCE
    assert {row.status for row in served} <= {200, 302}
    assert day.false_refusals(1) == []
    assert (Order.objects.count(), Reservation.objects.count()) == (1, 1)
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (1, 1)
    assert audit_stock(timezone.now()).findings == []
