"""Quotes of baskets: the cart's answer, in exact amounts, for a basket that nobody keeps."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Variant
from fulfillment.models import Warehouse
from markets.loading import load_tax_law
from markets.models import (
    CustomerGroup,
    CustomsTerritory,
    DutyRate,
    ImportRule,
    IncotermRule,
    Market,
    TaxRate,
)
from orders.models import Cart
from tests.factories import (
    make_delivery_option,
    make_price,
    make_promotion,
    make_service,
    make_zone,
)
from tests.storefront.api.asking import post, quote
from tests.storefront.pages.shelf import open_markets, sell

pytestmark = pytest.mark.django_db


def basket(*lines: tuple[Variant, int], **asked: Any) -> dict[str, Any]:
    rows = [{"sku": variant.sku, "quantity": quantity} for variant, quantity in lines]
    return {"lines": rows, **asked}


def amounts(rows: Any, name: str) -> list[str | None]:
    return [row[name] and row[name]["amount"] for row in rows]


def test_quote_has_lines_delivery_tax_and_total(client: Client) -> None:
    market = open_markets("de")["de"]
    cup, lamp = sell(market, "10"), sell(market, "25.50")
    make_price(cup, market, "9", min_quantity=3)
    found = quote(client, "de", basket((lamp, 1), (cup, 3), country="AT"))
    assert (found["country"], found["currency"], found["coupon"]) == ("AT", "EUR", None)
    assert [line["sku"] for line in found["lines"]] == [lamp.sku, cup.sku]
    assert amounts(found["lines"], "unit") == ["25.50", "9.00"]
    assert amounts(found["lines"], "total") == ["25.50", "27.00"]
    assert [line["problem"] for line in found["lines"]] == [None, None]
    assert found["goods"] == {"amount": "52.50", "minor_units": 5250}
    option = found["delivery_options"][0]
    assert (option["code"], option["price"]["amount"]) == ("standard", "5.00")
    assert option["arrives_from"] <= option["arrives_to"]
    assert found["delivery"] == "standard"
    assert found["tax"] == {
        "net": {"amount": "48.32", "minor_units": 4832},
        "tax": {"amount": "9.18", "minor_units": 918},
        "rates": [
            {
                "percent": "19",
                "net": {"amount": "48.32", "minor_units": 4832},
                "tax": {"amount": "9.18", "minor_units": 918},
                "gross": {"amount": "57.50", "minor_units": 5750},
            }
        ],
    }
    assert found["total"] == {"amount": "57.50", "minor_units": 5750}
    assert not Cart.objects.exists()


def test_discounts_name_their_line_or_delivery_and_lower_the_tax(client: Client) -> None:
    market = open_markets("us")["us"]
    TaxRate.objects.filter(country="US").update(percent=Decimal(10))
    cup, lamp = sell(market, "10"), sell(market, "25")
    make_promotion(name="Cups", products=[cup.product], priority=1)
    make_promotion(name="Free ride", action="free_delivery", coupon="RIDE", priority=2)
    body = basket((cup, 2), (lamp, 1), coupon="ride", country="US", region="CA")
    found = quote(client, "us", body)
    assert found["discounts"] == [
        {"sku": cup.sku, "label": "Cups", "amount": "2.00", "minor_units": 200},
        {"sku": None, "label": "Free ride", "amount": "5.00", "minor_units": 500},
    ]
    assert amounts(found["lines"], "discount") == ["2.00", "0.00"]
    assert found["coupon"]["holds"]
    assert (found["tax"]["net"]["amount"], found["tax"]["tax"]["amount"]) == ("43.00", "4.30")
    assert found["total"]["amount"] == "47.30"


@pytest.mark.parametrize("region", ["CA", "ca", "California"])
def test_region_is_read_as_an_address_s_is(client: Client, region: str) -> None:
    market = open_markets("us")["us"]
    TaxRate.objects.create(
        country="US", region="CA", percent=Decimal(8), category_id="standard", name="Tax",
        valid_from=date(2020, 1, 1),
    )  # fmt: skip
    body = basket((sell(market, "10"), 1), country="US", region=region, postal_code=" 94105 ")
    found = quote(client, "us", body)
    assert (found["region"], found["postal_code"]) == ("CA", "94105")
    assert found["tax"]["rates"][0]["percent"] == "8"


def test_region_that_addresses_of_the_country_do_not_have_is_left_out(client: Client) -> None:
    market = open_markets("de")["de"]
    body = basket((sell(market, "10"), 1), country="DE", region="Bayern")
    assert quote(client, "de", body)["region"] == ""


def test_prices_without_tax_have_none_until_the_country_is_known(client: Client) -> None:
    market = open_markets("us")["us"]
    found = quote(client, "us", basket((sell(market, "10"), 1)))
    assert found["tax"] is None
    assert found["total"]["amount"] == "15.00"


def test_what_is_not_sold_or_short_is_told_by_line(client: Client) -> None:
    markets = open_markets("de", "jp")
    elsewhere, short = sell(markets["jp"]), sell(markets["de"], "10", stock=2)
    body = basket((elsewhere, 1), (short, 3))
    body["lines"].append({"sku": "NOPE", "quantity": 1})
    found = quote(client, "de", body)
    assert [line["problem"] for line in found["lines"]] == ["not_sold", "short", "not_sold"]
    assert amounts(found["lines"], "total") == [None, "30.00", None]
    assert (found["delivery_options"], found["delivery"]) == ([], None)
    nothing = quote(client, "de", basket((elsewhere, 1)))
    assert (nothing["tax"], nothing["total"]["amount"]) == (None, "0.00")


def test_country_and_delivery_that_cannot_be_are_refused(client: Client) -> None:
    market = open_markets("de", "jp")["de"]
    line = (sell(market, "10", stock=2), 1)
    answer = post(client, "markets/de/quote/", basket(line, country="JP"))
    assert (answer.status_code, answer.json()["detail"]) == (422, "Market de sells to DE, AT.")
    answer = post(client, "markets/de/quote/", basket(line, delivery="drone"))
    assert answer.json()["detail"] == "These goods can be delivered by: standard."
    answer = post(client, "markets/de/quote/", basket((line[0], 3), delivery="standard"))
    assert answer.json()["detail"] == "These goods cannot be delivered to this country now."
    make_delivery_option(market, "express", price="9", position=1)
    make_zone(make_service("express"), Warehouse.objects.get(), ["DE"])
    found = quote(client, "de", basket(line, delivery="express"))
    assert [option["code"] for option in found["delivery_options"]] == ["standard", "express"]
    assert (found["delivery"], found["total"]["amount"]) == ("express", "19.00")
    make_promotion(name="Free ride", action="free_delivery")
    found = quote(client, "de", basket(line, delivery="express"))
    assert amounts(found["delivery_options"], "discount") == ["5.00", "5.00"]
    assert found["total"]["amount"] == "14.00"


def test_place_without_a_tax_rate_is_not_delivered_to(client: Client) -> None:
    market = open_markets("de")["de"]
    make_promotion(name="Free ride", action="free_delivery")
    variant = sell(market, "10")
    TaxRate.objects.filter(country="AT").delete()
    found = quote(client, "de", basket((variant, 1), country="AT"))
    assert (found["delivery_options"], found["delivery"], found["tax"]) == ([], None, None)
    assert (found["discounts"], found["total"]["amount"]) == ([], "10.00")


def test_member_has_the_prices_of_their_groups(client: Client) -> None:
    market = open_markets("de")["de"]
    variant = sell(market, "20")
    trade = CustomerGroup.objects.create(code="trade", name="Trade")
    make_price(variant, market, "12", group=trade)
    member = get_user_model().objects.create_user(email="ada@example.org")
    member.customer_groups.add(trade)
    assert quote(client, "de", basket((variant, 1)))["goods"]["amount"] == "20.00"
    client.force_login(member)
    answer = post(client, "markets/de/quote/", basket((variant, 1)))
    assert answer.json()["goods"]["amount"] == "12.00"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_staff_are_told_why_and_for_whom(admin_client: Client) -> None:
    markets = open_markets("de", "jp")
    variant = sell(markets["de"], "20")
    trade = CustomerGroup.objects.create(code="trade", name="Trade")
    make_price(variant, markets["de"], "12", group=trade)
    make_promotion(name="Ten off", priority=1)
    make_promotion(markets["jp"], name="Japan week", priority=2)
    body = basket((variant, 1))
    found = quote(admin_client, "de", body, explain="1", group="trade", language="en")
    assert [row["words"] for row in found["lines"][0]["trace"]["prices"]] == [
        "The lowest of the prices that apply.",
        "Dearer by €8.00 than the price that won.",
    ]
    assert [(row["name"], row["words"]) for row in found["trace"]["promotions"]] == [
        ("Ten off", "Applies."),
        ("Japan week", "Not meant for this market."),
    ]


def test_queries_do_not_grow_with_the_basket(client: Client) -> None:
    market: Market = open_markets("de")["de"]
    make_promotion(coupon="TEN")
    make_promotion()

    def queries(count: int) -> int:
        lines = [(sell(market), 2) for _ in range(count)]
        body = basket(*lines, coupon="TEN", country="AT")
        quote(client, "de", body)  # What seldom changes is known from then on.
        with CaptureQueriesContext(connection) as captured:
            quote(client, "de", body)
        return len(captured)

    assert queries(1) == queries(12) == 9


def test_what_the_carrier_will_ask_for_is_named_and_promised_in_words(client: Client) -> None:
    market = open_markets("gb")["gb"]
    variant = sell(market, "200")
    load_tax_law()
    Warehouse.objects.update(country="NL")
    day = date(2020, 1, 1)
    CustomsTerritory.objects.create(country="NL", territory="EU", valid_from=day)
    ImportRule.objects.create(
        destination="GB", basis="cif", tax_basis="cif", formula="standard", currency="GBP",
        valid_from=day,
    )  # fmt: skip
    DutyRate.objects.create(
        destination="GB", label="Row", kind="ad_valorem", percent=Decimal(12), valid_from=day
    )
    IncotermRule.objects.create(market=market, terms="dap", currency="GBP", valid_from=day)

    found = quote(client, "gb", basket((variant, 1), country="GB"))

    assert found["terms"] == "dap"
    assert found["promise"].startswith("Not in this total: the carrier asks for import duties")
    assert [row["label"] for row in found["due_on_delivery"]] == [
        "Customs duty",
        "Import tax (VAT)",
    ]
