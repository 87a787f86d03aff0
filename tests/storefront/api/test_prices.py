"""Prices by the unit: exact, as the shop shows them, in few queries, and explained to staff."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Product
from markets.models import CustomerGroup, Market
from tests.factories import (
    make_category,
    make_market,
    make_price,
    make_promotion,
    make_variant,
)
from tests.storefront.api.asking import get
from tests.storefront.pages.shelf import open_markets, sell

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_price_is_written_in_major_and_minor_units(client: Client) -> None:
    markets = open_markets("de", "jp")
    variant = sell(markets["de"], "12.5")
    make_price(variant, markets["jp"], "1980")
    make_price(variant, markets["de"], "10", min_quantity=5)
    found = get(client, "markets/de/prices/", sku=variant.sku, quantity=2, currency="EUR")
    found.pop("priced_at")
    assert found == {
        "market": "de",
        "currency": "EUR",
        "prices_include_tax": True,
        "quantity": 2,
        "prices": [
            {
                "sku": variant.sku,
                "price": {
                    "unit": {"amount": "12.50", "minor_units": 1250},
                    "tiers": [{"quantity": 5, "unit": {"amount": "10.00", "minor_units": 1000}}],
                    "reduction": None,
                    "discounts": [],
                    "coupon": None,
                    "total": {"amount": "25.00", "minor_units": 2500},
                },
            }
        ],
    }
    yen = get(client, "markets/jp/prices/", sku=variant.sku)["prices"][0]["price"]
    assert yen["unit"] == {"amount": "1980", "minor_units": 1980}


def test_three_decimals_are_kept(client: Client) -> None:
    variant = make_variant()
    make_price(variant, make_market("kw", currency="KWD", countries=["KW"]), "7.255")
    found = get(client, "markets/kw/prices/", sku=variant.sku, quantity=3)["prices"][0]["price"]
    assert found["unit"] == {"amount": "7.255", "minor_units": 7255}
    assert found["total"] == {"amount": "21.765", "minor_units": 21765}


def test_what_is_not_sold_has_no_price_and_the_order_is_the_callers(client: Client) -> None:
    markets = open_markets("de", "jp")
    sold, elsewhere, hidden, draft = (sell(markets[code]) for code in ("de", "jp", "de", "de"))
    hidden.is_active = False
    hidden.save()
    Product.objects.filter(pk=draft.product_id).update(status=Product.Status.DRAFT)
    skus = [elsewhere.sku, "NOPE", sold.sku, hidden.sku, draft.sku, sold.sku]
    prices = get(client, "markets/de/prices/", sku=skus)["prices"]
    assert [row["sku"] for row in prices] == skus[:-1]
    assert [row["sku"] for row in prices if row["price"]] == [sold.sku]


def test_reduction_comes_with_the_lowest_price_before_it(client: Client) -> None:
    market = open_markets("de")["de"]
    Market.objects.update(lowest_price_days=30)
    variant, now = make_variant(), timezone.now()
    make_price(variant, market, "20", valid_to=now - 9 * DAY)
    make_price(variant, market, "25", valid_from=now - 9 * DAY, valid_to=now - DAY)
    make_price(variant, market, "15", valid_from=now - DAY, is_reduction=True)
    reduction = get(client, "markets/de/prices/", sku=variant.sku)["prices"][0]["price"][
        "reduction"
    ]
    assert reduction == {
        "lowest": {"amount": "20.00", "minor_units": 2000},
        "percent": 25,
        "days": 30,
        "began_at": (now - DAY).isoformat(),
    }


def test_discounts_and_coupon_are_of_each_sku_alone(client: Client) -> None:
    market = open_markets("de")["de"]
    category = make_category()
    inside, outside = sell(market, "30", category=category), sell(market, "30")
    make_promotion(name="Category week", categories=[category], priority=1)
    make_promotion(name="Five off", action="amount", amounts={"EUR": ("5", "50")},
                   coupon="FIVE", priority=2)  # fmt: skip
    skus = [inside.sku, outside.sku]
    one = get(client, "markets/de/prices/", sku=skus, coupon="five")["prices"]
    assert [row["price"]["total"]["amount"] for row in one] == ["27.00", "30.00"]
    assert one[1]["price"]["coupon"] == {
        "code": "FIVE",
        "holds": False,
        "reason": "conditions",
        "words": "The coupon needs goods for €20.00 more.",
        "missing": {"amount": "20.00", "minor_units": 2000},
    }
    two = get(client, "markets/de/prices/", sku=skus, coupon="five", quantity=2)["prices"]
    assert two[0]["price"]["discounts"] == [
        {"label": "Category week", "amount": "6.00", "minor_units": 600},
        {"label": "Five off", "amount": "5.00", "minor_units": 500},
    ]
    assert [row["price"]["total"]["amount"] for row in two] == ["49.00", "55.00"]
    assert two[0]["price"]["coupon"]["holds"]


def test_public_prices_are_cached_and_know_nobody(client: Client) -> None:
    market = open_markets("de")["de"]
    variant = sell(market, "20")
    trade = CustomerGroup.objects.create(code="trade", name="Trade")
    make_price(variant, market, "12", group=trade)
    member = get_user_model().objects.create_user(email="ada@example.org")
    member.customer_groups.add(trade)
    client.force_login(member)
    answer = client.get(f"/api/v1/markets/de/prices/?sku={variant.sku}&language=en")
    assert answer.json()["prices"][0]["price"]["unit"]["amount"] == "20.00"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Vary" not in answer.headers
    answer = client.get(f"/api/v1/markets/de/prices/?sku={variant.sku}&coupon=X")
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("coupon", ["", "TEN"])
def test_queries_do_not_grow_with_the_question(client: Client, coupon: str) -> None:
    market = open_markets("de")["de"]
    Market.objects.update(lowest_price_days=30)
    make_promotion(coupon="TEN")
    make_promotion()

    def queries(count: int) -> int:
        variants = [sell(market) for _ in range(count)]
        for variant in variants:
            variant.prices.update(valid_to=timezone.now() - DAY)
            make_price(variant, market, "5", valid_from=timezone.now() - DAY, is_reduction=True)
        with CaptureQueriesContext(connection) as captured:
            asked = {"sku": [variant.sku for variant in variants], "coupon": coupon}
            assert all(
                row["price"]["reduction"]
                for row in get(client, "markets/de/prices/", **asked)["prices"]
            )
        return len(captured)

    # Market, goods, legality's rules (in a transaction they are read anew), prices, their history,
    # categories, promotions; and the coupon.
    assert queries(1) == queries(12) == 7 + bool(coupon)


def test_staff_are_told_why(client: Client) -> None:
    market = open_markets("de")["de"]
    now = timezone.now()
    variant = sell(market, "20")
    trade = CustomerGroup.objects.create(code="trade", name="Trade")
    make_price(variant, market, "12", group=trade)
    make_price(variant, market, "15", min_quantity=3)
    make_promotion(name="Ten off", priority=1)
    make_promotion(name="Spring", coupon="SPRING", priority=2)
    clerk = get_user_model().objects.create_user(email="clerk@example.org", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_price"))
    client.force_login(clerk)
    answer = client.get(
        "/api/v1/markets/de/prices/", {"sku": variant.sku, "explain": "1", "language": "en"}
    )
    assert answer.headers["Cache-Control"] == "private, no-store"
    trace = answer.json()["prices"][0]["trace"]
    assert [(row["unit"]["amount"], row["verdict"], row["words"]) for row in trace["prices"]] == [
        ("20.00", "won", "The only price that applies."),
        ("12.00", "lost", "Only for Trade."),
        ("15.00", "lost", "From 3 units on; this is 1 unit."),
    ]
    assert [
        (row["name"], row["amount"]["amount"], row["verdict"], row["reason"], row["words"])
        for row in trace["promotions"]
    ] == [
        ("Ten off", "2.00", "won", "applied", "Applies."),
        ("Spring", "0.00", "lost", "needs_coupon", "Only with its coupon."),
    ]
    asked = {"sku": variant.sku, "group": "trade", "at": (now + DAY).isoformat()}
    found = get(client, "markets/de/prices/", **asked)
    assert found["prices"][0]["price"]["unit"]["amount"] == "12.00"
    assert found["priced_at"] == (now + DAY).isoformat()


def test_staff_may_ask_of_another_day(admin_client: Client) -> None:
    market = open_markets("de")["de"]
    now = timezone.now()
    variant = make_variant()
    make_price(variant, market, "20", valid_to=now + DAY)
    make_price(variant, market, "18", valid_from=now + DAY)
    for days, amount in ((0, "20.00"), (2, "18.00")):
        at = (now + days * DAY).isoformat()
        found = get(admin_client, "markets/de/prices/", sku=variant.sku, at=at)
        assert Decimal(found["prices"][0]["price"]["unit"]["amount"]) == Decimal(amount)


def test_words_are_in_the_language_asked_for(client: Client) -> None:
    market = open_markets("de")["de"]
    variant = sell(market, "20")
    make_promotion(name="Ten off", name_de="Zehn Prozent")
    for language, label in (("de", "Zehn Prozent"), ("en", "Ten off"), ("ja", "Ten off")):
        answer = client.get(f"/api/v1/markets/de/prices/?sku={variant.sku}&language={language}")
        assert answer.json()["prices"][0]["price"]["discounts"][0]["label"] == label
        assert answer.headers["Content-Language"] == language
