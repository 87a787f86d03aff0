"""Stock for people in the admin: levels, movements, deliveries, transfers, counts."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Variant
from fulfillment.models import (
    IncomingStock,
    Sellable,
    StockBucket,
    StockCount,
    StockLevel,
    StockMovement,
    Transfer,
    Warehouse,
)
from fulfillment.stock.audit import audit_stock
from fulfillment.stock.incoming import announce_stock
from tests import factories
from tests.fulfillment.scenes import Scene, make_scene, reserve

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = timezone.now().date()
SOON = TODAY + timedelta(days=7)


def _client(client: Client, *rights: str) -> Client:
    user = get_user_model().objects.create(email="ole@example.com", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label__in=["fulfillment", "orders"], codename__startswith="view_"
        )
        | Permission.objects.filter(codename__in=rights)
    )
    client.force_login(user)
    return client


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def cup(scene: Scene) -> Variant:
    variant = factories.make_variant(sku="CUP", barcode="4006381333931")
    factories.make_stock(variant, scene.warehouses[0], 10)
    return variant


def _address(model: str, page: str, pk: int | None = None) -> str:
    return reverse(f"admin:fulfillment_{model}_{page}", args=[pk] if pk else [])


def _errors(page: Any) -> list[str]:
    return list(page.context["adminform"].form.errors)


# Levels


def test_level_takes_what_a_merchant_decides_and_nothing_else(cup: Variant, client: Client) -> None:
    level = StockLevel.objects.get()
    _client(client, "change_stocklevel")
    sent = {"safety": 2, "preorder_limit": 5, "buckets": 2, "on_hand": 99, "reserved": 7}

    assert client.post(_address("stocklevel", "change", level.pk), sent).status_code == 302

    level.refresh_from_db()
    assert (level.safety, level.preorder_limit, level.buckets, level.on_hand) == (2, 5, 2, 10)
    assert Sellable.objects.get().units == 8
    assert sum(StockBucket.objects.values_list("free", flat=True)) == 8


@pytest.mark.parametrize(
    ("field", "value"), [("safety", -1), ("preorder_limit", 2), ("buckets", 65)]
)
def test_level_names_the_field_that_makes_no_sense(
    field: str, value: int, cup: Variant, client: Client
) -> None:
    StockLevel.objects.update(preorder_limit=5, preordered=3)
    _client(client, "change_stocklevel")
    sent = {"safety": 0, "preorder_limit": 5, "buckets": 0, field: value}

    page = client.post(_address("stocklevel", "change", StockLevel.objects.get().pk), sent)

    assert _errors(page) == [field]


# Movements


def _book(client: Client, warehouse: Warehouse, **fields: Any) -> Any:
    sent = {"warehouse": warehouse.pk, "sku": "CUP", "reference": "", "reason": "", **fields}
    return client.post(_address("stockmovement", "add"), sent)


@pytest.mark.parametrize(
    ("kind", "units", "left"), [("receipt", 5, 15), ("damage", 4, 6), ("count", 7, 7)]
)
def test_form_sent_twice_is_booked_once(
    kind: str, units: int, left: int, scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_stockmovement")
    key = uuid4()
    for _ in range(2):
        answer = _book(client, scene.warehouses[0], kind=kind, units=units, reason="wet", key=key)
        assert answer.status_code == 302
    assert StockLevel.objects.get().on_hand == left
    assert StockMovement.objects.filter(entry_key=key).count() == 1


def test_damage_wants_a_reason_and_units_that_no_order_holds(
    scene: Scene, cup: Variant, client: Client
) -> None:
    reserve(factories.make_order(scene.market, {cup: 4}))
    _client(client, "add_stockmovement")
    page = _book(client, scene.warehouses[0], kind="damage", units=7)
    assert sorted(_errors(page)) == ["reason", "units"]
    assert StockLevel.objects.get().on_hand == 10


# Deliveries


def test_delivery_is_announced_moved_and_received_once(
    scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_incomingstock", "change_incomingstock")
    sent = {
        "warehouse": scene.warehouses[0].pk, "variant": "4006381333931", "quantity": 8,
        "expected_on": SOON.isoformat(), "reference": "PO 7",
    }  # fmt: skip
    assert client.post(_address("incomingstock", "add"), sent).status_code == 302
    incoming = IncomingStock.objects.get()
    later = SOON + timedelta(days=3)
    client.post(
        _address("incomingstock", "change", incoming.pk),
        {"expected_on": later.isoformat(), "reference": "PO 7b", "quantity": 99},
    )
    receive = _address("incomingstock", "receive", incoming.pk)
    assert client.get(receive).status_code == 200
    for _ in range(2):
        client.post(receive, {"units": 3, "received": 0})
    incoming.refresh_from_db()
    assert (incoming.quantity, incoming.received, incoming.expected_on, incoming.reference) == (
        8, 3, later, "PO 7b",
    )  # fmt: skip
    assert StockLevel.objects.get().on_hand == 13
    client.post(receive, {"units": 0, "received": 3, "closes": "on"})
    incoming.refresh_from_db()
    assert incoming.closed_at is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [("variant", "NONE"), ("quantity", 0), ("expected_on", "2020-01-01")],
)
def test_delivery_names_the_field_that_makes_no_sense(
    field: str, value: Any, scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_incomingstock")
    sent = {
        "warehouse": scene.warehouses[0].pk, "variant": "CUP", "quantity": 8,
        "expected_on": SOON.isoformat(), field: value,
    }  # fmt: skip
    assert _errors(client.post(_address("incomingstock", "add"), sent)) == [field]


# Transfers


def _prepare(client: Client, scene: Scene, *, quantity: int = 6) -> Transfer:
    origin, destination = scene.warehouses
    sent = {
        "origin": origin.pk, "destination": destination.pk, "expected_on": SOON.isoformat(),
        "note": "", "lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 0, "lines-0-variant": "CUP",
        "lines-0-quantity": quantity,
    }  # fmt: skip
    assert client.post(_address("transfer", "add"), sent).status_code == 302
    return Transfer.objects.get()


def test_transfer_is_prepared_shipped_and_received_with_a_loss(
    scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_transfer", "change_transfer")
    transfer = _prepare(client, scene)
    assert transfer.number.startswith("W0-T")
    ship = _address("transfer", "ship", transfer.pk)
    assert "CUP" in client.get(ship).content.decode()
    for _ in range(2):
        client.post(ship)
    line = transfer.lines.get()
    receive = _address("transfer", "receive", transfer.pk)
    page = client.post(receive, {f"{line.pk}-received": 5, f"{line.pk}-reason": ""})
    assert [list(form.errors) for form in page.context["forms"]] == [["reason"]]
    page = client.post(receive, {f"{line.pk}-received": 7, f"{line.pk}-reason": ""})
    assert [list(form.errors) for form in page.context["forms"]] == [["received"]]
    for _ in range(2):
        client.post(receive, {f"{line.pk}-received": 5, f"{line.pk}-reason": "one broke"})
    transfer.refresh_from_db()
    assert transfer.status == Transfer.Status.RECEIVED
    levels = StockLevel.objects.order_by("warehouse").values_list("on_hand", flat=True)
    assert list(levels) == [4, 5]
    assert client.get(_address("transfer", "change", transfer.pk)).status_code == 200


def test_transfer_names_what_falls_short_and_can_be_cancelled(
    scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_transfer", "change_transfer")
    transfer = _prepare(client, scene, quantity=11)
    page = client.post(_address("transfer", "ship", transfer.pk), follow=True)
    assert "than are to go: CUP." in page.content.decode()
    client.post(_address("transfer", "cancel", transfer.pk))
    transfer.refresh_from_db()
    assert transfer.status == Transfer.Status.CANCELLED
    assert StockLevel.objects.get().on_hand == 10


def test_transfer_goes_to_another_warehouse(scene: Scene, cup: Variant, client: Client) -> None:
    _client(client, "add_transfer")
    place = scene.warehouses[0].pk
    sent = {
        "origin": place, "destination": place, "expected_on": SOON.isoformat(),
        "lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 0, "lines-0-variant": "CUP",
        "lines-0-quantity": 1,
    }  # fmt: skip
    assert _errors(client.post(_address("transfer", "add"), sent)) == ["destination"]


# Counts


def _upload(client: Client, scene: Scene, text: str) -> Any:
    file = SimpleUploadedFile("count.csv", text.encode())
    sent = {"warehouse": scene.warehouses[0].pk, "note": "", "file": file}
    return client.post(_address("stockcount", "add"), sent)


def test_count_shows_its_differences_and_is_booked_once_approved(
    scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_stockcount", "change_stockcount")
    assert _upload(client, scene, "sku,counted\nCUP,7\n").status_code == 302
    count = StockCount.objects.get()
    page = client.get(_address("stockcount", "change", count.pk))
    assert [difference for _line, difference in page.context["differences"]] == [-3]
    for _ in range(2):
        client.post(_address("stockcount", "approve", count.pk))
    count.refresh_from_db()
    assert (count.status, StockLevel.objects.get().on_hand) == (StockCount.Status.APPROVED, 7)


def test_count_that_is_uploaded_twice_is_kept_once(
    scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_stockcount")
    _upload(client, scene, "sku,counted\nCUP,7\n")
    page = _upload(client, scene, "sku,counted\nCUP,7\n")
    assert list(page.context["form"].errors) == ["file"]
    assert StockCount.objects.count() == 1


def test_count_problems_are_told_by_line_and_column(
    scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_stockcount")
    page = _upload(client, scene, "sku,counted\nCUP,many\nNONE,2\n")
    found = [(problem.line, problem.column) for problem in page.context["problems"]]
    assert found == [(2, "counted"), (3, "sku")]
    assert not StockCount.objects.exists()


def test_count_that_orders_block_leads_to_them(scene: Scene, cup: Variant, client: Client) -> None:
    order = factories.make_order(scene.market, {cup: 4})
    reserve(order)
    _client(client, "add_stockcount", "change_stockcount")
    _upload(client, scene, "sku,counted\nCUP,3\n")
    count = StockCount.objects.get()
    page = client.post(_address("stockcount", "approve", count.pk)).content.decode()
    assert f"?q={order.number}" in page
    client.post(_address("stockcount", "reject", count.pk))
    count.refresh_from_db()
    assert (count.status, StockLevel.objects.get().on_hand) == (StockCount.Status.REJECTED, 10)


# Rights


def test_pages_of_work_are_closed_without_the_right(
    scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_transfer", "add_stockcount")
    transfer = _prepare(client, scene)
    _upload(client, scene, "sku,counted\nCUP,7\n")
    count = StockCount.objects.get()
    incoming = announce_stock(scene.warehouses[0], cup, 3, expected_on=SOON)
    for model, work, pk in (
        ("transfer", "ship", transfer.pk),
        ("transfer", "receive", transfer.pk),
        ("transfer", "cancel", transfer.pk),
        ("stockcount", "approve", count.pk),
        ("stockcount", "reject", count.pk),
        ("incomingstock", "receive", incoming.pk),
    ):
        assert client.post(_address(model, work, pk)).status_code == 403, (model, work)
    level = StockLevel.objects.order_by("id").first()
    assert level is not None
    client.post(_address("stocklevel", "change", level.pk), {"safety": 9})
    level.refresh_from_db()
    assert (level.on_hand, level.safety) == (10, 0)


@pytest.mark.parametrize(
    "model",
    ["stocklevel", "stockmovement", "incomingstock", "transfer", "stockcount", "stockaudit"],
)
def test_pages_open_for_who_may_look(
    model: str, scene: Scene, cup: Variant, client: Client
) -> None:
    _client(client, "add_transfer", "add_stockcount")
    _prepare(client, scene)
    _upload(client, scene, "sku,counted\nCUP,7\n")
    announce_stock(scene.warehouses[0], cup, 3, expected_on=SOON)
    audit_stock(timezone.now())
    listing = client.get(_address(model, "changelist"))
    assert listing.status_code == 200
    row = listing.context["cl"].result_list[0]
    assert client.get(_address(model, "change", row.pk)).status_code == 200
