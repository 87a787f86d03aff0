"""What the API refuses, and how it says so."""

from typing import Any

import pytest
from django.test import Client

from storefront.api import limits
from storefront.api.problems import KINDS
from tests.storefront.api.asking import faults, get, post
from tests.storefront.pages.shelf import open_markets, sell

pytestmark = pytest.mark.django_db
LINE = {"sku": "A", "quantity": 1}


@pytest.fixture(autouse=True)
def _shop(db: None) -> None:
    open_markets("de", "jp")


def test_problem_has_the_members_of_the_rfc(client: Client) -> None:
    answer = client.get("/api/v1/markets/de/prices/", {"sku": "A", "currency": "USD"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "type": "http://127.0.0.1:8000/api/v1/problems/wrong-currency/",
        "title": "The market does not sell in this currency",
        "status": 400,
        "detail": "Market de sells in EUR alone.",
        "instance": "/api/v1/markets/de/prices/",
    }


@pytest.mark.parametrize("slug", KINDS)
def test_kind_of_problem_is_explained_at_its_address(client: Client, slug: str) -> None:
    assert get(client, f"problems/{slug}/")["title"] == str(KINDS[slug].title)


def test_market_currency_may_be_named_and_no_other(client: Client) -> None:
    sell_nothing = {"sku": "A", "currency": "JPY"}
    assert client.get("/api/v1/markets/jp/prices/", sell_nothing).status_code == 200
    answer = client.get("/api/v1/markets/jp/prices/", {"sku": "A", "currency": "jpy"})
    assert answer.json()["title"] == "The market does not sell in this currency"
    answer = post(client, "markets/jp/quote/", {"lines": [LINE], "currency": "EUR"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "Market jp sells in JPY alone.")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", ["sku"]),
        ("sku=", ["sku"]),
        ("sku=A%00", ["sku"]),
        ("sku=" + "x" * 65, ["sku"]),
        ("&".join(f"sku={n}" for n in range(101)), ["sku"]),
        ("sku=A&quantity=0", ["quantity"]),
        ("sku=A&quantity=1000", ["quantity"]),
        ("sku=A&quantity=1.5", ["quantity"]),
        ("sku=A&quantity=%D9%A3", ["quantity"]),
        ("sku=A&curency=EUR&coupon=" + "x" * 65, ["curency", "coupon"]),
        ("sku=A&language=xx", ["language"]),
    ],
)
def test_price_question_out_of_bounds_is_refused(
    client: Client, query: str, named: list[str]
) -> None:
    answer = client.get(f"/api/v1/markets/de/prices/?{query}")
    assert answer.status_code == 400
    assert faults(answer) == named


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["#/lines"]),
        ({"lines": []}, ["#/lines"]),
        ({"lines": [{"sku": str(n), "quantity": 1} for n in range(101)]}, ["#/lines"]),
        ({"lines": ["A"]}, ["#/lines/0"]),
        ({"lines": [{"sku": "A"}]}, ["#/lines/0/quantity"]),
        ({"lines": [{"sku": 7, "quantity": 1}]}, ["#/lines/0/sku"]),
        ({"lines": [{"sku": "\ud800", "quantity": 1}]}, ["#/lines/0/sku"]),
        ({"lines": [LINE, LINE]}, ["#/lines/1/sku"]),
        ({"lines": [{"sku": "A", "quantity": True}]}, ["#/lines/0/quantity"]),
        ({"lines": [{"sku": "A", "quantity": 1.0}]}, ["#/lines/0/quantity"]),
        ({"lines": [{"sku": "A", "quantity": 1000}]}, ["#/lines/0/quantity"]),
        ({"lines": [{**LINE, "price": 1}]}, ["#/lines/0/price"]),
        ({"lines": [LINE], "a/b": 1, "\ud800": 2}, ["#/a~1b", "#/\ud800"]),
        ({"lines": [LINE], "coupon": 5, "country": "Germany"}, ["#/coupon", "#/country"]),
        ({"lines": [LINE], "region": "BY"}, ["#/region"]),
        ({"lines": [LINE], "country": "JP", "region": "California"}, ["#/region"]),
    ],
)
def test_quote_question_out_of_bounds_is_refused(
    client: Client, body: dict[str, Any], named: list[str]
) -> None:
    answer = post(client, "markets/de/quote/", body)
    assert answer.status_code == 400
    assert faults(answer) == named


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" ", 400),
        (b"[1]", 400),
        (b'{"lines": NaN}', 400),
        (b"\xff", 400),
        (b"[" * 60_000, 400),
        (b'{"a": ' + b"9" * 10_000 + b"}", 400),
        (b" " * (64 * 1024 + 1), 413),
        (b" " * 3_000_000, 413),
    ],
)
def test_body_that_is_no_question_is_refused(client: Client, body: bytes, status: int) -> None:
    assert post(client, "markets/de/quote/", body).status_code == status


