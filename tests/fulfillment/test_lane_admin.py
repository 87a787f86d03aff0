"""The merchant's pages of carriers, zones, closures and how lanes do."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from fulfillment.models import CarrierService, Closure, LaneScore, Zone
from tests import factories
from tests.fulfillment.scenes import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(client: Client) -> Client:
    user = get_user_model().objects.create(
        email="boss@example.com", is_staff=True, is_superuser=True
    )
    client.force_login(user)
    return client


def _score(scene: Scene, **fields: Any) -> LaneScore:
    defaults = {
        "service": scene.zones[0].service, "warehouse": scene.warehouses[0], "country": "DE",
        "parcels": 200, "on_time": 190, "recent_parcels": 50, "recent_on_time": 40,
        "days_median": 2, "days_p90": Decimal("3.0"), "cost": Decimal("5.10"),
        "computed_at": factories.NOW,
    }  # fmt: skip
    return LaneScore.objects.create(**{**defaults, **fields})


def _zone_form(zone: Zone, **changes: Any) -> dict[str, Any]:
    return {
        "service": zone.service_id, "warehouse": zone.warehouse_id, "countries": "DE AT",
        "base_cost": "4", "cost_per_kg": "1", "max_weight_grams": "30000",
        "transit_days_min": "1", "transit_days_max": "3", "customs_days_min": "0",
        "customs_days_max": "0", "brackets-TOTAL_FORMS": "0", "brackets-INITIAL_FORMS": "0",
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["carrier", "carrierservice", "zone", "closure", "lanescore"])
def test_lane_pages_open(name: str, admin_client: Client) -> None:
    scene = make_scene()
    _score(scene)
    Closure.objects.create(
        warehouse=scene.warehouses[0], first_on=date(2026, 1, 5), last_on=date(2026, 1, 6),
        reason="Stock-taking",
    )  # fmt: skip

    listing = admin_client.get(reverse(f"admin:fulfillment_{name}_changelist"))
    row = listing.context["cl"].result_list[0]
    page = admin_client.get(reverse(f"admin:fulfillment_{name}_change", args=[row.pk]))

    assert (listing.status_code, page.status_code) == (200, 200)


def test_service_days_are_ticked(admin_client: Client) -> None:
    service = make_scene().zones[0].service
    address = reverse("admin:fulfillment_carrierservice_change", args=[service.pk])
    page = admin_client.get(address).content.decode()
    assert "Saturday" in page

    answer = admin_client.post(
        address,
        {
            "carrier": service.carrier_id, "code": service.code, "name": service.name,
            "option": service.option, "fuel_percent": "0", "pickup_days": ["0", "4"],
            "delivery_days": ["0", "5"], "refused_hazards": ["aerosol"], "is_active": "on",
        },
    )  # fmt: skip

    assert answer.status_code == 302
    service = CarrierService.objects.get()
    assert (service.pickup_days, service.delivery_days) == ([0, 4], [0, 5])
    assert service.refused_hazards == ["aerosol"]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("transit_days_max", {"transit_days_min": "4"}),
        ("customs_days_max", {"customs_days_min": "1"}),
        ("base_cost", {"base_cost": "-1"}),
        ("countries", {"countries": "DE, Narnia"}),
        ("max_weight_grams", {"max_weight_grams": "0"}),
    ],
)
def test_zone_errors_name_their_field(
    field: str, changes: dict[str, str], admin_client: Client
) -> None:
    zone = make_scene().zones[0]
    address = reverse("admin:fulfillment_zone_change", args=[zone.pk])

    page = admin_client.post(address, _zone_form(zone, **changes))

    assert list(page.context["adminform"].form.errors) == [field]


def test_zone_is_saved_with_countries_and_brackets(admin_client: Client) -> None:
    zone = make_scene().zones[0]
    address = reverse("admin:fulfillment_zone_change", args=[zone.pk])

    answer = admin_client.post(
        address,
        _zone_form(zone, **{
            "countries": "de, fr de", "brackets-TOTAL_FORMS": "1",
            "brackets-0-zone": zone.pk, "brackets-0-up_to_grams": "2000", "brackets-0-cost": "3.5",
        }),
    )  # fmt: skip

    assert answer.status_code == 302
    zone.refresh_from_db()
    assert zone.countries == ["DE", "FR"]
    assert zone.brackets.get().cost == Decimal("3.50")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("country", {}),
        ("warehouse", {"warehouse": True, "country": "JP"}),
        ("last_on", {"country": "JP", "last_on": "2026-05-01"}),
        ("last_on", {"country": "JP", "last_on": "2026-09-01"}),
    ],
)
def test_closure_errors_name_their_field(
    field: str, changes: dict[str, Any], admin_client: Client
) -> None:
    warehouse = make_scene().warehouses[0]
    data = {"reason": "Pause", "first_on": "2026-05-02", "last_on": "2026-05-06", **changes}
    if data.get("warehouse"):
        data["warehouse"] = warehouse.pk

    page = admin_client.post(reverse("admin:fulfillment_closure_add"), data)

    assert field in page.context["adminform"].form.errors
    assert not Closure.objects.exists()


def test_lane_scores_show_shares_and_trend(admin_client: Client) -> None:
    _score(make_scene())

    page = admin_client.get(reverse("admin:fulfillment_lanescore_changelist")).content.decode()

    assert "W0 → DE" in page
    assert "95.0 %" in page
    assert "↘ 80.0 %" in page


def test_lane_scores_can_be_downloaded(admin_client: Client) -> None:
    score = _score(make_scene())

    answer = admin_client.post(
        reverse("admin:fulfillment_lanescore_changelist"),
        {"action": "download", "_selected_action": [score.pk]},
    )

    head, row = csv.reader(io.StringIO(answer.content.decode()))
    assert dict(zip(head, row, strict=True)) == {
        "carrier": "carrier", "service": "standard-service", "warehouse": "w0", "country": "DE",
        "parcels": "200", "on_time_percent": "95.0", "recent_on_time_percent": "80.0",
        "days_median": "2.0", "days_p90": "3.0", "damaged": "0", "cost_eur": "5.10",
    }  # fmt: skip
