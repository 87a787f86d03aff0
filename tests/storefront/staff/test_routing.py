from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment, ShipmentLabel, StockLevel
from fulfillment.routes import route_order
from fulfillment.shipping import pack_shipment
from orders.models import Order
from tests import factories
from tests.fulfillment.scenes import (
    NOW,
    Scene,
    make_paid_order,
    make_scene,
    send,
    stock_problems,
)
from tests.storefront.staff.people import messages_of, text_of

pytestmark = pytest.mark.django_db
S = Shipment.Status


def _planned(scene: Scene, *, units: int = 3) -> Shipment:
    variant = factories.make_variant()
    for warehouse in scene.warehouses:
        factories.make_stock(variant, warehouse, 5)
    order = make_paid_order(scene, {variant: units})
    route_order(order.pk, now=NOW)
    return order.shipments.get()


def _report(client: Client, shipment: Shipment, found: object, **form: str) -> list[str]:
    line = shipment.lines.get()
    data = {f"found-{line.pk}": str(found), "reason": "not on the shelf", **form}
    address = reverse("staff:short-pick", args=[shipment.number])
    return messages_of(client.post(address, data, follow=True))


def test_short_pick_is_reported_on_the_page_of_the_parcel(packer: Client) -> None:
    shipment = _planned(make_scene())
    page = reverse("staff:shipment", args=[shipment.number])
    assert 'data-test="short-pick"' in packer.get(page).content.decode()

    assert _report(packer, shipment, 1) == ["Booked. The rest is sent from elsewhere."]

    assert "1 parcel from W1" in text_of(packer.get(page))
    assert shipment.order.shipments.count() == 2
    assert stock_problems() == []


def test_short_pick_with_nothing_elsewhere_is_told_at_the_desk(merchant: Client) -> None:
    scene = make_scene(costs=("4.00",))
    shipment = _planned(scene)
    sku = shipment.lines.get().order_line.sku

    said = _report(merchant, shipment, 1)

    assert said == [f"Booked. Nobody has 2 × {sku}: it waits and is planned when stock comes in."]
    desk = merchant.get(reverse("staff:queue")).content.decode()
    assert 'data-test="short"' in desk
    assert shipment.order.number in desk
    order = text_of(merchant.get(reverse("staff:order", args=[shipment.order.number])))
    assert f"No warehouse can send these now: 2 × {sku}" in order


def test_damaged_units_are_taken_from_the_same_shelf(packer: Client) -> None:
    shipment = _planned(make_scene())

    said = _report(packer, shipment, 1, kind="damaged")

    assert said == ["Booked as damaged. Take others from the same shelf."]
    level = StockLevel.objects.get(warehouse=shipment.warehouse)
    assert (level.on_hand, level.reserved) == (3, 3)


@pytest.mark.parametrize(("found", "reason"), [("4", "x"), ("many", "x"), ("1", " ")])
def test_short_pick_that_is_not_to_be_read_books_nothing(
    packer: Client, found: str, reason: str
) -> None:
    shipment = _planned(make_scene())

    said = _report(packer, shipment, found, reason=reason)

    assert said[0].startswith("Nothing was booked")
    assert shipment.lines.get().quantity == 3


def test_short_pick_of_a_parcel_that_has_left_changes_nothing(packer: Client) -> None:
    shipment = _planned(make_scene())
    send(shipment)

    assert _report(packer, shipment, 1)[0].startswith("Nothing changed")


def _override(client: Client, order: Order, **form: str) -> list[str]:
    address = reverse("staff:override", args=[order.number])
    return messages_of(client.post(address, form, follow=True))


def test_staff_send_an_order_another_way_with_a_reason(merchant: Client) -> None:
    order = _planned(make_scene()).order
    page = reverse("staff:order", args=[order.number])
    assert 'value="w1/standard-service"' in merchant.get(page).content.decode()

    said = _override(merchant, order, lane="w1/standard-service", reason="w0 moves house")

    assert said == ["It goes the way you chose."]
    words = text_of(merchant.get(page))
    assert "Chosen by staff. 1 parcel from W1" in words
    assert "w0 moves house · Mara" in words
    assert "Decisions before 1" in words


