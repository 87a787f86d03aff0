from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from djmoney.money import Money

from markets.models import (
    BasePrice,
    ExchangeRate,
    ListPrice,
    Market,
    Price,
    PriceProposal,
    TaxRate,
)
from markets.pricing import derive_prices, set_base_price, set_manual_price
from tests.factories import make_tax_rate, make_variant
from tests.markets.rows import add_base_price, add_rates, bare_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser(email="boss@example.org"))
    return client


def page(model: type, verb: str = "changelist", *args: object) -> str:
    return reverse(f"admin:markets_{model.__name__.lower()}_{verb}", args=args)


def run(staff: Client, model: type, action: str, *ids: int) -> str:
    data = {"action": action, "_selected_action": [str(i) for i in ids]}
    return staff.post(page(model), data, follow=True).content.decode()


@pytest.mark.parametrize("model", [Market, Price, BasePrice, ExchangeRate, TaxRate])
def test_lists_and_pages_open(staff: Client, model: type[Market]) -> None:
    add_rates(as_of=timezone.now().date() - timedelta(days=1))
    add_base_price(make_variant(), "20.00", "USD")
    bare_market()
    make_tax_rate("FR")
    derive_prices(now=timezone.now())
    row = model.objects.all()[0]
    for address in (page(model), page(model) + "?in_force=now", page(model, "change", row.pk)):
        if "in_force" not in address or model not in (Market, ExchangeRate):
            assert staff.get(address).status_code == 200, address
    if admin.site._registry[model].has_add_permission(staff.get("/admin/").wsgi_request):
        assert staff.get(page(model, "add")).status_code == 200


def test_market_page_has_a_tab_for_each_language(staff: Client) -> None:
    html = staff.get(page(Market, "change", bare_market().pk)).content.decode()
    for field in ("name_en", "name_pt_br", "name_zh_hans", "name_ar"):
        assert f'name="{field}"' in html
    assert "ajax.googleapis.com" not in html


def test_market_action_derives_prices(staff: Client) -> None:
    add_base_price(make_variant())
    market = bare_market()
    assert "1 price changed." in run(staff, Market, "derive_again", market.pk)
    assert Price.objects.count() == 1


def test_price_form_sets_a_manual_price_over_the_derived(staff: Client) -> None:
    variant, market = make_variant(), bare_market()
    add_base_price(variant)
    derive_prices(now=timezone.now())
    data = {"variant": variant.pk, "market": market.pk, "new_amount": "17.77"}
    assert staff.post(page(Price, "add"), data).status_code == 302
    assert Price.objects.get(valid_to=None).amount == Money("17.77", "EUR")
    assert Price.objects.count() == 2


@pytest.mark.parametrize(
    ("amount", "says"), [("17.777", "finer"), ("0", "more than zero"), ("1e14", "14 digits")]
)
def test_price_form_refuses_an_amount_nobody_can_pay(staff: Client, amount: str, says: str) -> None:
    data = {"variant": make_variant().pk, "market": bare_market().pk, "new_amount": amount}
    answer = staff.post(page(Price, "add"), data)
    assert answer.status_code == 200
    assert says in answer.content.decode()


def test_price_action_ends_manual_prices(staff: Client) -> None:
    variant, market = make_variant(), bare_market()
    add_base_price(variant)
    price = set_manual_price(variant.pk, market, Decimal(5), now=timezone.now())
    assert "1 price is derived now." in run(staff, Price, "clear_manual", price.pk)
    assert Price.objects.get(valid_to=None).kind == "derived"


def test_price_action_on_a_past_price_leaves_the_one_in_force(staff: Client) -> None:
    variant, market = make_variant(), bare_market()
    add_base_price(variant)
    now = timezone.now()
    past = set_manual_price(variant.pk, market, Decimal(5), now=now - timedelta(days=2))
    set_manual_price(variant.pk, market, Decimal(6), now=now - timedelta(days=1))
    assert "0 prices are derived now." in run(staff, Price, "clear_manual", past.pk)
    assert Price.objects.get(valid_to=None).amount == Money(6, "EUR")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"new_amount": "1e14"}, "14 digits"),
        ({"min_quantity": "0"}, "price_from_one_unit"),
        ({"valid_to_0": "2001-01-01", "valid_to_1": "00:00"}, "ends before it begins"),
    ],
)
def test_price_list_form_refuses_with_words(
    staff: Client, changes: dict[str, str], says: str
) -> None:
    data = {
        "variant": make_variant().pk, "market": bare_market().pk, "new_amount": "5",
        "min_quantity": "1", **changes,
    }  # fmt: skip
    answer = staff.post(page(ListPrice, "add"), data)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not Price.objects.exists()


def test_base_price_form_closes_the_old_row_and_derives(staff: Client) -> None:
    variant, market = make_variant(), bare_market(endings="")
    old = add_base_price(variant, "20.00")
    data = {"variant": variant.pk, "amount_0": "30.00", "amount_1": "EUR", "cost": "12"}
    assert staff.post(page(BasePrice, "add"), data).status_code == 302
    old.refresh_from_db()
    assert old.valid_to is not None
    assert Price.objects.get(market=market).amount == Money(30, "EUR")


