from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from markets.models import LegalEntity, Market, TaxRegistration
from orders.models import FiledReturn, Order
from orders.tax_reports.periods import period_of
from orders.tax_reports.reading import REPORTS
from storefront.accounts.models import User
from tests.orders.tax_reports.rows import (
    Sold,
    credit,
    invoice,
    make_entity,
    make_rate,
    make_seller,
    make_sold,
    make_union,
)
from tests.orders.tax_reports.test_nexus import american, make_threshold, sell
from tests.storefront.staff.people import (
    log_in,
    make_merchant,
    make_shopper,
    messages_of,
    text_of,
)

pytestmark = pytest.mark.django_db
FEB, MAY = date(2026, 2, 10), date(2026, 5, 5)


@pytest.fixture
def merchant() -> Client:
    return log_in(make_merchant())


@pytest.fixture
def entity() -> LegalEntity:
    return make_entity()


@pytest.fixture
def market(entity: LegalEntity) -> Market:
    return make_seller(entity)


def german_sale(market: Market, *, on: date = FEB) -> Order:
    order = make_sold(market, [Sold("1000.00", "190.00")], on=on)
    invoice(order, on=on)
    return order


def report(name: str, entity: LegalEntity, period: str, page: str = "tax_report") -> str:
    names = {} if page == "tax_report_finland" else {"name": name}
    return f"{reverse(f'admin:{page}', kwargs=names)}?entity={entity.pk}&period={period}"


def test_return_s_page_has_sales_and_corrections_apart(
    merchant: Client, market: Market, entity: LegalEntity
) -> None:
    order = german_sale(market)
    german_sale(market, on=MAY)
    credit(order, "595.00", on=MAY)
    page = merchant.get(report("oss", entity, "2026-Q2"))
    sales, corrections, balances = page.context["tables"]
    assert [(row.words, row.row) for row in sales.rows] == [
        (("Germany", "Netherlands", "standard", "19"), "DE~NL~standard~19")
    ]
    assert [row.words for row in corrections.rows] == [("2026-Q1", "Germany")]
    assert [[strip(cell) for cell in row.numbers] for row in balances.rows] == [
        ["€190.00", "-€95.00", "€95.00"]
    ]
    assert "To be filed and paid by July 31, 2026" in text_of(page)


def test_row_opens_the_orders_that_it_is_the_sum_of(
    merchant: Client, market: Market, entity: LegalEntity
) -> None:
    orders = [german_sale(market), german_sale(market)]
    french = make_sold(market, [Sold("10.00", "2.00", "20", jurisdiction="FR")], on=FEB)
    invoice(french, on=FEB)
    page = merchant.get(report("oss", entity, "2026-Q1"))
    link = page.context["tables"][0].rows[0].row
    documents = merchant.get(
        f"{report('oss', entity, '2026-Q1', 'tax_report_documents')}&row={link}"
    )
    assert {row["document"].order for row in documents.context["documents"]} == {
        order.number for order in orders
    }
    (total,) = documents.context["totals"]
    assert [strip(text) for text in total] == ["€2,000.00", "€380.00"]
    for order in orders:
        assert reverse("admin:orders_order_change", args=[order.pk]) in documents.content.decode()


def test_every_report_opens_also_without_sales(merchant: Client, entity: LegalEntity) -> None:
    for name in REPORTS:
        for page in ("tax_report", "tax_report_documents", "tax_report_csv"):
            address = reverse(f"admin:{page}", kwargs={"name": name})
            assert merchant.get(f"{address}?entity={entity.pk}").status_code == 200


def test_pages_open_without_any_company(merchant: Client) -> None:
    assert "There is no legal entity yet." in text_of(
        merchant.get(reverse("admin:tax_report", kwargs={"name": "oss"}))
    )
    for page in ("tax_reports", "tax_thresholds", "tax_thresholds_csv"):
        assert merchant.get(reverse(f"admin:{page}")).status_code == 200


