"""What carriers report: checked, kept once, applied forward only, whatever order it comes in."""

import itertools
import json
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from fulfillment.carrier_server import CarrierServer
from fulfillment.carrier_server.server import DEFAULT_SECRET
from fulfillment.carrier_server.webhooks import sign
from fulfillment.carriers.applying import apply_carrier_events
from fulfillment.carriers.looking import SILENT_FOR, ask_about_silent_parcels
from fulfillment.models import Carrier, CarrierEvent, Shipment
from orders.models import OrderEvent
from tests.fulfillment.carriers.packing import dispatch, make_packed, make_yard
from tests.fulfillment.scenes import NOW

pytestmark = pytest.mark.django_db
S = Shipment.Status
NUMBER = "PO123456785XX"
DELAYED = "shipment_delayed"
LATER = NOW + timedelta(days=2)


@pytest.fixture
def parcel() -> Shipment:
    return dispatch(make_packed(make_yard()), NUMBER)


def tell(
    kind: str, *, hours: int = 1, number: str = NUMBER, expected_on: date | None = None,
    event_id: str = "",
) -> CarrierEvent:  # fmt: skip
    """Keep a report as if it had come, `hours` after the parcel left."""
    event_id = event_id or f"evt_{kind}_{hours}"
    occurred_at = NOW + timedelta(hours=hours)
    expected = expected_on.isoformat() if expected_on else None
    return CarrierEvent.objects.create(
        carrier=Carrier.objects.get(),
        event_id=event_id,
        tracking_number=number,
        kind=kind,
        occurred_at=occurred_at,
        payload={"expected_on": expected},
        received_at=LATER,
        next_try_at=LATER,
    )


def post(
    client: Client, event: dict[str, Any], *, secret: str = DEFAULT_SECRET, **more: Any
) -> Any:
    body = json.dumps(event)
    stamp = more.get("timestamp", int(time.time()))
    return client.post(
        f"/webhooks/carriers/{more.get('code', 'postline')}/",
        body,
        content_type="application/json",
        headers={"Carrier-Signature": sign(body, secret=secret, timestamp=stamp)},
    )


def event_of(kind: str = "in_transit", **changes: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "carrier": "postline",
        "tracking_number": NUMBER,
        "kind": kind,
        "occurred_at": (NOW + timedelta(hours=1)).isoformat(),
        "expected_on": None,
        **changes,
    }


@pytest.mark.usefixtures("carriers", "parcel")
def test_report_is_kept_once_however_often_it_comes(client: Client) -> None:
    for _ in range(3):
        assert post(client, event_of()).status_code == HTTPStatus.OK
    event = CarrierEvent.objects.get()
    assert (event.kind, event.tracking_number, event.payload) == ("in_transit", NUMBER, event_of())


@pytest.mark.usefixtures("carriers", "parcel")
@pytest.mark.parametrize(
    "how",
    [{"secret": "wrong"}, {"timestamp": 1_000_000_000}, {"secret": ""}],
    ids=["forged", "old", "unsigned"],
)
def test_report_without_its_signature_is_refused(client: Client, how: dict[str, Any]) -> None:
    assert post(client, event_of(), **how).status_code == HTTPStatus.BAD_REQUEST
    assert not CarrierEvent.objects.exists()


@pytest.mark.usefixtures("carriers", "parcel")
@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "e" * 81},
        {"tracking_number": "T" * 81},
        {"note": "\x00"},
        {"occurred_at": "2026-11-24T09:00:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"kind": "abducted"},
        {"occurred_at": 7},
    ],
)
def test_signed_nonsense_is_refused(client: Client, changes: dict[str, Any]) -> None:
    assert post(client, event_of(**changes)).status_code == HTTPStatus.BAD_REQUEST
    assert not CarrierEvent.objects.exists()


@pytest.mark.usefixtures("carriers", "parcel")
def test_signature_of_strange_letters_is_refused(client: Client) -> None:
    answer = client.post(
        "/webhooks/carriers/postline/",
        "{}",
        content_type="application/json",
        headers={"Carrier-Signature": "t=1,v1=\u00e9"},
    )
    assert answer.status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.usefixtures("carriers", "parcel")