def test_other_content_types_and_methods_are_refused(client: Client) -> None:
    answer = client.post("/api/v1/markets/de/quote/", "{}", content_type="text/plain")
    assert answer.status_code == 415
    answer = client.put("/api/v1/markets/de/quote/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert client.post("/api/v1/markets/").headers["Allow"] == "GET, HEAD"


def test_unknown_market_and_address_are_not_found(client: Client) -> None:
    for path in ("markets/xx/prices/?sku=A", "markets/de", "nothing/", ""):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_problem_is_written_in_the_language_asked_for(client: Client) -> None:
    answer = client.get("/api/v1/markets/xx/prices/?sku=A&language=en")
    assert "Vary" not in answer.headers or "Accept-Language" not in answer.headers["Vary"]
    answer = client.get("/api/v1/markets/xx/prices/?sku=A", headers={"Accept-Language": "en"})
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize("wish", [{"explain": "1"}, {"at": "2026-12-01T00:00:00Z"}, {"group": "x"}])
def test_staff_wishes_of_others_are_refused(client: Client, wish: dict[str, str]) -> None:
    from django.contrib.auth import get_user_model

    answer = client.get("/api/v1/markets/de/prices/", {"sku": "A", **wish})
    assert answer.status_code == 403
    client.force_login(get_user_model().objects.create_user(email="s@example.org", is_staff=True))
    assert post(client, "markets/de/quote/", {"lines": [LINE]}, **wish).status_code == 403


@pytest.mark.parametrize(
    "wish", [{"explain": "yes"}, {"at": "2026-12-01"}, {"at": "2026-12-01T00:00:00"},
             {"at": "2026-13-01T00:00:00Z"}, {"group": "nobody"}, {"group": "\0"}],
)  # fmt: skip
def test_staff_wish_that_makes_no_sense_is_refused(
    admin_client: Client, wish: dict[str, str]
) -> None:
    answer = admin_client.get("/api/v1/markets/de/prices/", {"sku": "A", **wish})
    assert answer.status_code == 400
    assert faults(answer) == list(wish)


def test_sender_who_asks_too_often_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REQUESTS", 2)
    for _ in range(2):
        get(client, "markets/")
    answer = client.get("/api/v1/markets/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    other = client.get("/api/v1/markets/", REMOTE_ADDR="10.1.2.3")
    assert other.status_code == 200


def test_coupons_cannot_be_guessed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNKNOWN_COUPONS", 2)
    from markets.models import Market

    sku = sell(Market.objects.get(code="de")).sku
    for code in ("GUESS1", "GUESS2"):
        get(client, "markets/de/prices/", sku=sku, coupon=code)
    answer = client.get("/api/v1/markets/de/prices/", {"sku": sku, "coupon": "GUESS3"})
    assert answer.status_code == 429
    body = {"lines": [{"sku": sku, "quantity": 1}], "coupon": "GUESS3"}
    assert post(client, "markets/de/quote/", body).status_code == 429
    get(client, "markets/de/prices/", sku=sku)
