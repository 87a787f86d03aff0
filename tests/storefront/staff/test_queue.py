from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fulfillment.models import Shipment
from orders.models import Order
from storefront.staff.queue import Place, load_queue, place_from
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_scene
from tests.storefront.staff.parcels import (
    make_held_order,
    make_return,
    make_shipment,
    make_shipments,
    make_transfer,
    put_off,
)
from tests.storefront.staff.people import messages_of, text_of

pytestmark = pytest.mark.django_db


def _numbers(place: Place, *, now: datetime = NOW) -> list[str]:
    return [row.number for row in load_queue(place, now=now).rows]


def test_queue_is_by_moment_then_carrier() -> None:
    scene = make_scene()
    late, early, other = make_shipments(scene, 3)
    same = NOW + timedelta(hours=5)
    put_off(late, to=same + timedelta(hours=1))
    put_off(early, to=same)
    put_off(other, to=same)
    Shipment.objects.filter(pk=other.pk).update(
        service=factories.make_service("express", carrier=factories.make_carrier("aardvark"))
    )

    assert _numbers(Place()) == [other.number, early.number, late.number]


def test_queue_shows_a_state_and_counts_all() -> None:
    _planned, picking, packed, broken = make_shipments(make_scene(), 4)
    status_of = Shipment.Status
    for shipment, status in [
        (picking, status_of.PICKING),
        (packed, status_of.PACKED),
        (broken, status_of.EXCEPTION),
    ]:
        Shipment.objects.filter(pk=shipment.pk).update(status=status)

    queue = load_queue(Place("packed"), now=NOW)

    assert [row.number for row in queue.rows] == [packed.number]
    assert [tab.count for tab in queue.tabs] == [2, 1, 0, 1]
    assert [tab.is_current for tab in queue.tabs] == [False, True, False, False]


def test_queue_of_a_warehouse_leaves_the_others_out() -> None:
    scene = make_scene()
    here, there = make_shipments(scene, 2)
    Shipment.objects.filter(pk=there.pk).update(warehouse=scene.warehouses[1])

    queue = load_queue(Place(warehouse="w1"), now=NOW)

    assert [row.number for row in queue.rows] == [there.number]
    assert queue.tabs[0].count == 1
    assert queue.tabs[1].url == "/staff/?state=packed&warehouse=w1"
    assert queue.rows[0].url.endswith("?state=to_pick&warehouse=w1")
    assert here.number not in [row.number for row in queue.rows]


def test_today_is_the_warehouse_day() -> None:
    tokyo = factories.make_warehouse("tyo", time_zone="Asia/Tokyo", country="JP")
    shipment = make_shipment(make_scene())
    # 23:30 UTC on the 23rd is the 24th in Tokyo and in Amsterdam, and 14:30 UTC the day before
    # is 23:30 in Tokyo.
    for gone, is_today in [
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 14, 30, tzinfo=UTC), False),
    ]:
        Shipment.objects.filter(pk=shipment.pk).update(
            status=Shipment.Status.DISPATCHED, dispatched_at=gone, warehouse=tokyo
        )
        assert (_numbers(Place("dispatched")) == [shipment.number]) is is_today


def test_overdue_is_said_in_a_word(packer: Client) -> None:
    shipment = make_shipment(make_scene())
    put_off(shipment, to=datetime(2020, 1, 1, tzinfo=UTC))

    assert "Overdue" in text_of(packer.get("/staff/"))


def test_queue_is_cut_and_says_so() -> None:
    make_shipments(make_scene(), 3)

    queue = load_queue(Place(), now=NOW, limit=2)

    assert (len(queue.rows), queue.total, queue.is_cut) == (2, 3, True)


def test_unknown_state_is_the_first() -> None:
    assert place_from({"state": "nonsense"}) == Place("to_pick")


@pytest.mark.parametrize("state", ["to_pick", "packed", "dispatched", "exception"])
def test_empty_tab_says_so(packer: Client, state: str) -> None:
    assert "Nothing waits here." in text_of(packer.get("/staff/", {"state": state}))


