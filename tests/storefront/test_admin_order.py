"""The tax block of an order's admin page: words and links, no codes."""

from typing import Any

import pytest
from django.urls import reverse

from tests.factories import make_tax_rate
from tests.orders.invoicing import TEAPOT, make_taxed_order
from tests.storefront.staff.people import log_in, make_merchant, text_of

pytestmark = pytest.mark.django_db


def page_of(**component: Any) -> Any:
    order = make_taxed_order([TEAPOT], component=component)
    return log_in(make_merchant()).get(reverse("admin:orders_order_change", args=[order.pk]))


def test_tax_block_says_rate_place_and_regime_and_leads_to_the_row_of_law() -> None:
    rate = make_tax_rate("FR", "20")
    page = page_of(
        parcel=0, regime="oss", jurisdiction="US-NY",
        row=f"taxrate:{rate.pk}",
    )  # fmt: skip
    assert "1 VAT 19 % United States, NY One-Stop Shop" in text_of(page)
    assert reverse("admin:markets_taxrate_change", args=[rate.pk]) in page.content.decode()


@pytest.mark.parametrize("row", ["", "taxrate:x", "nothing:1", "taxrate:1,taxrate:2"])
def test_component_whose_row_has_no_page_is_shown_all_the_same(row: str) -> None:
    assert page_of(row=row).status_code == 200
