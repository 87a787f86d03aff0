import pytest
from django.test import Client
from django.urls import reverse

from markets.models import TaxIdCheck
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_checks_are_found_and_never_changed_by_hand(admin_client: Client) -> None:
    row = TaxIdCheck.objects.create(
        number="DE136695976", country="DE", kind="eu_vat", outcome="valid", source="vies",
        name="Hafenkontor GmbH", consultation_number="WAPIAAAAY3k0fEdT", checked_at=NOW,
    )  # fmt: skip
    pages = reverse("admin:markets_taxidcheck_changelist")

    for asked in ("DE136695976", "WAPIAAAAY3k0fEdT"):
        assert "Hafenkontor GmbH" in admin_client.get(pages, {"q": asked}).content.decode()

    page = reverse("admin:markets_taxidcheck_change", args=[row.pk])
    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {"outcome": "invalid"}).status_code == 403
    assert admin_client.get(reverse("admin:markets_taxidcheck_add")).status_code == 403
    delete = reverse("admin:markets_taxidcheck_delete", args=[row.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
