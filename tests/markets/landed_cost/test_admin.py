"""What merchants do with duties: look, import, find a heading, and compare destinations."""

import csv
import json
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from catalog.models import Variant
from markets.landed_cost.loading import load_hs_codes, load_law
from markets.models import HsCode, Market, TaxRate
from tests.factories import make_market, make_price, make_product, make_tax_rate, make_variant

pytestmark = pytest.mark.django_db
CODES = [
    ("61", "Apparel and clothing accessories; knitted or crocheted"),
    ("6109", "T-shirts, singlets and other vests; knitted or crocheted"),
    ("610910", "T-shirts, singlets and other vests; of cotton, knitted or crocheted"),
    ("610990", "T-shirts, singlets and other vests; of textile materials (other than cotton)"),
    ("640399", "Footwear; outer soles of rubber, uppers of leather"),
]


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser(email="boss@example.org"))
    return client


@pytest.fixture
def _codes() -> None:
    HsCode.objects.bulk_create(
        HsCode(code=code, description=words, level=len(code)) for code, words in CODES
    )


@pytest.fixture
def basket() -> Market:
    """Give a market that sells two shirts and a shoe, with the law that comes along."""
    market = make_market("fr", languages={"en": "en_IE"}, countries=["FR"])
    load_law()
    for sku, code, price in (("RED", "610910", "15"), ("BLUE", "610910", "15"),
                             ("SHOE", "640399", "30")):  # fmt: skip
        make_price(make_variant(sku=sku, hs_code=code), market, price)
    return market


@pytest.mark.usefixtures("_codes")
def test_search_finds_by_words_and_by_the_beginning_of_a_code(staff: Client) -> None:
    def found(words: str) -> list[str]:
        answer = staff.get(reverse("admin:markets_hscode_search"), {"q": words})
        return [row["code"] for row in json.loads(answer.content)["results"]]

    assert found("cotton shirts") == ["610910", "610990"]
    assert found("leather") == ["640399"]
    assert found("6109.10") == ["610910"]
    assert found("61091000") == ["610910"]
    assert found("footware") == ["640399"]  # Mistyped.
    assert found("") == found("zeppelin") == []


@pytest.mark.usefixtures("_codes")
def test_search_is_for_staff_who_keep_variants(client: Client) -> None:
    address = reverse("admin:markets_hscode_search")
    assert client.get(address).status_code == 302
    client.force_login(get_user_model().objects.create_user(email="a@example.org", is_staff=True))
    assert client.get(address, {"q": "shirt"}).status_code == 403
    choose = reverse("admin:markets_hscode_choose", args=[make_variant().pk])
    assert client.get(choose).status_code == 403


@pytest.mark.usefixtures("_codes")
def test_page_writes_the_code_that_was_chosen_to_the_variant(staff: Client) -> None:
    variant = make_variant(make_product(title="Cotton t-shirt"))
    address = reverse("admin:markets_hscode_choose", args=[variant.pk])
    html = staff.get(address).content.decode()
    assert "Use 610910" in html
    assert "Apparel and clothing accessories; knitted or crocheted › T-shirts" in unescape(html)
    assert "Look inside" in staff.get(address, {"q": "singlets"}).content.decode()
    assert 'data-test="hs-nothing"' in staff.get(address, {"q": "zeppelin"}).content.decode()
    answer = staff.post(address, {"code": "610910"}, follow=True)
    assert "has the HS code 610910" in answer.content.decode()
    variant.refresh_from_db()
    assert variant.hs_code == "610910"
    staff.post(address, {"code": "nonsense"})
    assert Variant.objects.get(pk=variant.pk).hs_code == "610910"


def test_pages_of_variants_and_products_suggest_codes(staff: Client) -> None:
    variant = make_variant()
    for page in (reverse("admin:catalog_variant_change", args=[variant.pk]),
                 reverse("admin:catalog_product_change", args=[variant.product_id])):  # fmt: skip
        html = staff.get(page).content.decode()
        assert "hs-codes.js" in html, page
    page = reverse("admin:catalog_variant_change", args=[variant.pk])
    assert reverse("admin:markets_hscode_choose", args=[variant.pk]) in (
        staff.get(page).content.decode()
    )


@pytest.mark.parametrize(
    "model", ["hscode", "customsterritory", "importrule", "dutyrate", "importfee", "incotermrule"]
)
def test_tables_are_listed_and_their_rows_open(staff: Client, model: str) -> None:
    make_market("fr")
    load_law()
    load_hs_codes()
    html = staff.get(reverse(f"admin:markets_{model}_changelist")).content.decode()
    assert 'data-test="import-file"' in html
    row = apps.get_model("markets", model).objects.first()
    assert row is not None
    change = reverse(f"admin:markets_{model}_change", args=[row.pk])
    assert staff.get(change).status_code == 200


