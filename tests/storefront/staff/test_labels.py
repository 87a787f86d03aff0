from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.carrier_server import CarrierServer
from fulfillment.carrier_server.server import DEFAULT_KEY, DEFAULT_SECRET
from fulfillment.models import Shipment, ShipmentLabel
from tests.fulfillment.carriers.packing import make_packed, make_yard
from tests.storefront.staff.people import messages_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def carriers(tmp_path: Path, settings: Any) -> Iterator[CarrierServer]:
    with CarrierServer(tmp_path / "carriers") as server:
        settings.SIMULATED_CARRIER_URL = server.url
        settings.SIMULATED_CARRIER_KEY = DEFAULT_KEY
        settings.SIMULATED_CARRIER_SECRET = DEFAULT_SECRET
        yield server


def ask(client: Client, shipment: Shipment) -> list[str]:
    address = reverse("staff:label", args=[shipment.number])
    return messages_of(client.post(address, follow=True))


def test_packer_gets_the_label_and_prints_it(packer: Client, carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    said = ask(packer, shipment)
    (made,) = carriers.labels()
    assert said == [f"Label {made['tracking_number']} is ready. Print it."]
    printed = packer.get(reverse("staff:label-document", args=[shipment.number]))
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")


def test_desk_says_which_parcel_has_no_label_and_why(
    packer: Client, carriers: CarrierServer
) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "refuses")
    said = ask(packer, shipment)
    assert said == ["Postline made no label: The receiver's address is not known to us."]
    desk = unescape(text_of(packer.get(reverse("staff:queue"))))
    assert "Parcels without a label" in desk
    assert shipment.number in desk
    assert "The receiver's address is not known to us." in desk
    assert "Refused: needs a person" in desk


def test_desk_says_which_carrier_is_down(packer: Client, carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "down")
    assert ask(packer, shipment) == [
        "Postline has not answered yet. The label is asked for again by itself."
    ]
    for _ in range(3):
        said = ask(packer, shipment)
    assert said[0].startswith("Postline made no label: HTTP 503")
    assert "Postline does not answer." in text_of(packer.get(reverse("staff:queue")))


def test_label_is_for_those_who_ship(client: Client, carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    for name, verb in (("label", client.post), ("label-document", client.get)):
        response = verb(reverse(f"staff:{name}", args=[shipment.number]))
        assert response.status_code == 302
        assert reverse("staff:login") in response["Location"]
    assert not ShipmentLabel.objects.exists()


def test_document_that_is_not_there_is_not_found(packer: Client) -> None:
    shipment = make_packed(make_yard(adapter=""))
    address = reverse("staff:label-document", args=[shipment.number])
    assert packer.get(address).status_code == 404