def test_report_from_the_future_does_not_outlive_later_ones(client: Client) -> None:
    post(client, event_of("delayed", occurred_at="2999-01-01T00:00:00+00:00"))
    assert CarrierEvent.objects.get().occurred_at <= timezone.now()


@pytest.mark.usefixtures("carriers")
def test_unknown_carrier_is_not_listened_to(client: Client) -> None:
    assert post(client, event_of(), code="nobody").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/webhooks/carriers/postline/").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_delivered_parcel_is_delivered_when_the_carrier_says(parcel: Shipment) -> None:
    tell("delivered", hours=30)
    assert apply_carrier_events(LATER) == 1
    parcel.refresh_from_db()
    assert (parcel.status, parcel.delivered_at) == (S.DELIVERED, NOW + timedelta(hours=30))
    parcel.order.refresh_from_db()
    assert parcel.order.status == "completed"


def test_arrival_in_the_future_is_now(parcel: Shipment) -> None:
    tell("delivered", hours=100)
    apply_carrier_events(LATER)
    parcel.refresh_from_db()
    assert parcel.delivered_at == LATER


def test_every_order_of_arrival_ends_the_same(parcel: Shipment) -> None:
    story = [
        ("in_transit", 1, None),
        ("delayed", 2, date(2026, 12, 3)),
        ("delayed", 3, date(2026, 12, 1)),
        ("lost", 4, None),
        ("delivered", 5, None),
    ]
    ends = set()
    for turn in itertools.permutations(story):
        CarrierEvent.objects.all().delete()
        Shipment.objects.update(status=S.DISPATCHED, expected_on=None, delivered_at=None)
        for kind, hours, expected_on in turn:
            tell(kind, hours=hours, expected_on=expected_on)
            # Each comes alone and is applied before the next is there.
            apply_carrier_events(LATER)
        parcel.refresh_from_db()
        ends.add((parcel.status, parcel.delivered_at))
        assert not CarrierEvent.objects.filter(applied_at=None).exists()
    assert ends == {(S.DELIVERED, NOW + timedelta(hours=5))}


@pytest.mark.parametrize("turn", [(0, 1), (1, 0)])
def test_last_word_on_a_delay_counts(parcel: Shipment, turn: tuple[int, int]) -> None:
    reports = [(2, date(2026, 12, 3)), (3, date(2026, 12, 9))]
    for n in turn:
        hours, day = reports[n]
        tell("delayed", hours=hours, expected_on=day)
        apply_carrier_events(LATER)
    parcel.refresh_from_db()
    promised_to = parcel.promised_to
    assert parcel.expected_on == date(2026, 12, 9)
    assert promised_to < date(2026, 12, 3), "what was promised stays"
    told = [event.data["expected_on"] for event in OrderEvent.objects.filter(kind=DELAYED)]
    assert told == (["2026-12-03", "2026-12-09"] if turn == (0, 1) else ["2026-12-09"])


def test_delay_within_the_promise_is_no_news(parcel: Shipment) -> None:
    tell("delayed", expected_on=parcel.promised_to)
    apply_carrier_events(LATER)
    assert not OrderEvent.objects.filter(kind=DELAYED).exists()


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(2030, 1, 1)])
def test_delay_to_an_absurd_day_is_not_shown(parcel: Shipment, day: date) -> None:
    tell("delayed", expected_on=day)
    apply_carrier_events(LATER)
    parcel.refresh_from_db()
    assert parcel.expected_on is None
    assert CarrierEvent.objects.get().error == "It names no day that may be meant."


@pytest.mark.parametrize("kind", ["lost", "damaged"])
def test_lost_or_damaged_parcel_needs_attention(parcel: Shipment, kind: str) -> None:
    tell(kind)
    tell("in_transit", hours=2)
    apply_carrier_events(LATER)
    parcel.refresh_from_db()
    assert parcel.status == S.EXCEPTION
    assert OrderEvent.objects.get(kind="shipment_exception").data["cause"] == kind