def compare(staff: Client, **asked: str | int) -> list[list[str]]:
    answer = staff.get(reverse("admin:markets_landed_preview"), asked)
    assert answer.status_code == 200
    html = answer.content.decode()
    if 'data-test="landed"' not in html:
        return []
    body = html.split('data-test="landed"')[1].split("<tbody>")[1].split("</tbody>")[0]
    return [
        [" ".join(unescape(strip_tags(cell)).split())
         for cell in row.replace("</th>", "</td>").split("</td>")[:-1]]
        for row in body.split("</tr>")[:-1]
    ]  # fmt: skip


def test_comparison_shows_duty_of_two_headings_in_france(staff: Client, basket: Market) -> None:
    rows = compare(staff, goods="RED 1\nBLUE 1\nSHOE 1", ship_from="gb", destinations="FR",
                   day="2026-11-24", delivery="0")  # fmt: skip
    assert rows[0][0].startswith("France")
    assert rows[0][4:6] == ["€6.00", "€4.00"]
    before = compare(staff, goods="RED 1\nBLUE 1\nSHOE 1", ship_from="GB", destinations="FR",
                     day="2026-02-28")  # fmt: skip
    assert before[0][4:6] == ["–", "–"]


def test_comparison_takes_all_countries_or_says_why_there_is_none(
    staff: Client, basket: Market
) -> None:
    make_market("xx", languages={"en": "en"}, countries=["IE"])
    rows = compare(staff, goods="RED", ship_from="NL", day="2026-11-24")
    assert [row[0] for row in rows] == ["FranceFR", "IrelandXX"]  # With its market.
    assert "Not all of the goods have a price" in rows[1][1]
    rows = compare(staff, goods="RED", ship_from="NL", day="2026-11-24", destinations="AQ fr")
    assert "No market serves it" in rows[0][1]
    make_tax_rate("US", "8.25", region="TX")
    rows = compare(staff, goods="RED", ship_from="NL", day="2026-11-24", market=basket.pk,
                   destinations="US-TX")  # fmt: skip
    assert rows[0][0].startswith("United States (TX)")


def test_comparison_takes_prices_of_today_where_the_day_has_none(
    staff: Client, basket: Market
) -> None:
    variant = make_variant(sku="NEW", hs_code="610910")
    make_price(variant, basket, "15", valid_from=timezone.now() - timedelta(days=1))
    rows = compare(staff, goods="NEW", ship_from="FR", destinations="FR", day="2021-06-01")
    assert "Prices of today" in rows[0][1]
    assert rows[0][7] == "€15.00"


def test_comparison_refuses_what_it_cannot_read(staff: Client, basket: Market) -> None:
    for asked in (
        {"goods": "NOPE 1", "ship_from": "NL"}, {"goods": "RED some", "ship_from": "NL"},
        {"goods": "RED 1", "ship_from": "N1"},
        {"goods": "RED 1", "ship_from": "NL", "destinations": "FRANCE"},
    ):  # fmt: skip
        assert compare(staff, **asked) == [], asked


def test_comparison_downloads_as_csv(staff: Client, basket: Market) -> None:
    answer = staff.get(
        reverse("admin:markets_landed_preview"),
        {"goods": "RED 2", "ship_from": "NL", "destinations": "FR", "csv": "yes"},
    )
    assert answer["Content-Type"].startswith("text/csv")
    (row,) = csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))
    assert (row["destination"], row["name"], row["currency"]) == ("FR", "France", "EUR")
    assert (row["total"], row["later"], row["all_in_eur"]) == ("30.00", "0", "30.00")


def test_comparison_sorts_by_what_is_paid_in_euros(staff: Client, basket: Market) -> None:
    make_tax_rate("CH", "8.1", name="MWST")
    dear = make_market("de", languages={"de": "de_DE"}, countries=["DE"])
    make_price(Variant.objects.get(sku="RED"), dear, "40")
    asked = {"goods": "RED", "ship_from": "FR", "destinations": "FR DE AQ"}
    rows = compare(staff, **asked, order="dearest")
    assert [row[0][:6] for row in rows] == ["German", "France", "Antarc"]
    rows = compare(staff, **asked, order="cheapest")
    assert [row[-1] for row in rows][:2] == ["€15.00", "€40.00"]


def test_comparison_names_states_where_only_states_tax(staff: Client, basket: Market) -> None:
    make_tax_rate("US", "8.25", region="TX")
    market = make_market("us", languages={"en": "en_US"}, countries=["US"])
    make_price(Variant.objects.get(sku="RED"), market, "20")
    TaxRate.objects.filter(country="US", region="").delete()
    rows = compare(staff, goods="RED", ship_from="FR")
    assert [row[0] for row in rows] == ["FranceFR", "United States (TX)US"]


@pytest.mark.parametrize("quantity", ["0", "2.5", "1e999999", "inf", "-1", "10000", "NaN"])
def test_comparison_wants_whole_units(staff: Client, basket: Market, quantity: str) -> None:
    assert compare(staff, goods=f"RED {quantity}", ship_from="NL", destinations="FR") == []