def _queries(client: Client, page: str) -> int:
    client.get(page)  # The session and the permissions are read once and kept.
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


def _fill_shipments(scene: Scene) -> Any:
    return make_shipment(scene)


@pytest.mark.parametrize(
    ("page", "make"),
    [
        ("/staff/", _fill_shipments),
        ("/staff/", make_held_order),
        ("/staff/", make_transfer),
        ("/staff/returns/", make_return),
    ],
)
def test_queue_asks_as_much_for_one_as_for_many(
    merchant: Client, page: str, make: Callable[[Scene], Any]
) -> None:
    scene = make_scene()
    make(scene)
    one = _queries(merchant, page)
    for _ in range(23):
        make(scene)

    assert _queries(merchant, page) == one


def test_shipment_page_asks_as_much_for_one_in_the_queue_as_for_many(merchant: Client) -> None:
    scene = make_scene()
    shipment = make_shipment(scene)
    page = reverse("staff:shipment", args=[shipment.number])
    one = _queries(merchant, page)
    make_shipments(scene, 23)

    assert _queries(merchant, page) == one


def test_held_order_is_released_and_says_who_did_it(merchant: Client) -> None:
    order = make_held_order(make_scene())
    words = text_of(merchant.get("/staff/"))
    assert "62 of 100" in words
    assert "6 failed payments within a day. +45" in words

    response = merchant.post(
        reverse("staff:release-order", args=[order.number]), {"back": "/staff/?state=packed"}
    )

    assert response["Location"] == "/staff/?state=packed"
    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    event = order.events.get(kind="order_released")
    assert event.data == {"by": "Mara"}


def test_held_order_is_cancelled(merchant: Client) -> None:
    order = make_held_order(make_scene())

    response = merchant.post(reverse("staff:cancel-order", args=[order.number]), follow=True)

    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert messages_of(response) == [
        f"{order.number} is cancelled. The shopper gets the money back."
    ]


@pytest.mark.parametrize("step", ["release-order", "cancel-order"])
def test_decision_that_comes_too_late_changes_nothing(merchant: Client, step: str) -> None:
    order = make_held_order(make_scene())
    merchant.post(reverse("staff:release-order", args=[order.number]))

    response = merchant.post(reverse(f"staff:{step}", args=[order.number]), follow=True)

    assert response.status_code == 200
    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    assert messages_of(response)[-1].startswith(f"Nothing changed: {order.number} is already")


def test_decision_never_leads_to_another_site(merchant: Client) -> None:
    order = make_held_order(make_scene())

    response = merchant.post(
        reverse("staff:release-order", args=[order.number]), {"back": "https://evil.test/"}
    )

    assert response["Location"] == "/staff/"


def test_transfer_is_booked_once(merchant: Client) -> None:
    payment = make_transfer(make_scene())
    number = payment.order.number
    assert "has arrived" in text_of(merchant.get("/staff/"))

    confirm = reverse("staff:confirm-transfer", args=[number])
    first = merchant.post(confirm, follow=True)
    second = merchant.post(confirm, follow=True)

    payment.refresh_from_db()
    assert (payment.status, payment.captured) == ("captured", payment.amount.amount)
    assert f"for {number} is booked." in messages_of(first)[0]
    assert messages_of(second)[0].startswith("Nothing changed")
    assert payment.order.events.filter(kind="payment_captured").count() == 1


def test_transfer_that_nobody_waits_for_is_not_booked(merchant: Client) -> None:
    order = make_held_order(make_scene())

    response = merchant.post(reverse("staff:confirm-transfer", args=[order.number]), follow=True)

    assert messages_of(response) == [f"Nothing changed: {order.number} waits for no transfer."]


def test_order_without_a_route_is_shown(packer: Client) -> None:
    order = factories.make_order(
        make_scene().market, status=Order.Status.RELEASED, placed_at=factories.LONG_AGO
    )

    words = text_of(packer.get("/staff/"))

    assert "No warehouse can send these" in words
    assert order.number in words