def test_overview_agrees_with_the_documents(
    merchant: Client, market: Market, entity: LegalEntity
) -> None:
    order = german_sale(market)
    credit(order, "595.00", on=date(2026, 3, 1))
    home = make_sold(market, [Sold("100.00", "21.00", "21", regime="domestic",
                                   jurisdiction="NL")], on=FEB)  # fmt: skip
    invoice(home, on=FEB)
    page = merchant.get(f"{reverse('admin:tax_reports')}?entity={entity.pk}&period=2026-Q1")
    (group,) = page.context["currencies"]
    assert [row["name"] for row in group["reports"]] == ["oss", "countries"]
    assert [strip(text) for text in group["documents"]] == ["€600.00", "€116.00", "€716.00"]
    assert group["reported"] == group["documents"]
    assert "Reports and documents agree." in text_of(page)


def test_page_says_which_rate_is_missing(merchant: Client, entity: LegalEntity) -> None:
    polish = make_seller(entity, "pl", currency="PLN", countries=["PL"])
    german_sale(polish)
    page = merchant.get(report("oss", entity, "2026-Q1"))
    assert "PLN has no exchange rate" in text_of(page)
    assert merchant.get(report("oss", entity, "2026-Q1", "tax_report_csv")).status_code == 409
    make_rate("PLN", "4.25", date(2026, 3, 30))
    assert "Provisional" in text_of(merchant.get(report("oss", entity, "2026-Q1")))


def test_finnish_file_names_the_registration(
    merchant: Client, market: Market, entity: LegalEntity
) -> None:
    TaxRegistration.objects.create(
        legal_entity=entity, country="NL", scheme="union_oss", number="NL001", valid_from=FEB
    )
    german_sale(market)
    answer = merchant.get(report("oss", entity, "2026-Q1", "tax_report_finland"))
    assert answer.content.decode() == "1;NL001;1;DE;1;1;19,00;1000,00;190,00;;;;\r\n"
    assert answer["Content-Disposition"] == 'attachment; filename="oss-fi-2026-Q1.csv"'


def press(client: Client, name: str, entity: LegalEntity, period: str, *, sure: str = "1") -> Any:
    address = reverse("admin:tax_report_file", kwargs={"name": name})
    fields = {"entity": entity.pk, "period": period, "sure": sure}
    return client.post(address, fields, follow=True)


def test_filed_return_shows_and_gives_what_was_filed(
    merchant: Client, market: Market, entity: LegalEntity
) -> None:
    order = german_sale(market)
    assert "Mark as filed" in text_of(merchant.get(report("oss", entity, "2026-Q1")))
    before = {
        page: merchant.get(report("oss", entity, "2026-Q1", page)).content
        for page in ("tax_report_csv", "tax_report_finland")
    }
    page = press(merchant, "oss", entity, "2026-Q1")
    assert messages_of(page) == ["The return is kept as it was filed."]
    LegalEntity.objects.update(tax_id="NL000")
    credit(order, "595.00", on=MAY)

    page = merchant.get(report("oss", entity, "2026-Q1"))
    assert "by merchant@example.com" in text_of(page)
    assert "Mark as filed" not in text_of(page)
    assert [[strip(cell) for cell in row.numbers] for row in page.context["tables"][0].rows] == [
        ["€1,000.00", "€190.00", "1"]
    ]
    for name, content in before.items():
        assert merchant.get(report("oss", entity, "2026-Q1", name)).content == content
    later = merchant.get(report("oss", entity, "2026-Q2"))
    assert [row.words for row in later.context["tables"][1].rows] == [("2026-Q1", "Germany")]
    (row,) = merchant.get(f"{reverse('admin:tax_filed_returns')}?entity={entity.pk}").context[
        "rows"
    ]
    assert (str(row.period), row.filed_by) == ("2026-Q1", "merchant@example.com")
    assert [strip(text) for text in row.amounts] == ["€190.00"]


def test_every_report_can_be_filed(merchant: Client, entity: LegalEntity) -> None:
    for name in REPORTS:
        period = "2026-01" if name == "ioss" else "2026-Q1"
        press(merchant, name, entity, period)
        assert "Filed on" in text_of(merchant.get(report(name, entity, period)))
    page = merchant.get(f"{reverse('admin:tax_filed_returns')}?entity={entity.pk}")
    assert len(page.context["rows"]) == len(REPORTS)