def test_planned_prices_wait_for_their_day(staff: Client) -> None:
    variant, market = make_variant(), bare_market(endings="")
    add_base_price(variant, "20.00")
    derive_prices(now=timezone.now())
    start = {"starts_at_0": "2035-05-01", "starts_at_1": "10:00:00"}
    data = {"variant": variant.pk, "market": market.pk, "new_amount": "17.77", **start}
    assert staff.post(page(Price, "add"), data).status_code == 302
    data = {"variant": variant.pk, "amount_0": "30.00", "amount_1": "EUR", **start}
    assert staff.post(page(BasePrice, "add"), data).status_code == 302
    shown = Price.objects.filter(valid_from__lte=timezone.now()).get()
    assert shown.amount == Money(20, "EUR")
    planned = Price.objects.get(valid_to=None)
    assert (planned.kind, planned.amount, planned.valid_from.year) == (
        "manual", Money("17.77", "EUR"), 2035,
    )  # fmt: skip
    html = staff.get(page(Price) + "?in_force=planned").content.decode()
    assert "17.77" in html
    assert "20.00" not in html


@pytest.fixture
def waiting() -> PriceProposal:
    variant = make_variant()
    bare_market(endings="", approval_limit=Decimal("0.10"))
    add_base_price(variant, "20.00")
    now = timezone.now() - timedelta(days=1)
    derive_prices(now=now)
    set_base_price(variant.pk, Money(25, "EUR"), cost=Decimal(15), now=now + timedelta(seconds=1))
    derive_prices(now=now + timedelta(seconds=1))
    return PriceProposal.objects.get()


def test_proposals_are_shown_as_a_diff(staff: Client, waiting: PriceProposal) -> None:
    html = staff.get(page(PriceProposal)).content.decode()
    for text in ("€20.00", "€25.00", "+25.0 %", "25.0 % → 40.0 %", "beyond the approval limit"):
        assert text in html, text
    assert staff.get(page(PriceProposal, "change", waiting.pk)).status_code == 200


def test_proposals_are_approved_in_bulk(staff: Client, waiting: PriceProposal) -> None:
    assert "1 price changed." in run(staff, PriceProposal, "approve", waiting.pk)
    assert Price.objects.get(valid_to=None).amount == Money(25, "EUR")
    waiting.refresh_from_db()
    assert (waiting.status, waiting.decided_by) == (
        "approved", get_user_model().objects.get(),
    )  # fmt: skip
    assert "€25.00" not in staff.get(page(PriceProposal)).content.decode()
    assert "€25.00" in staff.get(page(PriceProposal) + "?status=all").content.decode()
    # A double click, and a page that was open for too long.
    assert "1 proposal no longer applies." in run(staff, PriceProposal, "approve", waiting.pk)


def test_proposals_are_rejected_in_bulk(staff: Client, waiting: PriceProposal) -> None:
    assert "1 proposal rejected." in run(staff, PriceProposal, "reject", waiting.pk)
    assert Price.objects.get(valid_to=None).amount == Money(20, "EUR")


def test_only_who_may_change_proposals_decides(client: Client, waiting: PriceProposal) -> None:
    clerk = get_user_model().objects.create_user(email="clerk@example.org", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_priceproposal"))
    client.force_login(clerk)
    assert client.get(page(PriceProposal)).status_code == 200
    run(client, PriceProposal, "approve", waiting.pk)
    waiting.refresh_from_db()
    assert waiting.status == "pending"


@pytest.mark.parametrize(
    ("rate_day", "freeze", "says"),
    [
        (0, None, "runs"),
        (10, None, "stopped: no rate for EUR to price by"),
        (0, 1, "stopped: frozen until"),
    ],
)
def test_market_page_says_why_repricing_stops(
    staff: Client, rate_day: int, freeze: int | None, says: str
) -> None:
    today = timezone.now().date()
    add_rates({"USD": "1.1"}, as_of=today - timedelta(days=rate_day))
    ExchangeRate.objects.update(fetched_at=timezone.now() - timedelta(minutes=1))
    add_base_price(make_variant())
    until = timezone.now() + timedelta(days=freeze) if freeze else None
    market = bare_market("us", "USD", freeze_until=until)
    assert says in staff.get(page(Market, "change", market.pk)).content.decode()


def test_overlapping_tax_rates_are_refused_with_words(staff: Client) -> None:
    rate = make_tax_rate("FR", valid_from=date(2020, 1, 1))
    data = {
        "country": "FR", "region": "", "category": "standard", "percent": "20", "name": "TVA",
        "valid_from": "2026-01-01", "valid_to": "", "source": "",
    }  # fmt: skip
    answer = staff.post(page(TaxRate, "add"), data)
    assert "Another row is in force for a part of this time." in answer.content.decode()
    TaxRate.objects.filter(pk=rate.pk).update(valid_to=date(2026, 1, 1))
    assert staff.post(page(TaxRate, "add"), data).status_code == 302


@pytest.mark.parametrize("model", [Price, BasePrice, ExchangeRate])
def test_history_is_neither_changed_nor_deleted_by_hand(staff: Client, model: type[Market]) -> None:
    add_rates()
    add_base_price(make_variant())
    bare_market()
    derive_prices(now=timezone.now())
    row = model.objects.all()[0]
    assert staff.post(page(model, "change", row.pk), {}).status_code == 403
    assert staff.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_base_price_form_starts_in_the_currency_of_the_last(staff: Client) -> None:
    add_base_price(make_variant(), "20.00", "USD")
    form = staff.get(page(BasePrice, "add")).context["adminform"].form
    assert form["amount"].value() == [None, "USD"]
