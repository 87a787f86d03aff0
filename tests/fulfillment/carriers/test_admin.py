from datetime import timedelta

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client
from django.urls import reverse

from fulfillment.carrier_server import CarrierServer
from fulfillment.carriers.applying import apply_carrier_events
from fulfillment.carriers.labels import request_label
from fulfillment.models import CarrierEvent
from tests.fulfillment.carriers.packing import make_packed, make_yard
from tests.fulfillment.scenes import NOW

pytestmark = pytest.mark.django_db


def test_labels_are_listed_without_their_documents(
    admin_client: Client, carriers: CarrierServer
) -> None:
    label = request_label(make_packed(make_yard()).pk, now=NOW)
    listed = admin_client.get(reverse("admin:fulfillment_shipmentlabel_changelist"))
    page = admin_client.get(reverse("admin:fulfillment_shipmentlabel_change", args=[label.pk]))
    for response in (listed, page):
        assert label.tracking_number in response.content.decode()
        assert b"%PDF" not in response.content


def test_event_that_was_given_up_is_applied_again(admin_client: Client) -> None:
    yard = make_yard()
    event = CarrierEvent.objects.create(
        carrier=yard.first.carrier,
        event_id="evt_1",
        tracking_number="PO1",
        kind="delivered",
        occurred_at=NOW,
        payload={},
        received_at=NOW,
        next_try_at=NOW,
    )
    apply_carrier_events(NOW + timedelta(days=30))
    event.refresh_from_db()
    assert event.next_try_at is None
    response = admin_client.post(
        reverse("admin:fulfillment_carrierevent_changelist"),
        {"action": "replay", ACTION_CHECKBOX_NAME: [event.pk]},
        follow=True,
    )
    assert "1 event is applied again." in response.content.decode()
    again = CarrierEvent.objects.get()
    assert again.next_try_at is not None
    assert again.error == ""
