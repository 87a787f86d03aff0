"""One promise on five places: product, cart, checkout, the order's page and its mail."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog.models import Variant
from fulfillment.models import Shipment, Warehouse, Zone
from markets.models import Market
from orders.events import record_event
from orders.models import Order
from storefront.notifications.sending import send_message
from storefront.pages import paying
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell, words
from tests.storefront.pages.test_checkout_pages import GERMAN

pytestmark = pytest.mark.django_db(transaction=True)
# Thursday; the cut-off in Rotterdam is 15:00, which is 14:00 in UTC.
BEFORE = datetime(2026, 11, 26, 13, 59, tzinfo=UTC)
AFTER = BEFORE + timedelta(minutes=2)
DAYS = "Mon 30 Nov – Wed 2 Dec"
LATER = "Tue 1 – Thu 3 Dec"


class Clock:
    now = BEFORE


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(Clock, "now", BEFORE)
    monkeypatch.setattr(timezone, "now", lambda: Clock.now)
    monkeypatch.setattr(paying, "open_payment", lambda *_args, **_rest: "https://pay.example/1")
    return Clock


@pytest.fixture
def market(clock: type[Clock]) -> Market:
    market = open_markets("de")["de"]
    offer_card(market)
    return market


@pytest.fixture
def variant(market: Market, client: Client) -> Variant:
    variant = sell(market, "42.80", slug_en="pot", stock=50)
    add(client, "de-en", variant)
    return variant


def _place(client: Client) -> Order:
    client.post("/de-en/checkout/", GERMAN)
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    page = client.get("/de-en/checkout/payment/")
    client.post("/de-en/checkout/payment/", {"method": "card", "agreed": page.context["agreed"]})
    return Order.objects.get()


def _days(response: Any) -> str:
    found = re.search(
        r"(?:Arrives|Now expected) (\w+\s\d+(?:\s\w+)?\s–\s\w+\s\d+\s[A-Z][a-z]{2})",
        words(response),
    )
    assert found, words(response)
    return found[1]


def test_all_pages_and_the_mail_give_the_same_days(client: Client, variant: Variant) -> None:
    client.post("/de-en/checkout/", GERMAN)
    shown = [
        _days(client.get(address))
        for address in ("/de-en/p/pot/", "/de-en/cart/", "/de-en/checkout/delivery/")
    ]
    order = _place(client)
    shown.append(_days(client.get(f"/de-en/orders/{order.token}/")))
    send_message(record_event(order, "payment_authorised", now=BEFORE))

    assert shown == [DAYS] * 4
    assert re.search(
        r"between Monday,? 30 November 2026 and Wednesday,? 2 December 2026",
        str(mail.outbox[0].body),
    )


def test_days_move_with_the_cut_off_and_say_until_when_they_hold(
    client: Client, variant: Variant, clock: type[Clock]
) -> None:
    before = client.get("/de-en/p/pot/")
    clock.now = AFTER
    after = client.get("/de-en/p/pot/")

    assert (_days(before), _days(after)) == (DAYS, LATER)
    assert "Order by Thu, 26 Nov, 15:00" in words(before)
    assert "Order by Fri, 27 Nov, 15:00" in words(after)


def test_checkout_estimates_carbon_dioxide_where_the_carrier_says_it(
    client: Client, variant: Variant
) -> None:
    client.post("/de-en/checkout/", GERMAN)
    assert "CO₂" not in words(client.get("/de-en/checkout/delivery/"))

    zone = Zone.objects.get()
    zone.co2_grams_per_kg = 300
    zone.save()
    variant.weight_grams = 1_500
    variant.save()

    assert "about 450 g of CO₂, an estimate" in words(client.get("/de-en/checkout/delivery/"))


def test_parcel_that_did_not_leave_in_time_is_expected_later(
    client: Client, variant: Variant, clock: type[Clock]
) -> None:
    order = _place(client)
    warehouse = Warehouse.objects.get()
    assert order.promised_from
    assert order.promised_to
    Shipment.objects.create(
        number="S1", order=order, warehouse=warehouse, service=Zone.objects.all()[0].service,
        ship_by=BEFORE + timedelta(days=1), promised_from=order.promised_from,
        promised_to=order.promised_to,
    )  # fmt: skip
    address = f"/de-en/orders/{order.token}/"
    assert f"Arrives {DAYS}" in words(client.get(address))

    clock.now = datetime(2026, 12, 1, 9, tzinfo=UTC)

    assert "Now expected Wed 2 – Fri 4 Dec" in words(client.get(address))
