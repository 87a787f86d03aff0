from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from payments.models import (
    MethodOffer,
    Payment,
    PaymentMethod,
    Refund,
    RiskAssessment,
    WebhookEvent,
)
from tests import factories
from tests.payments.paying import later, open_session, start

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(client: Client, django_user_model: Any) -> Client:
    user = django_user_model.objects.create_superuser(email="staff@example.com", password="x")
    client.force_login(user)
    return client


@pytest.mark.parametrize("model", ["paymentmethod", "payment", "refund", "webhookevent",
                                   "riskassessment"])  # fmt: skip
def test_list_and_row_shown(staff: Client, model: str) -> None:
    order = factories.make_order(factories.make_market())
    payment = factories.make_payment(order)
    rows = {
        "paymentmethod": payment.method,
        "payment": payment,
        "refund": Refund.objects.create(payment=payment, amount=payment.amount, operation_key="x"),
        "webhookevent": WebhookEvent.objects.create(event_id="evt_1", kind="x", payload={}),
        "riskassessment": RiskAssessment.objects.create(
            order=order, score=5, decision="accept", rules_version="v1", assessed_at=later(),
            reasons=[{"code": "is_first_order", "points": 5, "value": "yes"}],
        ),
    }  # fmt: skip
    assert staff.get(reverse(f"admin:payments_{model}_changelist")).status_code == 200
    page = staff.get(reverse(f"admin:payments_{model}_change", args=[rows[model].pk]))
    assert page.status_code == 200


def test_method_edited_in_every_language(staff: Client) -> None:
    factories.make_market()
    method = PaymentMethod.objects.create(code="card", gateway="stripe", name_en="Card")
    address = reverse("admin:payments_paymentmethod_change", args=[method.pk])
    content = staff.get(address).content.decode()
    for name in ("name_en", "name_ar", "hint_zh_hans", "name_pt_br"):
        assert f'name="{name}"' in content
    form = {
        "code": "card", "gateway": "stripe", "gateway_type": "card", "is_active": "on",
        "name_en": "Card", "name_de": "Karte", "offers-TOTAL_FORMS": "0",
        "offers-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert staff.post(address, form).status_code == 302
    assert PaymentMethod.objects.filter(pk=method.pk, name_de="Karte").exists()


def test_transfer_confirmed_by_an_action(staff: Client) -> None:
    market = factories.make_market()
    method = factories.make_method(market, "transfer", gateway="bank_transfer", gateway_type="")
    MethodOffer.objects.update(payee="Entrepot BV, NL00 BANK 0123 4567 89")
    payment = start(factories.make_order(market), method)
    open_session(payment)
    answer = staff.post(
        reverse("admin:payments_payment_changelist"),
        {"action": "confirm_transfer", "_selected_action": [payment.pk]},
    )
    assert answer.status_code == 302
    payment.refresh_from_db()
    assert payment.status == Payment.Status.CAPTURED


def test_webhook_applied_again_by_an_action(staff: Client) -> None:
    event = WebhookEvent.objects.create(
        event_id="evt_1", kind="x", payload={}, processed_at=later(), attempts=20
    )
    staff.post(
        reverse("admin:payments_webhookevent_changelist"),
        {"action": "replay", "_selected_action": [event.pk]},
    )
    event.refresh_from_db()
    assert (event.processed_at, event.attempts) == (None, 0)