def test_lost_parcel_that_turns_up_after_it_was_resent_changes_nothing(parcel: Shipment) -> None:
    tell("lost")
    apply_carrier_events(LATER)
    Shipment.objects.update(resolution=Shipment.Resolution.RESENT)
    tell("delivered", hours=20)
    assert apply_carrier_events(LATER) == 1
    parcel.refresh_from_db()
    assert parcel.status == S.EXCEPTION
    assert "turned up" in CarrierEvent.objects.get(kind="delivered").error


def test_unknown_number_is_kept_with_its_reason_and_found_later(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    tell("delivered", hours=1, number="PO000000000XX")
    assert apply_carrier_events(LATER) == 0
    event = CarrierEvent.objects.get()
    assert (event.error, event.applied_at) == ("No parcel of ours has this number.", None)
    assert event.next_try_at is not None
    dispatch(shipment, "PO000000000XX")
    assert apply_carrier_events(event.next_try_at) == 1
    shipment.refresh_from_db()
    assert shipment.status == S.DELIVERED


def test_unknown_number_is_given_up_in_the_end() -> None:
    make_yard()
    tell("delivered", number="PO000000000XX")
    now = LATER + timedelta(days=15)
    apply_carrier_events(now)
    event = CarrierEvent.objects.get()
    assert (event.applied_at, event.next_try_at) == (None, None)
    assert event.error


def test_report_before_the_dispatch_waits_for_it(carriers: CarrierServer) -> None:
    from fulfillment.carriers.labels import request_label

    shipment = make_packed(make_yard())
    number = request_label(shipment.pk, now=NOW).tracking_number
    tell("delivered", hours=1, number=number)
    assert apply_carrier_events(LATER) == 0
    shipment.refresh_from_db()
    assert shipment.status == S.PACKED
    dispatch(shipment, number)
    event = CarrierEvent.objects.get()
    assert event.next_try_at is not None
    assert apply_carrier_events(event.next_try_at) == 1


def test_silent_parcel_is_asked_about(carriers: CarrierServer) -> None:
    from fulfillment.carriers.labels import request_label

    shipment = make_packed(make_yard())
    number = request_label(shipment.pk, now=NOW).tracking_number
    dispatch(shipment, number)
    carriers.move(number, "picked_up")
    carriers.move(number, "delivered")
    assert ask_about_silent_parcels(NOW + timedelta(hours=1)) == 0
    late = NOW + SILENT_FOR + timedelta(hours=1)
    assert ask_about_silent_parcels(late) == 2
    assert ask_about_silent_parcels(late) == 0
    assert CarrierEvent.objects.count() == 2


@pytest.fixture
def told(carriers: CarrierServer, live_server: LiveServer) -> Iterator[CarrierServer]:
    carriers.webhook_url = f"{live_server.url}/webhooks/carriers/"
    yield carriers
    carriers.webhook_url = None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("manner", ["once", "doubled", "held"])
def test_carriers_own_webhooks_bring_a_parcel_home(told: CarrierServer, manner: str) -> None:
    from fulfillment.carriers.labels import request_label

    shipment = make_packed(make_yard())
    number = request_label(shipment.pk, now=NOW).tracking_number
    dispatch(shipment, number)
    told.webhooks("postline", manner)
    for kind in ("picked_up", "in_transit", "customs", "out_for_delivery", "delivered"):
        told.move(number, kind)
    if manner == "held":
        assert not CarrierEvent.objects.exists()
        told.webhooks("postline", "once")
    assert told.wait_until_told()
    assert CarrierEvent.objects.count() == 5
    kinds = CarrierEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert (kinds[0] == "delivered") == (manner == "held"), "held ones come newest first"
    apply_carrier_events(datetime.now(NOW.tzinfo) + timedelta(minutes=10))
    shipment.refresh_from_db()
    assert shipment.status == S.DELIVERED
    assert CarrierEvent.objects.filter(applied_at=None).count() == 0