def test_return_is_not_filed_without_a_tick_or_before_its_period_is_over(
    merchant: Client, entity: LegalEntity
) -> None:
    running = str(period_of(timezone.now().date(), months=3))
    assert messages_of(press(merchant, "oss", entity, "2026-Q1", sure="")) == [
        "Tick the box first. Nothing was filed."
    ]
    assert messages_of(press(merchant, "oss", entity, running)) == [
        "This period is not over yet. Nothing was filed."
    ]
    assert "Mark as filed" not in text_of(merchant.get(report("oss", entity, running)))
    assert not FiledReturn.objects.exists()


def test_only_who_may_file_files(entity: LegalEntity) -> None:
    reader = User.objects.create_user("reader@example.com", "long-enough-9", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_thresholdalarm"))
    client = log_in(reader)
    assert "Mark as filed" not in text_of(client.get(report("oss", entity, "2026-Q1")))
    assert press(client, "oss", entity, "2026-Q1").status_code == 403
    address = reverse("admin:tax_report_file", kwargs={"name": "oss"})
    assert log_in(make_merchant()).get(address).status_code == 405
    assert not FiledReturn.objects.exists()


def test_row_that_is_no_row_is_not_found(merchant: Client, entity: LegalEntity) -> None:
    page = report("oss", entity, "2026-Q1", "tax_report_documents")
    assert merchant.get(f"{page}&row=2026-Q9~DE").status_code == 404
    assert merchant.get(f"{page}&row=DE~NL~standard~19").status_code == 200


@pytest.mark.parametrize("period", ["2026-01", "2026"])
def test_return_of_another_length_is_shown_of_the_quarter(
    merchant: Client, entity: LegalEntity, period: str
) -> None:
    page = merchant.get(report("oss", entity, period))
    assert str(page.context["choice"].period) == "2026-Q1"


@pytest.mark.parametrize(
    "query", ["entity=0", "entity=x", "period=2026-Q9", "period=x", "period=9999"]
)
def test_address_that_names_nothing_is_not_found(
    merchant: Client, entity: LegalEntity, query: str
) -> None:
    assert merchant.get(f"{reverse('admin:tax_reports')}?{query}").status_code == 404


def test_unknown_report_is_not_found(merchant: Client, entity: LegalEntity) -> None:
    assert merchant.get(reverse("admin:tax_report", kwargs={"name": "vat"})).status_code == 404


def test_strangers_see_no_reports(entity: LegalEntity) -> None:
    shopper = log_in(make_shopper())
    for page in ("tax_reports", "tax_thresholds", "tax_thresholds_csv"):
        assert shopper.get(reverse(f"admin:{page}")).status_code == 302


def test_threshold_page_shows_how_much_is_used(merchant: Client, entity: LegalEntity) -> None:
    make_threshold(period="rolling_12_months")
    make_threshold(region="CA", period="rolling_12_months")
    sell(american(entity), "850.00", on=timezone.now().date() - timedelta(days=30))
    page = merchant.get(reverse("admin:tax_thresholds"))
    (bar,) = page.context["bars"]
    assert (bar.place, bar.percent, bar.level) == ("United States, NY", "85.0", 80)
    assert [bar.place for bar in page.context["quiet"]] == ["United States, CA"]
    lines = merchant.get(reverse("admin:tax_thresholds_csv")).content.decode().splitlines()
    assert lines[1].startswith("sales_tax,US,NY,")


def test_report_of_three_orders_takes_as_many_queries_as_of_one(
    merchant: Client, market: Market, entity: LegalEntity
) -> None:
    make_union("DE", "NL")
    counts = []
    for more in (1, 2):
        for _ in range(more):
            german_sale(market)
        with CaptureQueriesContext(connection) as queries:
            merchant.get(report("oss", entity, "2026-Q1"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def strip(text: str) -> str:
    return text.strip("\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}")
