"""Every page of the admin opens, and whatever is typed there is answered by the form."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import transaction
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from django.forms import BoundField, ChoiceField, DecimalField, IntegerField, ModelChoiceField
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from djmoney.forms.fields import MoneyField
from djmoney.money import Money

from catalog.models import (
    Attribute,
    AttributeChoice,
    Media,
    Option,
    OptionValue,
    ProductAttribute,
    VariantOption,
)
from fulfillment.models import StockLevel
from markets.models import BasePrice, CustomerGroup, Price, PriceProposal, RateAlarm, TaxRate
from markets.pricing import derive_prices
from orders.events import record_event
from orders.invoices import issue_invoice
from orders.models import CartLine, Order
from payments.models import Refund, WebhookEvent
from storefront.accounts.models import User
from storefront.admin_dashboard import dashboard, list_market_days
from storefront.admin_sidebar import navigation
from storefront.notifications.models import SentMessage
from tests import factories
from tests.fulfillment.rows import add_carrier_rows, add_supply
from tests.fulfillment.scenes import NOW, make_scene, send
from tests.markets.rows import add_base_price, add_rates
from tests.orders.invoicing import TEAPOT, make_entity, make_taxed_order
from tests.storefront.law_rows import add_law
from tests.storefront.staff.parcels import make_held_order, make_return, make_shipment
from tests.storefront.staff.people import log_in, make_merchant, make_packer, messages_of, text_of

pytestmark = pytest.mark.django_db
# What people type by mistake, and what programs send that try their luck.
_OTHER_LANGUAGES = ("de", "fr", "es", "br", "ja", "hans", "ar")
BAD_NUMBERS = ("-1", "999999999999999999", "1e400", "NaN")
BAD_TEXTS = ("", "x" * 400, "\x00")


@pytest.fixture
def merchant() -> Client:
    return log_in(make_merchant())


@pytest.fixture
def _rows() -> None:
    """A row of everything that the admin shows."""
    scene = make_scene()
    goods_return = make_return(scene)
    order = goods_return.order
    make_held_order(scene)
    payment = order.payments.get()
    amount: Any = Money("1.00", "EUR")
    Refund.objects.create(payment=payment, amount=amount, operation_key="r1")
    WebhookEvent.objects.create(gateway="stripe", event_id="evt_1", kind="x.y", payload={"a": 1})
    event = record_event(order, "order_cancelled", now=NOW, reason="risk")
    SentMessage.objects.create(
        event=event, order=order, kind="order_cancelled", language="de", recipient="a@example.org",
        subject="S", text="T", html="<p>T</p>",
    )  # fmt: skip
    CartLine.objects.create(cart=order.cart, variant=order.lines.get().variant, quantity=1)
    _goods(order)
    add_rates()
    EmailAddress.objects.create(user=User.objects.create_user("b@example.org"), email="b@e.org")
    Group.objects.create(name="Ops")
    _prices(order)
    add_law(order.market, order.lines.get().variant.product)
    sold = make_taxed_order(
        [TEAPOT], market=factories.make_market("pt", countries=["PT"], legal_entity=make_entity())
    )
    issue_invoice(sold.pk, supplied_on=NOW.date(), now=NOW)
    add_supply(scene, order.lines.get().variant)
    add_carrier_rows(scene, order.shipments.order_by("id")[0])


def _prices(order: Order) -> None:
    """Rows of prices and rates that derivation did not make."""
    CustomerGroup.objects.create(code="wholesale", name="Wholesale")
    variant = order.lines.get().variant
    price = Price.objects.filter(variant=variant, market=order.market).latest("valid_from")
    PriceProposal.objects.create(
        variant=variant, market=order.market, price=price, reason="large",
        base_price=BasePrice.objects.get(variant=variant), old_amount=10, new_amount=12,
        conversion=1, asked=12, target=12, created_at=NOW,
    )  # fmt: skip
    RateAlarm.objects.create(kind="stale", provider="ecb", currency="JPY", raised_at=NOW)
    factories.make_promotion(
        order.market, coupon="SAVE10", action="amount", amounts={"EUR": ("5", "50")}
    )


def _goods(order: Order) -> None:
    variant = order.lines.get().variant
    option = Option.objects.create(code="colour", name="Colour")
    value = OptionValue.objects.create(option=option, code="red", name="Red")
    VariantOption.objects.create(variant=variant, option=option, value=value)
    attribute = Attribute.objects.create(code="material", name="Material")
    choice = AttributeChoice.objects.create(attribute=attribute, code="clay", name="Clay")
    product = variant.product
    ProductAttribute.objects.create(product=product, attribute=attribute, choice=choice)
    Media.objects.create(product=product, source_url="https://pictures.example/1.jpg")
    product.category = factories.make_category(parent=factories.make_category())
    product.save()
    add_base_price(variant)
    derive_prices(now=timezone.now())


def page(model: type[Model], verb: str, *args: object) -> str:
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{verb}", args=args)


def form_data(response: Any) -> dict[str, Any]:
    """Give what a browser would send if the page were saved as it is."""
    data: dict[str, Any] = {}
    for bound in _fields(response):
        _flatten(data, bound.field.widget, bound.html_name, bound.value())
    return data


def mistakes(response: Any) -> Iterator[tuple[str, str]]:
    """Give what may be typed wrong, field by field; of the translated ones English will do."""
    for bound in _fields(response):
        if isinstance(bound.field, ChoiceField | ModelChoiceField) or bound.is_hidden:
            continue
        names: dict[str, Any] = {}
        _flatten(names, bound.field.widget, bound.html_name, bound.value())
        is_number = isinstance(bound.field, IntegerField | DecimalField | MoneyField)
        for name in names:
            if name.rsplit("_", 1)[-1] not in _OTHER_LANGUAGES:
                for value in BAD_NUMBERS if is_number else BAD_TEXTS:
                    yield name, value


def _fields(response: Any) -> Iterator[BoundField]:
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        yield from form


def _flatten(data: dict[str, Any], widget: Any, name: str, value: Any) -> None:
    if hasattr(widget, "widgets"):
        parts = widget.decompress(value)
        for suffix, inner, part in zip(widget.widgets_names, widget.widgets, parts, strict=True):
            _flatten(data, inner, name + suffix, part)
    elif value is not None and value is not False and not isinstance(value, FieldFile):
        # A checkbox that is not ticked and a file that is not sent are not there.
        data[name] = widget.format_value(value) if not isinstance(value, list) else value
        if data[name] is None:
            del data[name]


@pytest.mark.usefixtures("_rows")
def test_every_list_and_page_opens(merchant: Client) -> None:
    closed = {}
    for model, model_admin in admin.site._registry.items():
        row: Any = model._default_manager.first()
        assert row is not None, model
        addresses = [page(model, "changelist"), page(model, "change", row.pk)]
        if model_admin.search_fields:
            addresses.append(page(model, "changelist") + "?q=a")
        if model_admin.has_add_permission(_request()):
            addresses.append(page(model, "add"))
        for address in addresses:
            if (status := merchant.get(address).status_code) != 200:
                closed[address] = status
    assert closed == {}


@pytest.mark.usefixtures("_rows")
def test_every_form_saves_what_it_shows(merchant: Client) -> None:
    errors = {}
    for model, model_admin in admin.site._registry.items():
        row: Any = model._default_manager.first()
        if not model_admin.has_change_permission(_request(), row):
            continue
        address = page(model, "change", row.pk)
        answer = merchant.post(address, form_data(merchant.get(address)))
        if answer.status_code != 302:
            errors[address] = _errors(answer)
    assert errors == {}


@pytest.mark.usefixtures("_rows")
def test_row_that_is_there_already_is_refused_or_added(merchant: Client) -> None:
    for model, model_admin in admin.site._registry.items():
        row: Any = model._default_manager.first()
        if not model_admin.has_add_permission(_request()):
            continue
        source = page(model, "add")
        if model_admin.has_change_permission(_request(), row):
            source = page(model, "change", row.pk)
        answer = merchant.post(page(model, "add"), form_data(merchant.get(source)))
        assert answer.status_code in (200, 302), model


@pytest.mark.usefixtures("_rows")
def test_every_form_answers_nonsense(merchant: Client) -> None:
    asked = 0
    for model, model_admin in admin.site._registry.items():
        row: Any = model._default_manager.first()
        is_changed = model_admin.has_change_permission(_request(), row)
        if not is_changed and not model_admin.has_add_permission(_request()):
            continue
        key = str(row.pk) if is_changed else None
        address = page(model, "change", row.pk) if is_changed else page(model, "add")
        shown = merchant.get(address)
        data = form_data(shown)
        for name, value in mistakes(shown):
            # Not through the client: each answer would be written out, and that takes minutes.
            request: Any = RequestFactory().post(address, data | {name: value})
            request.user, request._dont_enforce_csrf_checks = _request().user, True
            request.session, request._messages = {}, CookieStorage(request)
            request.resolver_match = resolve(address)
            with transaction.atomic():
                answer = model_admin.changeform_view(request, key, "", {})
                transaction.set_rollback(True)
            asked += 1
            assert answer.status_code in (200, 302), (address, name, value)
    assert asked > 100


def _errors(response: Any) -> list[Any]:
    found = [response.context["adminform"].form.errors]
    for inline in response.context["inline_admin_formsets"]:
        found += [inline.formset.errors, inline.formset.non_form_errors()]
    return [error for error in found if error]


def _request(user: User | None = None) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = user or User.objects.filter(is_superuser=True).first() or make_merchant()
    return request


@pytest.mark.usefixtures("_rows")
def test_tax_rate_that_overlaps_is_refused_in_words(merchant: Client) -> None:
    first = TaxRate.objects.all()[0]
    data = {"country": first.country, "region": "", "category": first.category_id, "name": "VAT",
            "percent": "7", "valid_from": "2021-01-01", "valid_to": ""}  # fmt: skip
    answer = merchant.post(page(TaxRate, "add"), data)
    assert answer.status_code == 200
    assert len(answer.context["adminform"].form.errors) == 1
    assert "Constraint" not in text_of(answer)


def test_order_page_speaks_in_words(merchant: Client) -> None:
    scene = make_scene()
    shipment = make_shipment(scene)
    send(shipment)
    order = shipment.order
    words = text_of(merchant.get(page(Order, "change", order.pk)))
    for expected in (
        "€154.62", "It keeps the promised day.", "W0 · Carrier Standard",
        "not enough in stock", f"{shipment.number} left with Carrier, tracking number T1.",
    ):  # fmt: skip
        assert expected in words
    assert "&quot;" not in words
    held = make_held_order(scene)
    words = text_of(merchant.get(page(Order, "change", held.pk)))
    assert "Risk 62 of 100: review" in words
    assert "Billing and delivery are in different countries. (+15)" in words


def decide(client: Client, action: str, order: Order) -> list[str]:
    data = {"action": action, "_selected_action": [str(order.pk)]}
    return messages_of(client.post(page(Order, "changelist"), data, follow=True))


def test_order_is_released_and_cancelled_once(merchant: Client) -> None:
    order = make_held_order(make_scene())
    assert decide(merchant, "release", order) == [f"{order.number} is released."]
    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    [refusal] = decide(merchant, "release", order)
    assert refusal == f"Nothing changed: {order.number} is already in the state “released”."
    assert decide(merchant, "cancel", order) == [
        f"{order.number} is cancelled. The shopper gets the money back."
    ]


def test_order_whose_parcel_has_left_is_not_cancelled(merchant: Client) -> None:
    shipment = make_shipment(make_scene())
    send(shipment)
    [refusal] = decide(merchant, "cancel", shipment.order)
    assert "a parcel of" in refusal
    assert Order.objects.get(pk=shipment.order_id).status == Order.Status.RELEASED


def test_order_page_has_no_buttons_for_who_only_reads(merchant: Client) -> None:
    order = make_held_order(make_scene())
    packer = log_in(make_packer())
    assert b'value="cancel"' in merchant.get(page(Order, "change", order.pk)).content
    assert b'value="cancel"' not in packer.get(page(Order, "change", order.pk)).content
    assert decide(packer, "cancel", order) == []
    assert Order.objects.get(pk=order.pk).status == Order.Status.ON_HOLD


def test_sidebar_has_every_model_once() -> None:
    groups = navigation(_request())
    links = [item["link"] for group in groups[1:] for item in group["items"]]
    assert sorted(links) == sorted(page(model, "changelist") for model in admin.site._registry)


def test_sidebar_leaves_out_what_one_may_not_see() -> None:
    titles = [str(group["title"]) for group in navigation(_request(make_packer()))]
    assert titles == ["", "Orders", "Fulfilment", "Stock"]


def test_dashboard_counts_and_leads_to_the_rows(merchant: Client) -> None:
    scene = make_scene()
    make_held_order(scene)
    shipment = make_shipment(scene)
    make_return(scene)
    StockLevel.objects.filter(variant=shipment.lines.get().order_line.variant).update(reserved=50)
    cards = {card.name: card for card in dashboard(_request(), {})["cards"]}
    assert {name: card.number for name, card in cards.items()} == {
        "Orders on hold": "1",
        "Parcels to ship": "1",
        "Returns under way": "1",
        "Variants sold out": "1",
        "Age of the stock audit": "–",
        "Age of the exchange rates": "–",
    }
    watch = cards.pop("Age of the stock audit")
    assert merchant.get(watch.link).status_code == 200
    for card in cards.values():
        rows = merchant.get(card.link).context["cl"].result_count
        assert str(rows) == card.number.replace("–", "0"), card.name


def test_dashboard_counts_orders_since_midnight_in_the_market(merchant: Client) -> None:
    market = make_scene().market
    # 23:30 on the 23rd in Berlin, and 00:30 on the 24th.
    for hour in (22, 23):
        factories.make_order(market, placed_at=NOW.replace(day=23, hour=hour, minute=30))
    [day] = list_market_days(now=NOW)
    assert day.orders == 1
    assert merchant.get(day.link).context["cl"].result_count == 1
