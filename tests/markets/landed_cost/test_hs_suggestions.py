"""Suggestions of HS codes in a real browser."""

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from markets.models import HsCode
from tests.conftest import NewPage
from tests.factories import make_variant


@pytest.mark.django_db(transaction=True)
def test_typing_words_suggests_codes_that_fit(
    live_server: LiveServer, new_page: NewPage, client: Client
) -> None:
    HsCode.objects.create(code="610910", description="T-shirts; of cotton", level=6)
    client.force_login(get_user_model().objects.create_superuser(email="boss@example.org"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    variant = make_variant()
    page = new_page(base_url=live_server.url)
    page.context.add_cookies([
        {"name": cookie.key, "value": cookie.value, "url": live_server.url}
    ])  # fmt: skip
    page.goto(f"/admin/catalog/variant/{variant.pk}/change/")
    field = page.locator("#id_hs_code")
    field.press_sequentially("cotton shirts")
    option = page.locator("#id_hs_code-codes option")
    expect(option).to_have_attribute("value", "610910")
    expect(option).to_have_attribute("label", "T-shirts; of cotton (cotton shirts)")
