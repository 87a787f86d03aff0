"""E-mails speak the order's language, whoever or whatever sends them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.utils import translation
from djmoney.money import Money

from fulfillment.models import Return, ReturnLine, Shipment, ShipmentLine
from orders.events import record_event
from orders.models import Order, OrderEvent
from payments.models import Payment, Refund
from storefront.notifications.models import SentMessage
from storefront.notifications.sending import send_message
from tests.factories import (
    NOW,
    make_market,
    make_order,
    make_payment,
    make_service,
    make_variant,
    make_warehouse,
)

pytestmark = pytest.mark.django_db


def order_of(language: str, locale: str, currency: str, price: str) -> Order:
    market = make_market(
        currency=currency, languages={language: locale}, countries=["DE"], code="xx"
    )
    return make_order(
        market,
        {make_variant(): 2},
        unit_price=price,
        language=language,
        locale=locale,
        promised_from=date(2026, 12, 1),
        promised_to=date(2026, 12, 3),
    )


def event(order: Order, kind: str, **data: int) -> OrderEvent:
    return record_event(order, kind, now=NOW, **data)


@pytest.mark.parametrize(
    ("language", "locale", "currency", "price", "subject", "total", "day"),
    [
        ("en", "en_GB", "GBP", "10.00", "Your order", "£20.00", "Tuesday, 1 December 2026"),
        ("de", "de_DE", "EUR", "10.00", "Bestellung", "20,00\xa0€", "Dienstag, 1. Dezember 2026"),
        ("ja", "ja_JP", "JPY", "1000", "ご注文", "￥2,000", "2026年12月1日火曜日"),
        ("ar", "ar_AE", "AED", "10.00", "طلب", "20.00", "الثلاثاء، 1 ديسمبر 2026"),
    ],
)  # fmt: skip
def test_confirmation_is_in_the_order_s_language_and_currency(
    language: str, locale: str, currency: str, price: str, subject: str, total: str, day: str
) -> None:
    order = order_of(language, locale, currency, price)

    with translation.override("fr"):  # The worker's own language must not matter.
        message = send_message(event(order, "payment_authorised"))

    assert message is not None
    sent = mail.outbox[0]
    assert subject in sent.subject
    assert order.number in sent.subject
    assert total in sent.body
    assert day in sent.body
    assert f"/xx-{language}/orders/{order.token}/" in sent.body
    assert isinstance(sent, mail.EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in html
    assert translation.get_language() == "en"


def test_order_is_confirmed_once_for_authorisation_and_capture() -> None:
    order = order_of("en", "en_GB", "GBP", "10.00")
    send_message(event(order, "payment_authorised"))
    assert send_message(event(order, "payment_captured")) is None
    assert len(mail.outbox) == 1


def test_message_is_sent_once_however_often_its_task_runs() -> None:
    order = order_of("en", "en_GB", "GBP", "10.00")
    happened = event(order, "order_cancelled")
    for _ in range(3):
        send_message(happened)
    assert len(mail.outbox) == 1


def test_message_that_could_not_be_sent_keeps_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = order_of("de", "de_DE", "EUR", "10.00")
    happened = event(order, "order_cancelled")

    def refuse(self: mail.EmailMultiAlternatives) -> int:
        raise ConnectionError("no post office")

    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMultiAlternatives, "send", refuse)
        with pytest.raises(ConnectionError):
            send_message(happened)
    waiting = SentMessage.objects.get(sent_at=None)

    send_message(happened)

    waiting = SentMessage.objects.exclude(sent_at=None).get()
    assert mail.outbox[0].subject == waiting.subject


def test_every_kind_of_message_is_written() -> None:
    order = order_of("en", "en_GB", "GBP", "10.00")
    line = order.lines.get()
    shipment = Shipment.objects.create(
        number="S-1",
        order=order,
        warehouse=make_warehouse(),
        service=make_service(),
        tracking_number="PL123",
        ship_by=NOW,
        promised_from=date(2026, 12, 1),
        promised_to=date(2026, 12, 3),
    )
    ShipmentLine.objects.create(shipment=shipment, order_line=line, quantity=2)
    goods_return = Return.objects.create(number="R-1", order=order, requested_at=NOW)
    ReturnLine.objects.create(goods_return=goods_return, order_line=line, quantity=1)
    payment = make_payment(order, status=Payment.Status.CAPTURED, captured=Decimal(20))
    amount: Any = Money("10.00", "GBP")
    refund = Refund.objects.create(payment=payment, amount=amount, operation_key="return:1")

    send_message(event(order, "payment_pending"))
    send_message(event(order, "shipment_dispatched", shipment=shipment.pk))
    send_message(event(order, "return_requested", **{"return": goods_return.pk}))
    send_message(event(order, "refund_succeeded", refund=refund.pk))

    assert [line.split(" ", 2)[0] for line in (m.subject for m in mail.outbox)] == [
        "How", "Your", "Your", "Your",
    ]  # fmt: skip
    pending, dispatched, returned, refunded = (str(message.body) for message in mail.outbox)
    assert "£20.00" in pending
    assert "PL123" in dispatched
    assert "R-1" in returned
    assert "£10.00" in refunded


def test_shopper_hears_that_a_parcel_is_late() -> None:
    order = order_of("en", "en_GB", "GBP", "10.00")
    shipment = Shipment.objects.create(
        number="S-late",
        order=order,
        warehouse=make_warehouse(),
        service=make_service(),
        ship_by=NOW,
        promised_from=date(2026, 12, 1),
        promised_to=date(2026, 12, 3),
    )
    late = record_event(
        order, "shipment_delayed", now=NOW, shipment=shipment.pk, expected_on="2026-12-09"
    )
    send_message(late)
    (sent,) = mail.outbox
    assert sent.subject == f"A parcel of your order {order.number} is late"
    assert "It is now expected on Wednesday, 9 December 2026." in sent.body