def test_way_that_cannot_be_is_refused_with_why(merchant: Client) -> None:
    scene = make_scene()
    order = _planned(scene).order
    make_paid_order(scene, {order.lines.get().variant: 7})

    said = _override(merchant, order, lane="w1/standard-service", reason="try")

    assert said == [
        "Nothing changed: it cannot go this way. W1: not enough in stock for the whole order"
    ]
    assert order.routings.count() == 1


@pytest.mark.parametrize("form", [{"lane": "w1/standard-service"}, {"reason": "because"}])
def test_way_needs_a_choice_and_a_reason(merchant: Client, form: dict[str, str]) -> None:
    order = _planned(make_scene()).order

    assert _override(merchant, order, **form) == ["Nothing changed: choose a way, and say why."]


def test_sentence_names_what_is_paid_and_the_table_what_is_weighed(merchant: Client) -> None:
    scene = make_scene()
    order = _planned(scene).order
    Order.objects.update(promised_from=NOW.date(), promised_to=NOW.date())

    _override(merchant, order, lane="w1/standard-service", reason="try")

    words = text_of(merchant.get(reverse("staff:order", args=[order.number])))
    words = words.translate({0x2068: "", 0x2069: ""})
    assert "Chosen by staff. 1 parcel from W1 for €7.50. It misses the promised day." in words
    cost = order.routings.get(is_current=True).cost
    assert cost >= 107
    assert f"Lateness, as weighed€{cost - Decimal('7.50'):,}" in words
    assert f"Weighed together€{cost:,}" in words


def test_parcel_with_a_label_is_dispatched_by_its_number(packer: Client) -> None:
    scene = make_scene()
    other, shipment = _planned(scene), _planned(scene)
    pack_shipment(shipment.pk, now=NOW)
    ShipmentLabel.objects.create(
        shipment=shipment, service=shipment.service, operation_key=uuid4(), status="made",
        tracking_number="PO1", requested_at=NOW, made_at=NOW,
    )  # fmt: skip
    assert other.tracking_number == ""

    packer.post(reverse("staff:dispatch", args=[shipment.number]), {"tracking_number": ""})

    shipment.refresh_from_db()
    assert (shipment.status, shipment.tracking_number) == (S.DISPATCHED, "PO1")


def test_packer_sees_no_costs_of_plans(packer: Client) -> None:
    order = _planned(make_scene()).order

    html = packer.get(reverse("staff:order", args=[order.number])).content.decode()

    assert "1 parcel from W0. It keeps the promised day." in html
    assert "€" not in html
    assert "EUR" not in html


def test_lost_parcel_is_sent_again(packer: Client) -> None:
    shipment = _planned(make_scene())
    send(shipment)
    Shipment.objects.update(status=S.EXCEPTION)
    page = packer.get(reverse("staff:shipment", args=[shipment.number])).content.decode()
    assert 'data-test="resend"' in page
    assert 'data-test="refund-lost"' not in page

    address = reverse("staff:resend", args=[shipment.number])
    said = messages_of(packer.post(address, {"reason": "lost in transit"}, follow=True))

    assert said == ["It is planned again; see the order's other parcels."]
    assert shipment.order.shipments.filter(status=S.PLANNED).count() == 1
    queue = packer.get(reverse("staff:queue") + "?state=exception").content.decode()
    assert shipment.number not in queue


def test_lost_parcel_is_paid_back(merchant: Client, packer: Client) -> None:
    shipment = _planned(make_scene())
    send(shipment)
    Shipment.objects.update(status=S.EXCEPTION)
    address = reverse("staff:refund-lost", args=[shipment.number])

    assert packer.post(address).status_code == 403
    said = messages_of(merchant.post(address, follow=True))
    assert [text.translate({0x2068: "", 0x2069: ""}) for text in said] == ["€30.00 goes back."]
