"""What merchants do with files of law in admin: look at what one changes, then take it."""

import csv
import json
import re
from datetime import date, timedelta
from html import unescape
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from markets.law_files import LAW_TABLES
from markets.loading import load_tax_law, load_tax_rates
from markets.models import HsCode, TaxRate
from tests.factories import make_tax_rate

pytestmark = pytest.mark.django_db
IMPORT = "admin:markets_taxrate_import"
HEADER = "country,category,percent,name,valid_from,valid_to\n"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser(email="boss@example.org"))
    return client


@pytest.fixture(autouse=True)
def germany() -> TaxRate:
    return make_tax_rate("DE", "19", valid_from=date(2021, 1, 1))


def send(staff: Client, text: str, page: str = IMPORT, **fields: str) -> str:
    file = SimpleUploadedFile("law.csv", text.encode())
    answer = staff.post(reverse(page), {"file": file, **fields})
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def token_in(html: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found is not None, html
    return found[1]


def confirm(staff: Client, html: str, **fields: str) -> str:
    answer = staff.post(reverse(IMPORT), {"token": token_in(html), **fields}, follow=True)
    return unescape(answer.content.decode())


def test_file_is_looked_at_and_then_taken(staff: Client) -> None:
    html = send(staff, HEADER + "DE,standard,20,MwSt,2999-01-01,\n", source="Steuergesetz")
    assert "Nothing is written yet" in html
    assert TaxRate.objects.count() == 1
    assert "rewrite_past" not in html
    html = confirm(staff, html)
    assert "Rows: 1 new, 0 changed, 1 ended, 0 unchanged." in html
    row = TaxRate.objects.get(percent=20)
    assert (row.source, row.valid_from) == ("Steuergesetz", date(2999, 1, 1))
    assert TaxRate.objects.get(percent=19).valid_to == date(2999, 1, 1)
    entry = LogEntry.objects.get()
    assert (entry.object_repr, "1 new" in entry.change_message) == ("law.csv", True)


def test_last_day_of_the_row_before_is_told(staff: Client) -> None:
    html = send(staff, HEADER + "DE,standard,20,MwSt,2999-01-01,\n")
    assert "12/31/2998" in html


def test_mistakes_are_told_and_nothing_is_kept(staff: Client) -> None:
    html = send(staff, HEADER + "DE,standard,lots,MwSt,2999-01-01,\n")
    assert 'data-test="problems"' in html
    assert "percent" in html
    assert 'name="token"' not in html
    assert TaxRate.objects.count() == 1


def test_past_changes_only_where_that_is_ticked(staff: Client) -> None:
    html = send(staff, HEADER + "DE,standard,18,MwSt,2021-01-01,\n")
    assert "changes the past" in html
    html = confirm(staff, html)
    assert "Agree that the past changes" in html
    assert TaxRate.objects.get().percent == 19
    confirm(staff, html, rewrite_past="yes")
    assert TaxRate.objects.get().percent == 18


def test_table_that_changed_meanwhile_is_shown_anew(staff: Client, germany: TaxRate) -> None:
    html = send(staff, HEADER + "DE,standard,20,MwSt,2999-01-01,\n")
    TaxRate.objects.update(valid_from=date(2022, 1, 1))
    html = confirm(staff, html)
    assert "The table has changed meanwhile" in html
    assert TaxRate.objects.count() == 1
    confirm(staff, html)
    assert TaxRate.objects.count() == 2


def test_file_belongs_to_who_sent_it_and_to_its_table(staff: Client) -> None:
    html = send(staff, HEADER + "DE,standard,20,MwSt,2999-01-01,\n")
    other = Client()
    other.force_login(get_user_model().objects.create_superuser(email="other@example.org"))
    assert "no longer kept" in confirm(other, html)
    answer = staff.post(
        reverse("admin:markets_dutyrate_import"), {"token": token_in(html)}, follow=True
    )
    assert "no longer kept" in answer.content.decode()
    assert TaxRate.objects.count() == 1


def test_list_of_vat_rates_begins_on_the_day_that_is_asked(staff: Client) -> None:
    listed = {"version": "2026-09-29", "rates": {"DE": {"standard": 21.0, "reduced": [7.0]}}}
    html = send(staff, json.dumps(listed), valid_from="2999-07-01")
    confirm(staff, html)
    assert TaxRate.objects.get(percent=21).valid_from == date(2999, 7, 1)


def test_pages_are_for_those_who_may_add_and_change(client: Client) -> None:
    user = get_user_model().objects.create_user(email="a@example.org", is_staff=True)
    client.force_login(user)
    export = reverse("admin:markets_taxrate_export")
    assert client.get(reverse(IMPORT)).status_code == 403
    assert client.post(reverse(IMPORT), {"token": "x"}).status_code == 403
    assert client.get(export).status_code == 403
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_taxrate", "change_taxrate"])
    )
    client.force_login(get_user_model().objects.get(pk=user.pk))
    assert client.get(reverse(IMPORT)).status_code == 403
    assert client.get(export).status_code == 200
    html = client.get(reverse("admin:markets_taxrate_changelist")).content.decode()
    assert 'data-test="import-file"' not in html
    assert 'data-test="export-file"' in html


@pytest.mark.parametrize(
    "model", [*(table.model._meta.model_name for table in LAW_TABLES.values()), "hscode"]
)
def test_each_table_has_its_pages(staff: Client, model: str) -> None:
    load_tax_rates()
    load_tax_law()
    html = staff.get(reverse(f"admin:markets_{model}_import")).content.decode()
    assert 'data-test="columns"' in html
    answer = staff.get(reverse(f"admin:markets_{model}_export"))
    assert answer["Content-Disposition"].startswith("attachment")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert next(csv.reader(StringIO(text)))


def test_nomenclature_is_imported(staff: Client) -> None:
    page = "admin:markets_hscode_import"
    html = send(staff, "code,description\n61,Apparel\n", page)
    answer = staff.post(reverse(page), {"token": token_in(html)}, follow=True)
    assert "1 new" in answer.content.decode()
    assert HsCode.objects.get().description == "Apparel"


def test_row_that_was_in_force_is_not_deleted(staff: Client, germany: TaxRate) -> None:
    page = reverse("admin:markets_taxrate_delete", args=[germany.pk])
    assert staff.post(page, {"post": "yes"}).status_code == 403
    staff.post(
        reverse("admin:markets_taxrate_changelist"),
        {"action": "delete_selected", "_selected_action": [germany.pk], "post": "yes"},
    )
    assert TaxRate.objects.count() == 1
    change = reverse("admin:markets_taxrate_change", args=[germany.pk])
    assert 'data-test="row-in-force"' in staff.get(change).content.decode()
    planned = make_tax_rate("FR", "20", valid_from=timezone.localdate() + timedelta(days=1))
    page = reverse("admin:markets_taxrate_delete", args=[planned.pk])
    assert staff.post(page, {"post": "yes"}).status_code == 302
    assert TaxRate.objects.get() == germany
