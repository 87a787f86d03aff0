from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from fulfillment.models import Return, StockLevel, StockMovement
from fulfillment.returns import request_return
from fulfillment.routes import route_order
from tests import factories
from tests.fulfillment.scenes import (
    NOW,
    Scene,
    make_paid_order,
    make_scene,
    make_shipped_order,
    reserve,
)

pytestmark = pytest.mark.django_db
PAGES = (
    "warehouse", "carrierservice", "deliveryoption", "stocklevel", "stockmovement", "reservation",
    "shipment", "routingdecision", "return",
)  # fmt: skip
ADD = "admin:fulfillment_stockmovement_add"


@pytest.fixture
def admin_client(client: Client) -> Client:
    user = get_user_model().objects.create(
        email="boss@example.com", is_staff=True, is_superuser=True
    )
    client.force_login(user)
    return client


@pytest.fixture
def scene() -> Scene:
    """Give a scene in which every kind of row is there."""
    scene = make_scene()
    variant = factories.make_variant()
    for warehouse in scene.warehouses:
        factories.make_stock(variant, warehouse, 9)
    route_order(make_paid_order(scene, {variant: 1}).pk, now=NOW)
    order = make_shipped_order(scene, {variant: 1})
    request_return(order, [(order.lines.get().pk, 1, "other")], note="", now=NOW)
    return scene


@pytest.mark.parametrize("name", PAGES)
def test_admin_pages_open(name: str, scene: Scene, admin_client: Client) -> None:
    listing = admin_client.get(reverse(f"admin:fulfillment_{name}_changelist"))
    assert listing.status_code == 200
    row = listing.context["cl"].result_list[0]
    assert (
        admin_client.get(reverse(f"admin:fulfillment_{name}_change", args=[row.pk])).status_code
        == 200
    )


def test_admin_shows_routing_in_words(scene: Scene, admin_client: Client) -> None:
    order = scene.warehouses[0].shipments.order_by("id")[0].order
    page = admin_client.get(
        reverse("admin:fulfillment_routingdecision_change", args=[order.routings.get().pk])
    )
    text = page.content.decode()
    assert "costs more" in text
    assert "4.50 EUR" in text


def test_admin_edits_a_delivery_option_in_each_language(scene: Scene, admin_client: Client) -> None:
    option = scene.market.delivery_options.get()
    text = admin_client.get(
        reverse("admin:fulfillment_deliveryoption_change", args=[option.pk])
    ).content.decode()
    for field in ("name_en", "name_ar", "description_zh_hans"):
        assert f'name="{field}"' in text


def _book(client: Client, scene: Scene, **fields: Any) -> Any:
    data = {"warehouse": scene.warehouses[0].pk, "reference": "PO 7", **fields}
    return client.post(reverse(ADD), data)


def test_admin_books_a_receipt_and_a_count(admin_client: Client) -> None:
    scene = make_scene()
    variant = factories.make_variant(sku="CUP", barcode="4006381333931")

    assert _book(admin_client, scene, sku="CUP", kind="receipt", units=5).status_code == 302
    assert _book(admin_client, scene, sku="4006381333931", kind="count", units=3).status_code == 302

    assert StockLevel.objects.get(variant=variant).on_hand == 3
    movements = StockMovement.objects.order_by("id")
    assert [(row.kind, row.quantity, row.reference) for row in movements] == [
        ("receipt", 5, "PO 7"),
        ("count", -2, "PO 7"),
    ]
    assert all(row.user is not None for row in movements)


@pytest.mark.parametrize(
    ("sku", "kind", "units", "field"),
    [
        ("NONE", "receipt", 1, "sku"),
        ("CUP", "receipt", 0, "units"),
        ("CUP", "sale", 1, "kind"),
        ("CUP", "count", 5, "units"),
        ("CUP", "count", 1, "units"),
        ("CUP", "count", -1, "units"),
    ],
)
def test_admin_refuses_a_booking_that_makes_no_sense(
    sku: str, kind: str, units: int, field: str, admin_client: Client
) -> None:
    scene = make_scene()
    variant = factories.make_variant(sku="CUP")
    factories.make_stock(variant, scene.warehouses[0], 5)
    reserve(factories.make_order(scene.market, {variant: 2}))

    page = _book(admin_client, scene, sku=sku, kind=kind, units=units)

    assert page.status_code == 200
    assert list(page.context["adminform"].form.errors) == [field]
    assert StockMovement.objects.count() == 1


def test_admin_decides_on_returns(scene: Scene, admin_client: Client) -> None:
    goods_return = Return.objects.get()
    address = reverse("admin:fulfillment_return_changelist")

    for action in ("approve", "reject", "approve"):
        admin_client.post(address, {"action": action, "_selected_action": [goods_return.pk]})

    goods_return.refresh_from_db()
    assert goods_return.status == Return.Status.REJECTED
