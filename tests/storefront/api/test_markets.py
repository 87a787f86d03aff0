"""The list of markets, which is the same for everybody and kept by caches."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.storefront.api.asking import get
from tests.storefront.pages.shelf import open_markets

pytestmark = pytest.mark.django_db


def test_markets_are_listed_with_what_a_caller_needs(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    markets = open_markets("de", "jp", "gb")
    markets["gb"].is_active = False
    markets["gb"].save()
    with django_assert_num_queries(3):
        found = get(client, "markets/", language="en")["markets"]
    assert [market["code"] for market in found] == ["de", "jp"]
    assert found[1] == {
        "code": "jp",
        "name": "Land jp",
        "currency": "JPY",
        "minor_unit_digits": 0,
        "prices_include_tax": True,
        "time_zone": "Europe/Berlin",
        "languages": [
            {"code": "ja", "locale": "ja_JP"},
            {"code": "en", "locale": "en_GB"},
        ],
        "countries": ["JP"],
    }


def test_answer_without_a_person_is_kept_by_caches(client: Client) -> None:
    open_markets("de")
    client.force_login(get_user_model().objects.create_user(email="ada@example.org"))
    answer = client.get("/api/v1/markets/?language=en")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Vary" not in answer.headers
    assert not answer.cookies
    tag = answer.headers["ETag"]
    again = client.get("/api/v1/markets/?language=en", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head("/api/v1/markets/?language=en")
    assert (head.status_code, head.content) == (200, b"")
