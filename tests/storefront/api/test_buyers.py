"""A business asks the API: it is quoted as at checkout and told what came of its tax id."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from catalog.models import Variant
from fulfillment.models import Warehouse
from markets.loading import load_tax_law
from markets.models import Market, TaxIdCheck
from storefront import tax_id_checks
from tests.markets.tax_ids.registers import (
    Register,
    register,
    vies_error,
    vies_invalid,
    vies_valid,
)
from tests.storefront.api.asking import faults, post, quote
from tests.storefront.pages.shelf import open_markets, sell

pytestmark = pytest.mark.django_db
NUMBER = "ATU13585627"


@pytest.fixture
def market() -> Market:
    return open_markets("de", "ch", "us")["de"]


@pytest.fixture
def variant(market: Market) -> Variant:
    variant = sell(market, "42.80")
    load_tax_law()
    Warehouse.objects.update(country="NL")
    return variant


@pytest.fixture
def vies(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("markets.tax_ids.answers.PAUSES_SECONDS", (0.001, 0.001))
    with register(vies_valid(NUMBER)) as server:
        settings.VIES_URL = f"{server.url}/check"
        yield server


def basket(variant: Variant, **asked: Any) -> dict[str, Any]:
    lines = [{"sku": variant.sku, "quantity": 1}]
    return {"lines": lines, "country": "AT", "tax_id": "atu 1358 5627", **asked}


def test_confirmed_business_abroad_is_quoted_without_tax(
    client: Client, variant: Variant, vies: Register
) -> None:
    found = quote(client, "de", basket(variant, company="Hafenkontor GmbH"))
    assert found["business"] == {
        "company": "Hafenkontor GmbH",
        "tax_id": NUMBER,
        "check": "valid",
        "reverse_charge": True,
        "words": "The VAT id is valid: no VAT is charged, your business accounts for it.",
    }
    assert found["tax"]["tax"]["amount"] == "0.00"
    consumer = quote(client, "de", basket(variant, tax_id=""))
    assert consumer["business"] is None
    assert consumer["tax"]["tax"]["minor_units"] > 0
    assert found["total"]["minor_units"] < consumer["total"]["minor_units"]
    quote(client, "de", basket(variant))
    assert len(vies.asked) == 1


@pytest.mark.parametrize(
    ("answer", "check", "says"),
    [
        (vies_invalid(NUMBER), "invalid", "does not know this VAT id"),
        (vies_error("MS_UNAVAILABLE"), "unavailable", "could not be checked: VAT is charged"),
        (vies_valid("ATU99999999"), "unavailable", "could not be checked: VAT is charged"),
    ],
)
def test_business_that_nobody_confirms_is_quoted_as_a_consumer(
    client: Client, variant: Variant, vies: Register, answer: Any, check: str, says: str
) -> None:
    vies.answers[:] = [answer]
    found = quote(client, "de", basket(variant))
    assert (found["business"]["check"], found["business"]["reverse_charge"]) == (check, False)
    assert says in found["business"]["words"]
    assert found["total"] == quote(client, "de", basket(variant, tax_id=""))["total"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"country": ""}, "A tax id needs its country."),
        ({"tax_id": "ATU13585628"}, "It is no tax id of this country."),
        ({"tax_id": "DE136695976"}, "It is of another country; here they begin with AT."),
        ({"tax_id": "x" * 65}, "It is a text of 1 to 64 printable letters."),
    ],
)
def test_id_that_cannot_be_one_of_the_country_is_refused_and_nobody_asked(
    client: Client, variant: Variant, vies: Register, asked: dict[str, str], says: str
) -> None:
    answer = post(client, "markets/de/quote/", basket(variant, **asked))
    assert answer.status_code == 400
    assert faults(answer) == ["#/tax_id"]
    assert answer.json()["errors"][0]["detail"] == says
    assert vies.asked == []


def test_country_that_is_not_served_is_refused_before_a_register_is_asked(
    client: Client, variant: Variant, vies: Register
) -> None:
    answer = post(client, "markets/de/quote/", basket(variant, country="FR"))
    assert answer.status_code == 422
    assert vies.asked == []


def test_number_without_a_register_is_told_as_such(
    client: Client, variant: Variant, vies: Register
) -> None:
    swiss = {"country": "CH", "tax_id": "CHE-107.787.577 MWST"}
    found = quote(client, "ch", basket(variant, **swiss))
    assert (found["business"]["tax_id"], found["business"]["check"]) == (
        "CHE107787577MWST",
        "no_register",
    )
    assert (vies.asked, TaxIdCheck.objects.count()) == ([], 0)


def test_sender_may_have_only_so_many_ids_checked(
    client: Client, variant: Variant, vies: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tax_id_checks, "QUESTIONS", 1)
    quote(client, "de", basket(variant))
    answer = post(client, "markets/de/quote/", basket(variant, tax_id="ATU16370905"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert quote(client, "de", basket(variant))["business"]["check"] == "valid"
    assert len(vies.asked) == 1
